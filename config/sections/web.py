"""The section ``[web]``, which only the process of the web page reads."""

import re
from typing import Annotated

import attrs

from config.rules.rules import Text, shown
from config.source.problems import Refused

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?", re.ASCII)


@attrs.frozen
class Hosts:
    """Names of hosts, each perhaps with a port, read as a tuple."""

    def read(self, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(self._host(one) for one in values))

    @staticmethod
    def _host(value: object) -> str:
        text = Text().read(value).lower()
        if not _HOST.fullmatch(text):
            raise Refused(f"{shown(text)} is no name of a host", 'write, for example, "desk:8470"')
        return text


@attrs.frozen(kw_only=True)
class WebSettings:
    """
    The web page.

    Args:
        hosts: Names, beside 127.0.0.1 and localhost, by which a browser may ask for the page:
            those of a proxy before it. The page itself is served on this machine's loopback
            address alone.
    """

    hosts: Annotated[tuple[str, ...], Hosts()] = ()
