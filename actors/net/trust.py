"""TLS connections, with one set of trusted certificates for REST, sockets and the doctor."""

import functools
import ssl

import trio

from actors.net.immediate_sends import ImmediateSends
from actors.net.large_reads import LargeReads
from actors.net.network import Address, Network
from trading.core.errors import Outage

_EXPIRED, _NOT_YET_VALID, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
"""Numbers of OpenSSL's: X509_V_ERR_CERT_HAS_EXPIRED and its like."""

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
"""OpenSSL's reasons for an error when the other side does not speak TLS."""

_NO_COMMON_PROTOCOL = frozenset(
    {
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "NO_PROTOCOLS_AVAILABLE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        "BAD_PROTOCOL_VERSION_NUMBER",
    }
)


@functools.cache
def trust() -> ssl.SSLContext:
    """
    This machine's trusted certificates; read once for the process, as that takes 15 ms.

    They are the system's, or those that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` name in the
    environment, such as a company's own authority.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def reached(network: Network, address: Address) -> trio.abc.Stream:
    """
    A new connection to an address, encrypted where the address asks for it.

    Raises:
        Outage: No connection comes about; the cause is named.
    """
    try:
        stream = ImmediateSends(await network.connect(address.host, address.port))
        return await secured(stream, address.host) if address.tls else stream
    except Outage as outage:
        raise Outage(f"{address.host} cannot be reached: {outage}") from outage


async def secured(stream: trio.abc.Stream, host: str) -> trio.SSLStream[trio.abc.Stream]:
    """
    Encrypt a stream to a host, and verify the host's certificate.

    On any failure the given stream is closed.

    Raises:
        Outage: The certificate is not trusted, or there is no encryption; the cause is named.
            Nothing was sent.
    """
    large = LargeReads(stream)
    tls = trio.SSLStream[trio.abc.Stream](
        large, trust(), server_hostname=host, https_compatible=True
    )
    try:
        await tls.do_handshake()
    except trio.BrokenResourceError as error:
        await trio.aclose_forcefully(stream)
        raise Outage(tls_trouble(error)) from error
    except trio.Cancelled:
        await trio.aclose_forcefully(stream)
        raise
    return tls


def tls_trouble(error: trio.BrokenResourceError) -> str:
    """Why there is no encrypted connection, as far as is known."""
    cause = error.__cause__
    match cause:
        case ssl.SSLCertVerificationError(verify_code=code, verify_message=words):
            if code == _EXPIRED:
                return f"its certificate has expired, or this machine's clock is wrong: {words}"
            if code == _NOT_YET_VALID:
                return f"its certificate is not valid yet, or this clock is wrong: {words}"
            if code in {_OTHER_NAME, _OTHER_ADDRESS}:
                return f"its certificate is for another name: {words}"
            return f"its certificate is not trusted: {words}"
        case ssl.SSLError(reason=reason) if reason in _NO_TLS:
            return "whoever answers does not speak TLS"
        case ssl.SSLError(reason=reason) if reason in _NO_COMMON_PROTOCOL:
            return f"no TLS protocol that both sides speak: {cause}"
        case None | ssl.SSLEOFError():
            return "the connection ended during the TLS handshake"
        case _:
            return f"no TLS handshake: {cause}"
