"""Keys by reference: where a configuration says a key is kept, and how it is fetched from there."""

import re
from collections.abc import Mapping

import attrs

from config.source.files import Files
from config.source.problems import Refused, cut
from trading.core.errors import FatalReason

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_KEY_LENGTH_MIN = 8
_OTHERS_MAY_READ = 0o077
_REDACTED = "[redacted]"


@attrs.frozen
class Secret:
    """Text that no log, traceback or message may show; ``reveal`` is the only way to it."""

    _text: str = attrs.field(repr=lambda _: _REDACTED)

    def reveal(self) -> str:
        return self._text


@attrs.frozen(kw_only=True)
class SecretReference:
    """
    Where a secret is kept: exactly one of the two.

    Args:
        env: Name of an environment variable.
        file: Path of a file that only its owner may read.
    """

    env: str | None = None
    file: str | None = None


@attrs.frozen
class Reference:
    """Reads a ``SecretReference``. No message shows a value: it may be the key itself."""

    def read(self, value: object) -> SecretReference:
        cure = 'write { env = "NAME_OF_A_VARIABLE" } or { file = "PATH" }'
        if not isinstance(value, dict):
            raise Refused("a key is given by reference, never by value", cure)
        if len(value) != 1 or not set(value) <= {"env", "file"}:
            raise Refused("names no place, or several, where the key is kept", cure)
        [(kind, place)] = value.items()
        if not isinstance(place, str) or not place.strip():
            raise Refused(f"{kind} is not a name", cure)
        if kind == "env" and not _ENVIRONMENT_NAME.fullmatch(place):
            raise Refused("env is not the name of an environment variable", cure)
        return SecretReference(**{kind: place})


@attrs.frozen
class References:
    """Reads a list of references; one alone will do."""

    def read(self, value: object) -> tuple[SecretReference, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(Reference().read(one) for one in values)


@attrs.frozen(kw_only=True)
class Credentials:
    """
    What requests to the venue are signed with.

    Args:
        subaccount_id: The subaccount that a primary account's key acts for.
    """

    api_key: Secret
    api_secret: Secret
    subaccount_id: str | None = None


def resolve(reference: SecretReference, environment: Mapping[str, str], files: Files) -> Secret:
    """
    Fetch a secret.

    Raises:
        Refused: It is not there, badly kept, or obviously no key. The value is never shown.
    """
    if reference.env is not None:
        name = reference.env
        return Secret(_checked(environment.get(name), f"the environment variable {name}"))
    assert reference.file is not None
    path = reference.file
    return Secret(_checked(_read(path, files), f"the file {cut(path)}"))


def _read(path: str, files: Files) -> str:
    where = f"the file {cut(path)}"
    try:
        content = files.read(path)
    except (OSError, ValueError) as error:
        reason = cut(getattr(error, "strerror", None) or str(error))
        raise key_trouble(
            f"{where} cannot be read: {reason}", "put the key there, readable by you"
        ) from None
    if content.mode & _OTHERS_MAY_READ:
        raise key_trouble(
            f"{where} is open to others (mode {content.mode:04o})", f"chmod 600 {cut(path)}"
        )
    try:
        # One line end, as editors and echo leave behind, is no part of the key.
        return content.data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise key_trouble(f"{where} is not UTF-8 text", "put only the key there") from None


def _checked(text: str | None, where: str) -> str:
    cure = "put the key there, and nothing else"
    if text is None:
        raise key_trouble(f"{where} is not set", "set it before starting the engine")
    complaints = (
        (not text, "is empty"),
        (not text.strip(), "holds only white space"),
        (text[:1] in "\"'" or text[-1:] in "\"'", "has quote marks around the key"),
        (any(character.isspace() for character in text), "has white space in or around the key"),
        (not (text.isascii() and text.isprintable()), "holds characters that no key has"),
        (len(text) < _KEY_LENGTH_MIN, "is too short to be a key"),
    )
    for is_so, complaint in complaints:
        if is_so:
            raise key_trouble(f"{where} {complaint}", cure)
    return text


def key_trouble(message: str, cure: str) -> Refused:
    """A complaint about a key: it has an exit code of its own."""
    return Refused(message, cure, reason=FatalReason.KEY_OR_PERMISSION)
