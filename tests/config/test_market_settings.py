"""What public market data needs of a configuration: where it is, and neither strategy nor key."""

import pytest

from config.load.loading import MarketSettings, load_market
from config.sections.simulator import SimulatorSettings
from config.settings import VenueSettings
from config.source.files import WithoutFile
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS
from tests.config.memory_files import MemoryFiles
from trading.venues.valr.subscriptions import BookFeed

VENUE = (
    '[venue]\nkind = "valr"\nrest_url = "https://api.valr.com"\n'
    'websocket_url = "wss://api.valr.com"\n'
)


def _read(text: str, *overrides: str) -> MarketSettings:
    files = MemoryFiles({"venue.toml": text.encode()})
    return load_market("venue.toml", overrides, INSTRUMENTS, files=files)


def test_a_key_is_neither_needed_nor_fetched() -> None:
    key = '[venue.credentials]\napi_key = { env = "NONE" }\napi_secret = { env = "NONE" }\n'
    for text in (VENUE, VENUE + key, f"{VENUE}[strategies]\n[engine]\nname = 7\n"):
        market = _read(text)
        assert not market.venue.simulated
        assert market.venue.websocket_url == "wss://api.valr.com"


def test_without_a_file_it_is_the_simulated_exchange() -> None:
    market = load_market("none", ("venue.kind=valr",), INSTRUMENTS, files=WithoutFile())
    assert market == MarketSettings(venue=VenueSettings(kind="valr"), simulator=SimulatorSettings())


def test_what_is_overridden_goes_before_the_file() -> None:
    assert _read(VENUE, "venue.book_feed=FULL_ORDERBOOK_UPDATE").venue.feed == BookFeed.FULL.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kind"),
        ('[venue]\nkind = "valr"\nrest_url = "https://api.valr.com"\n', "websocket_url is not"),
        ('[venue]\nkind = "valr"\n[simulator]\nflow = "recording"\nrecording = "none"\n', "none"),
        ('[venue]\nkind = "valr"\n[simulator]\nacounts = 3\n', "did you mean accounts?"),
    ],
)
def test_what_is_wrong_there_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigurationProblems) as problems:
        _read(text)
    assert said in str(problems.value)
