"""
The address in a URL that a user has given. Only it uses httpx, as browsers read URLs.

It lies apart from the client: httpx loads a command line of its own, and few runs have such a URL.
"""

import httpx

from actors.net.network import Address, own_port


def parsed(url: str) -> tuple[Address, str]:
    """The address and the path, with its query, of a URL."""
    whole = httpx.URL(url)
    tls = whole.scheme == "https"
    port = whole.port or own_port(tls=tls)
    return Address(host=whole.host, port=port, tls=tls), whole.raw_path.decode()
