"""Keys are given by reference, fetched only for a real exchange, and shown to nobody."""

import pytest

from config.credentials import Secret
from config.source.files import FileContent
from tests.config.loaded import KEYS, LIVE, PAPER, golden, loaded, refusal
from trading.core.errors import FatalReason

KEY, SECRET = KEYS["VALR_API_KEY"], KEYS["VALR_API_SECRET"]
IN_FILE = LIVE.replace('{ env = "VALR_API_SECRET" }', '{ file = "/run/secret" }')


def test_a_key_is_fetched_from_the_environment() -> None:
    credentials = loaded(LIVE, environment=KEYS).credentials
    assert credentials is not None
    assert credentials.api_key.reveal() == KEY
    assert credentials.api_secret.reveal() == SECRET
    assert credentials.subaccount_id is None


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_key_is_fetched_from_a_file_of_ones_own(end: str) -> None:
    files = {"/run/secret": FileContent(f"{SECRET}{end}".encode(), 0o600)}
    credentials = loaded(IN_FILE, environment=KEYS, other_files=files).credentials
    assert credentials is not None
    assert credentials.api_secret.reveal() == SECRET


def test_a_secret_shows_itself_to_nobody() -> None:
    credentials = loaded(LIVE, environment=KEYS).credentials
    for shown in (repr(credentials), str(credentials), f"{Secret(SECRET)} {Secret(SECRET)!r}"):
        assert SECRET not in shown
        assert "[redacted]" in shown


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "is not set"),
        ("", "is empty"),
        (" \t", "holds only white space"),
        (f'"{SECRET}"', "has quote marks around the key"),
        (f"{SECRET} ", "has white space in or around the key"),
        (f"{SECRET}\x07", "holds characters that no key has"),
        ("hunter2", "is too short to be a key"),
    ],
)
def test_what_is_obviously_no_key_is_refused_without_showing_it(
    value: str | None, said: str
) -> None:
    environment = {"VALR_API_KEY": KEY} | ({} if value is None else {"VALR_API_SECRET": value})
    problems = refusal(LIVE, environment=environment)
    assert golden(problems)[0] == (
        "test.toml:9:13: venue.credentials.api_secret: "
        f"the environment variable VALR_API_SECRET {said}"
    )
    assert problems.reason is FatalReason.KEY_OR_PERMISSION
    assert SECRET not in str(problems)
    assert "hunter2" not in str(problems)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(mode: int) -> None:
    files = {"/run/secret": FileContent(SECRET.encode(), mode)}
    problems = refusal(IN_FILE, environment=KEYS, other_files=files)
    assert golden(problems) == [
        (
            "test.toml:9:13: venue.credentials.api_secret: "
            f"the file /run/secret is open to others (mode {mode:04o})"
        ),
        "    cure: chmod 600 /run/secret",
    ]
    assert problems.reason is FatalReason.KEY_OR_PERMISSION


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "cannot be read: No such file or directory"),
        ({"/run/secret": FileContent(b"\xff" * 20, 0o600)}, "is not UTF-8 text"),
        ({"/run/secret": FileContent(b"", 0o600)}, "is empty"),
    ],
)
def test_a_file_without_a_key_is_refused(files: dict[str, FileContent | bytes], said: str) -> None:
    problems = refusal(IN_FILE, environment=KEYS, other_files=files)
    assert golden(problems)[0].endswith(f"api_secret: the file /run/secret {said}")
    assert problems.reason is FatalReason.KEY_OR_PERMISSION


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f'"{SECRET}"', "a key is given by reference, never by value"),
        (f'{{ value = "{SECRET}" }}', "names no place, or several, where the key is kept"),
        ('{ env = "A", file = "b" }', "names no place, or several, where the key is kept"),
        ("{ env = 3 }", "env is not a name"),
        (f'{{ env = "{SECRET}" }}', "env is not the name of an environment variable"),
    ],
)
def test_a_key_by_value_is_refused_without_showing_it(written: str, said: str) -> None:
    text = LIVE.replace('{ env = "VALR_API_SECRET" }', written)
    secret_first = {"VALR_API_KEY": KEY}
    problems = refusal(text.replace("fedcba", "9fedcba"), environment=secret_first)
    assert golden(problems)[0] == f"test.toml:9:13: venue.credentials.api_secret: {said}"
    assert "9876543210" not in str(problems)


def test_a_real_exchange_needs_a_key() -> None:
    text = "\n".join(line for line in LIVE.splitlines() if "credentials" not in line)
    problems = refusal(text)
    assert golden(problems) == [
        "test.toml:4:2: venue: names a real exchange, but no key to it",
        "    cure: add [venue.credentials]",
    ]
    assert problems.reason is FatalReason.KEY_OR_PERMISSION


def test_the_same_text_for_both_is_refused() -> None:
    problems = refusal(LIVE, environment={"VALR_API_KEY": KEY, "VALR_API_SECRET": KEY})
    assert golden(problems)[0].endswith("api_secret: is the same text as api_key")


def test_any_other_problem_goes_before_a_key_problem() -> None:
    problems = refusal(LIVE, "engine.seed=-1")
    assert len(problems.problems) == 3
    assert problems.reason is FatalReason.CONFIGURATION


def test_paper_trading_fetches_no_key_and_needs_none() -> None:
    paper = PAPER + '[venue.credentials]\napi_key = { env = "A" }\napi_secret = { file = "b" }\n'
    settings = loaded(paper, environment={"A": KEY})
    assert settings.credentials is None
    assert settings.venue.simulated
