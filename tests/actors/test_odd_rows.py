"""A row that is not ours may be as odd as it likes; one that is, or may be, ours is named."""

import attrs
import msgspec
import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock
from typing_extensions import override

from actors.account.account import AccountActor
from actors.market.trading_rules import TradingRulesActor
from actors.net.venue_rest import VenueRest
from actors.orders.playing import ScriptPlayer
from actors.orders.sweep import sweep
from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless
from actors.ports.ports import JournalBatch, Latest, Wakeup
from tests.support.builders import DOGE, DOGE_RULES, MAKER, an_order
from tests.support.doors import Door
from tests.support.lives import begin
from tests.support.memory_network import MemoryNetwork
from tests.support.scripted_server import Peer, serve
from tests.support.simulated_venue import EPOCH_NS, rest_to, valr, wall_clock
from trading.account.account import AccountView
from trading.core.identifiers import ClientOrderIds
from trading.core.instrument import Instrument
from trading.core.market import Balance
from trading.gateway.reconciliation import Comparison, Reconciliation
from trading.gateway.tracker import OrderTracker
from trading.messages.account import FillReported, OrderNews
from trading.orders.leftovers import LeftoverPolicy
from trading.readiness.lease import Component
from trading.venues.valr.simulator.core.ids import iso

Row = dict[str, object]

OURS = ClientOrderIds("test", 1)
NOW_MS = EPOCH_NS // 1_000_000
OPEN, FILLS, CANCEL = "/v1/orders/open", "/v1/account/tradehistory", "/v1/orders/order"
PAIRS, TYPES = "/v1/public/pairs", "/v1/public/ordertypes"
BALANCES, FEES = "/v1/account/balances", "/v1/account/fees/trade"
PAIR: Row = {
    "symbol": "DOGEUSDT",
    "baseCurrency": "DOGE",
    "quoteCurrency": "USDT",
    "active": True,
    "minBaseAmount": "4",
    "maxBaseAmount": "500000",
    "minQuoteAmount": "0.5",
    "maxQuoteAmount": "200000",
    "tickSize": "0.00001",
    "baseDecimalPlaces": "0",
}
POST_ONLY: Row = {"currencyPair": "DOGEUSDT", "orderTypes": ["LIMIT_POST_ONLY"]}
FEE: Row = {"currencyPair": "DOGEUSDT", "makerPercentage": "0", "takerPercentage": "0.1"}
HELD: Row = {"currency": "DOGE", "available": "1", "reserved": "0", "total": "1"}
ORDER: Row = {
    "orderId": "v-9",
    "side": "buy",
    "price": "0.05",
    "currencyPair": "DOGEUSDT",
    "originalQuantity": "40",
    "remainingQuantity": "40",
    "customerOrderId": "theirs",
}
FILL: Row = {
    "id": "t-9",
    "orderId": "v-9",
    "price": "0.05",
    "quantity": "40",
    "currencyPair": "DOGEUSDT",
    "side": "buy",
    "tradedAt": iso(NOW_MS),
}
ALL: dict[str, list[Row]] = {
    PAIRS: [PAIR],
    TYPES: [POST_ONLY],
    FEES: [FEE],
    BALANCES: [HELD, {**HELD, "currency": "USDT"}],
    OPEN: [],
    FILLS: [],
}


@attrs.define
class Venue:
    """Answers with what a test has it say."""

    said: dict[str, list[Row]]
    asked: list[str] = attrs.field(factory=list)

    async def client(self, nursery: trio.Nursery) -> VenueRest:
        network = MemoryNetwork()
        return rest_to(await serve(nursery, network, self._answer), Door(network))

    async def _answer(self, peer: Peer) -> None:
        verb, target = (await peer.read_request()).split(" ")[:2]
        path, _, query = target.partition("?")
        self.asked.append(f"{verb} {path}")
        if verb == "DELETE":
            self.said[OPEN] = []
            await peer.answer(202)
            return
        rows = self.said.get(path)
        if rows is None:
            await peer.answer(404, '{"code":-1,"message":"Invalid Order. "}')
            return
        if path == FILLS:
            skip = int(query.split("&")[0].removeprefix("skip="))
            rows = rows[skip : skip + 100]
        await peer.answer(200, msgspec.json.encode(rows).decode())


def a_venue(**more: Row) -> Venue:
    """One that says one more row, in the list of that name."""
    paths = {"pairs": PAIRS, "types": TYPES, "fees": FEES, "balances": BALANCES}
    said = {path: list(rows) for path, rows in ALL.items()}
    for name, row in more.items():
        said[paths.get(name, {"open": OPEN, "fills": FILLS}.get(name, name))].append(row)
    return Venue(said)


# Pairs, order types, balances, fees.


@attrs.define
class Asking:
    """Whoever asks for rules and for the account."""

    facts: FactBoard = attrs.field(factory=FactBoard)
    instrument: Latest[Instrument] = attrs.field(factory=Latest)
    view: Latest[AccountView] = attrs.field(factory=Latest)

    async def look(self, nursery: trio.Nursery, rest: VenueRest) -> None:
        rules = TradingRulesActor(
            venue=valr(),
            rest=rest,
            order_types={DOGE: Latest()},
            bell=Wakeup(),
            instruments={DOGE: self.instrument},
            facts=self.facts,
            refresh_s=30,
            lease_s=90,
        )
        self.instrument.put(DOGE_RULES)
        account = AccountActor(
            venue=valr(),
            rest=rest,
            changes=Lossless[Balance].of(1).receive,
            view=self.view,
            facts=self.facts,
            ledger=Lossless[JournalBatch].of(100).send,
            instruments={DOGE: self.instrument},
            refresh_s=30,
            fees_refresh_s=60,
            lease_s=90,
        )
        await begin(nursery, rules)
        await begin(nursery, account)
        await trio.sleep(1)

    def missing(self) -> str:
        """Why our pair is not ready, as far as these two know."""
        return "; ".join(fact.evidence for fact in self.facts.facts.values() if not fact.holds)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("pairs", {**PAIR, "symbol": "NEWZAR", "tickSize": "0"}),
        ("pairs", {"symbol": "NEWZAR"}),
        ("pairs", {"no": "name"}),
        ("types", {"currencyPair": "NEWZAR", "orderTypes": None}),
        ("balances", {**HELD, "currency": "SHIB", "available": "1E-9"}),
        ("balances", {"no": "name"}),
        ("fees", {**FEE, "currencyPair": "NEWZAR", "makerPercentage": "N/A"}),
    ],
)
async def test_an_odd_row_that_is_not_ours_keeps_nothing_from_being_known_and_is_told_once(
    nursery: trio.Nursery, autojump_clock: MockClock, name: str, row: Row
) -> None:
    asking = Asking()
    with capture_logs() as logs:
        await asking.look(nursery, await a_venue(**{name: row}).client(nursery))
        await trio.sleep(300)
    assert asking.missing() == ""
    assert asking.view.read() is not None
    assert asking.instrument.read() is not None
    assert [entry["event"] for entry in logs].count("row_unread") == 1


@pytest.mark.parametrize(
    ("path", "rows", "said"),
    [
        (PAIRS, [{**PAIR, "tickSize": "0"}],
         "row 1 of the pairs (DOGEUSDT) cannot be read: tickSize: expected a number of more"),
        (PAIRS, [{"no": "name"}], "row 1 of the pairs (of what cannot be told) cannot be read"),
        (TYPES, [{"currencyPair": "DOGEUSDT"}], "missing required field `orderTypes`"),
        (BALANCES, [{**HELD, "available": "1E-9"}, {**HELD, "currency": "USDT"}],
         "row 1 of the balances (DOGE) cannot be read: available: not a plain decimal number"),
        (BALANCES, [HELD, {"available": "1"}], "row 2 of the balances (of what cannot be told)"),
        (FEES, [{**FEE, "makerPercentage": "N/A"}], "row 1 of the fees (DOGEUSDT)"),
    ],
)  # fmt: skip
async def test_an_odd_row_that_is_ours_is_the_reason_that_the_component_gives(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    path: str,
    rows: list[Row],
    said: str,
) -> None:
    asking, venue = Asking(), a_venue()
    right, venue.said[path] = venue.said[path], rows
    await asking.look(nursery, await venue.client(nursery))
    assert said in asking.missing()
    venue.said[path] = right
    await trio.sleep(4)  # long before the next regular look
    assert asking.missing() == ""


@pytest.mark.parametrize("path", [BALANCES, FEES, PAIRS])
async def test_a_new_life_inherits_no_word_about_a_pair_from_one_that_could_not_read_it(
    autojump_clock: MockClock, path: str
) -> None:
    asking, venue = Asking(), a_venue()
    nameless: list[Row] = [{"no": "name"}]
    for rows in (nameless, venue.said[path]):
        venue.said[path] = rows
        async with trio.open_nursery() as nursery:
            await asking.look(nursery, await venue.client(nursery))
            nursery.cancel_scope.cancel()
    async with trio.open_nursery() as nursery:
        await asking.look(nursery, await venue.client(nursery))
        await trio.sleep(95)  # longer than any fact holds that nobody renews
        now = trio.current_time()
        assert all(fact.holds and now < fact.valid_until for fact in asking.facts.facts.values())
        nursery.cancel_scope.cancel()


async def test_of_two_scopes_of_a_component_the_one_that_does_not_hold_decides(
    autojump_clock: MockClock,
) -> None:
    asking = Asking()
    async with trio.open_nursery() as nursery:
        row = {**HELD, "currency": "USDT", "reserved": "?"}
        venue = a_venue()
        venue.said[BALANCES] = [HELD, row]
        await asking.look(nursery, await venue.client(nursery))
        nursery.cancel_scope.cancel()
    facts = asking.facts.facts
    assert facts[Component.ACCOUNT_BALANCE, None].holds
    assert not facts[Component.ACCOUNT_BALANCE, DOGE].holds


# Open orders and fills.


@attrs.define
class Books:
    """A tracker, and who compares it with the venue."""

    rest: VenueRest
    tracker: OrderTracker = attrs.field(factory=OrderTracker)
    told: list[OrderNews] = attrs.field(factory=list)
    since_ms: int | None = NOW_MS
    player: ScriptPlayer = attrs.field(init=False)
    reconciliation: Reconciliation = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.player = ScriptPlayer(self.rest, wall_clock)
        self.reconciliation = Reconciliation(
            turn=self.player.turn,
            venue=valr(),
            ids=OURS,
            tracker=self.tracker,
            tell=self.tell,
            pairs={MAKER: DOGE},
            leftovers=LeftoverPolicy.CANCEL,
            inherited=(),
            halt=list[str]().append,
            since_ms=self.since_ms,
        )

    def tell(self, news: OrderNews) -> None:
        self.told.append(news)
        self.tracker.hear(news, trio.current_time())

    async def compare(self) -> tuple[Comparison, str]:
        came = await self.player.play(self.reconciliation.compare())
        return came, self.reconciliation.why_not

    @property
    def fills(self) -> list[str]:
        return [str(n.fill.trade_id) for n in self.told if isinstance(n, FillReported)]


MARKET_ORDER = {key: value for key, value in ORDER.items() if key != "price"}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("open", MARKET_ORDER),
        ("open", {**MARKET_ORDER, "customerOrderId": None}),
        ("open", {"customerOrderId": "theirs"}),
        ("fills", {**FILL, "side": "auction"}),
        ("fills", {**FILL, "tradedAt": "1970-01-01T00:00:00Z"}),
        ("fills", {"no": "name"}),
    ],
)
async def test_an_odd_order_or_fill_that_is_not_ours_changes_no_comparison(
    nursery: trio.Nursery, autojump_clock: MockClock, name: str, row: Row
) -> None:
    books = Books(await a_venue(**{name: row}).client(nursery))
    assert await books.compare() == (Comparison.AGREED, "")


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("open", {"side": "buy"}, "row 1 of the open orders (of what cannot be told)"),
        ("open", {**ORDER, "customerOrderId": 7}, "row 1 of the open orders (of what"),
        ("fills", {**FILL, "customerOrderId": "qw-test-maker-1-9", "side": "auction"},
         "side: expected buy or sell, got 'auction'"),
        ("fills", {**FILL, "customerOrderId": "qw-test-maker-1-9", "id": ""},
         "id: expected a name of printable characters, got ''"),
        ("fills", {**FILL, "customerOrderId": "qw-test-maker-1-9", "id": "a\0b"}, "id: expected"),
        ("fills", {**FILL, "customerOrderId": "qw-test-maker-1-9",
                   "tradedAt": "1970-01-01T00:00:00Z"}, "tradedAt: expected within the last year"),
        ("fills", {**FILL, "customerOrderId": "qw-test-maker-1-9",
                   "tradedAt": "2100-01-01T00:00:00Z"}, "tradedAt: expected no later than now"),
    ],
)  # fmt: skip
async def test_one_that_is_or_may_be_ours_is_not_booked_and_nothing_agrees(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    name: str,
    row: Row,
    said: str,
) -> None:
    books = Books(await a_venue(**{name: row}).client(nursery))
    came, why = await books.compare()
    assert came is Comparison.INCOMPLETE
    assert said in why
    assert books.fills == []


async def test_an_odd_order_of_ours_that_nobody_knows_is_cancelled_by_its_name(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    venue = a_venue(open={**MARKET_ORDER, "customerOrderId": "qw-test-maker-1-9"})
    books = Books(await venue.client(nursery))
    assert (await books.compare())[0] is Comparison.DRIFT
    assert venue.asked[-1] == f"DELETE {CANCEL}"
    assert await books.compare() == (Comparison.AGREED, "")


async def test_a_sweep_cancels_what_it_cannot_read_and_proves_nothing_by_a_row_without_a_name(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    venue = a_venue(open={**MARKET_ORDER, "customerOrderId": "qw-test-maker-1-9"})
    rest = await venue.client(nursery)
    with trio.fail_after(10):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5)
    assert venue.asked.count(f"DELETE {CANCEL}") == 1
    venue.said[OPEN] = [{"side": "buy"}]
    with pytest.raises(trio.TooSlowError), trio.fail_after(10):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5)
    assert venue.asked.count(f"DELETE {CANCEL}") == 1


# Pages.


def fills(count: int) -> list[Row]:
    """Newest first, a tenth of a second apart."""
    return [
        {
            **FILL,
            "id": f"t-{number}",
            "orderId": f"v-{number}",
            "tradedAt": iso(NOW_MS - number * 100),
        }
        for number in range(count)
    ]


async def test_fills_are_read_to_their_end_over_several_looks_and_only_then_agree(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    venue = a_venue()
    venue.said[FILLS] = fills(4500)
    books = Books(await venue.client(nursery), since_ms=NOW_MS - 1_000_000)
    assert await books.compare() == (
        Comparison.INCOMPLETE,
        "the venue's fills are being read, 2000 so far",
    )
    assert (await books.compare())[0] is Comparison.INCOMPLETE
    # Newer ones push the others down meanwhile: nothing is left out for it.
    venue.said[FILLS] = [{**FILL, "id": "new", "orderId": "v-new"}, *venue.said[FILLS]]
    assert await books.compare() == (Comparison.AGREED, "")
    assert {f"t-{number}" for number in range(4500)} <= set(books.fills)
    assert await books.compare() == (Comparison.AGREED, "")
    assert "new" in books.fills


async def test_a_list_that_shows_the_same_fills_for_ever_is_told_and_does_not_agree(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    class Stuck(Venue):
        @override
        async def _answer(self, peer: Peer) -> None:
            target = (await peer.read_request()).split(" ")[1]
            rows = fills(100) if target.startswith(FILLS) else []
            await peer.answer(200, msgspec.json.encode(rows).decode())

    books = Books(await Stuck({}).client(nursery), since_ms=NOW_MS - 1_000_000)
    came, why = await books.compare()
    assert came is Comparison.INCOMPLETE
    assert "the same fills again and again" in why


async def test_a_fill_of_the_year_2100_or_1970_bounds_nothing_that_is_read_later(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    venue = a_venue()
    odd = [
        {**FILL, "id": "ahead", "tradedAt": "2100-01-01T00:00:00Z"},
        {**FILL, "id": "back", "tradedAt": "1970-01-01T00:00:00Z"},
    ]
    venue.said[FILLS] = [*odd, *fills(150)]
    books = Books(await venue.client(nursery), since_ms=NOW_MS - 1_000_000)
    assert await books.compare() == (Comparison.AGREED, "")
    assert len(set(books.fills)) == 150
    late = {**FILL, "id": "late", "orderId": "v-l", "tradedAt": iso(NOW_MS + 1_000)}
    venue.said[FILLS] = [*odd, late, *fills(150)]
    await trio.sleep(2)
    assert await books.compare() == (Comparison.AGREED, "")
    assert "late" in books.fills


async def test_a_page_that_could_not_be_had_is_asked_for_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    venue = a_venue()
    venue.said[FILLS] = fills(450)
    network = MemoryNetwork()
    door = Door(network)
    rest = rest_to(await serve(nursery, network, venue._answer), door)  # noqa: SLF001
    books = Books(rest, since_ms=NOW_MS - 1_000_000)
    door.last = 3  # the orders, and two pages
    assert (await books.compare())[0] is Comparison.UNREAD
    door.last = None
    assert await books.compare() == (Comparison.AGREED, "")
    assert len(set(books.fills)) == 450


async def test_an_order_that_lacks_a_fill_has_its_fills_read_from_its_beginning(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    order = replace(an_order(), created_at=-3600.0)
    venue = a_venue()
    missed = {**FILL, "id": "missed", "customerOrderId": order.client_order_id,
              "tradedAt": iso(NOW_MS - 3_000_000)}  # fmt: skip
    venue.said[FILLS] = [*fills(2), missed]
    venue.said[OPEN] = [{**ORDER, "customerOrderId": order.client_order_id,
                         "remainingQuantity": "0"}]  # fmt: skip
    books = Books(await venue.client(nursery))
    books.tracker.expect(order)
    await books.compare()  # its total is told, and its fill is not among the newest
    await books.compare()
    assert "missed" in books.fills
    assert books.tracker.unbooked() == ()
