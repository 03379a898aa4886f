"""The doctor's steps of the network up to the venue: names, connections, encryption."""

from collections.abc import Sequence
from ipaddress import ip_address

import trio

from actors.net.network import Address
from actors.net.trust import secured
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine
from trading.core.errors import Outage


async def check_names(examination: DoctorContext) -> Finding:
    """Check that the venue's host names resolve."""
    found = []
    for host in sorted({address.host for address in _doors(examination)}):
        if _is_address(host):
            found.append(f"{host} is an address itself")
            continue
        try:
            addresses = await examination.machine.addresses(host)
        except OSError as error:
            return failure(
                f"{host} does not resolve: {error.strerror or error}",
                "look for a mistake in venue.rest_url and venue.websocket_url, then at this"
                " machine's DNS and network",
            )
        found.append(f"{host} is {', '.join(addresses)}")
    return fine("; ".join(found))


async def check_connections(examination: DoctorContext) -> Finding:
    """Check that the venue's addresses accept connections."""
    doors = _doors(examination)
    for address in doors:
        stream = await _connected(examination, address)
        await trio.aclose_forcefully(stream)
    return fine(f"connected to {_listed(doors)}")


async def check_encryption(examination: DoctorContext) -> Finding:
    """Check the certificates of the venue's addresses."""
    secure = [address for address in _doors(examination) if address.tls]
    if not secure:
        return fine("not used: nothing leaves this machine")
    until = []
    for address in secure:
        plain = await _connected(examination, address)
        try:
            with trio.fail_after(examination.settings.venue.connect_deadline_s):
                stream = await secured(plain, address.host)
        except Outage as outage:
            return failure(
                f"{address.authority}: {outage}",
                "somebody between here and the venue may be reading along: do not trade over this"
                " network. Look at the URL, this machine's time and its CA certificates (the"
                " system's, or those that SSL_CERT_FILE names)",
            )
        certificate = stream.getpeercert()
        until.append(f"{address.authority} until {certificate['notAfter']}")
        await trio.aclose_forcefully(stream)
    return fine(f"certificates are trusted: {'; '.join(until)}")


def _doors(examination: DoctorContext) -> Sequence[Address]:
    return tuple(dict.fromkeys((examination.party.rest(), examination.party.sockets())))


def _listed(doors: Sequence[Address]) -> str:
    return ", ".join(f"{address.host}:{address.port}" for address in doors)


async def _connected(examination: DoctorContext, address: Address) -> trio.abc.Stream:
    with trio.fail_after(examination.settings.venue.connect_deadline_s):
        return await examination.world.network.connect(address.host, address.port)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
