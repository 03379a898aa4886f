"""A recorded market's mid prices in a result."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.reports.market import Market, WrongMarket, with_market
from tests.support.runs import D, S, a_result, a_run, a_run_fill
from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.research.dataset_mids import BareRecord
from trading.research.figures import mid_path
from trading.research.stated import stated
from trading.research.worth import captured


def a_market(pair: str = "DOGEUSDT", begin: int = 0) -> Market:
    def records(from_ns: int, to_ns: int) -> Iterator[BareRecord]:
        level, last = int(Kind.LEVEL), int(Flags.LAST)
        yield begin * S, begin * S, 9990, 1, 0, level, int(RecordSide.BUY), 0
        yield begin * S, begin * S, 10010, 1, 0, level, int(RecordSide.SELL), last
        yield to_ns, to_ns, 10010, 2, 0, level, int(RecordSide.SELL), last

    return Market(
        name="data/doge",
        digest="9d",
        pair=pair,
        tick=Decimal("0.01"),
        latency_max_ns=5,
        records=records,
    )


def test_the_runs_on_its_pair_have_its_mid_prices() -> None:
    here = a_run(a_run_fill(1, Side.BUY, "99", "2"))
    elsewhere = a_run(pair=Pair("BTCUSDT"))
    result = with_market(a_result(here, elsewhere), a_market())
    assert (result.head.data, result.head.data_digest) == ("data/doge", "9d")
    with_mids, without = result.runs
    assert stated(captured(with_mids.fills, mid_path(with_mids))).money == D(2)
    assert with_mids.tick == D("0.01")
    assert without == elsewhere


def test_a_market_of_another_pair_or_another_time_is_refused() -> None:
    with pytest.raises(WrongMarket, match="a market of BTCUSDT, and what was traded is: DOGEUSDT"):
        with_market(a_result(a_run()), a_market("BTCUSDT"))
    with pytest.raises(WrongMarket, match="no price in the time of what was traded: 1970"):
        with_market(a_result(a_run()), a_market(begin=500))
