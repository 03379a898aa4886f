"""Exit codes are a promise to scripts."""

from engine.process.exit_codes import EXIT_CODES, ExitCode
from trading.core.errors import FatalReason


def test_exit_codes_never_change() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "FAILURE": 1,
        "USAGE": 2,
        "NO_INPUT": 66,
        "VENUE_UNAVAILABLE": 69,
        "STUCK": 70,
        "CANNOT_CREATE": 73,
        "IO_ERROR": 74,
        "TRY_AGAIN": 75,
        "KEY_OR_PERMISSION": 77,
        "CONFIGURATION": 78,
        "FORCED": 130,
    }


def test_every_fatal_reason_has_one_and_none_is_success() -> None:
    assert set(EXIT_CODES) == set(FatalReason)
    assert ExitCode.OK not in EXIT_CODES.values()
