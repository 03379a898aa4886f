"""The addresses that messages go to, fetched from where a configuration says they are kept."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import attrs

from config.credentials import Secret, SecretReference, resolve
from config.settings import Settings
from config.source.files import DISK, Files
from config.source.locator import KeyPath
from config.source.problems import ConfigurationProblems, Problem, Refused


@attrs.frozen(kw_only=True)
class AlertAddresses:
    """
    What only the process that sends may see.

    Args:
        to: URLs of Apprise.
        heartbeat: A URL to fetch; ``None`` for none.
    """

    to: tuple[Secret, ...] = ()
    heartbeat: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All of them."""
        return (*self.to, *([] if self.heartbeat is None else [self.heartbeat]))


def alert_addresses(
    settings: Settings,
    environment: Mapping[str, str],
    files: Files = DISK,
    require: Callable[[], None] = lambda: None,
) -> AlertAddresses:
    """
    Fetch them.

    That is no part of loading: a command that stops an engine must work without them.

    Args:
        environment: Where addresses given by reference may be kept.
        require: Raises ``Refused`` if what sends messages is not there.

    Raises:
        ConfigurationProblems: One is not there, or badly kept; it holds everything that is wrong.
    """
    problems: list[Problem] = []

    def fetched(
        reference: SecretReference | None,
        key: KeyPath,
        require_form: Callable[[Secret], None],
    ) -> Secret | None:
        if reference is None:
            return None
        try:
            address = resolve(reference, environment, files)
            require_form(address)
        except Refused as refused:
            problems.append(settings.source.problem(key, refused))
            return None
        return address

    alerts = settings.alerts
    found = [fetched(one, ("alerts", "to"), _require_url) for one in alerts.to]
    heartbeat = fetched(alerts.heartbeat_url, ("alerts", "heartbeat_url"), _require_web_address)
    if alerts.to:
        try:
            require()
        except Refused as refused:
            problems.append(settings.source.problem(("alerts", "to"), refused))
    if problems:
        raise ConfigurationProblems(problems)
    return AlertAddresses(to=tuple(one for one in found if one is not None), heartbeat=heartbeat)


def _require_url(address: Secret) -> None:
    # Not shown: it holds a token or a password.
    if "://" not in address.reveal():
        raise Refused(
            "holds no address",
            "put a URL there, such as ntfys://TOPIC or mailtos://USER:PASSWORD@HOST",
        )


def _require_web_address(address: Secret) -> None:
    """It is fetched by the engine itself, which speaks HTTP and nothing else."""
    try:
        parts = urlsplit(address.reveal())
        port = parts.port  # not a number, or none that there is
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise Refused(
            "holds no address of the web", "put a URL there, such as https://hc-ping.com/ID"
        )
