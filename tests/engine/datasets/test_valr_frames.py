"""VALR's frames, by level and by order, become a dataset without what is ours in it."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest

from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_MS, T0_NS, Importing, shown, told
from trading.datasets.importers.frames import order_number
from trading.datasets.meta import QueueKind
from trading.datasets.record import Flags, Kind

Levels = Sequence[tuple[str, str]]
BUY, SELL = 1, 2


def line(at_ms: int, message: Any, sign: str = "") -> str:
    return f"{T0_NS + at_ms * MS} {sign}{json.dumps(message, separators=(',', ':'))}"


class Book:
    """What VALR would send of a book of levels, with its checksums."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"b": {}, "a": {}}
        self.sequence = 6

    def snapshot(self, at_ms: int, bids: Levels, asks: Levels) -> str:
        self.sides = {"b": dict(bids), "a": dict(asks)}
        return self._frame("OB_L1_SNAPSHOT", at_ms, bids, asks)

    def diff(self, at_ms: int, bids: Levels = (), asks: Levels = ()) -> str:
        for name, changes in (("b", bids), ("a", asks)):
            for price, quantity in changes:
                self.sides[name][price] = quantity
                if quantity == "0":
                    del self.sides[name][price]
        return self._frame("OB_L1_DIFF", at_ms, bids, asks)

    def _frame(self, kind: str, at_ms: int, bids: Levels, asks: Levels) -> str:
        self.sequence += 1
        best = [
            [f"{price}:{quantity}" for price, quantity in sorted(side.items(), reverse=down)]
            for side, down in ((self.sides["b"], True), (self.sides["a"], False))
        ]
        both = [each for pair in zip(*best, strict=True) for each in pair]
        data = {
            "lc": T0_MS + at_ms - 4,
            "b": bids,
            "a": asks,
            "sq": self.sequence,
            "cs": zlib.crc32(":".join(both).encode()),
        }
        return line(at_ms, {"type": kind, "ps": "BTCUSDT", "d": data})


def trade(at_ms: int, price: str, quantity: str, trade_id: str = "t1", side: str = "buy") -> str:
    data = {
        "price": price,
        "quantity": quantity,
        "currencyPair": "BTCUSDT",
        "tradedAt": f"2023-11-14T22:13:20.{at_ms - 2:03}Z",
        "takerSide": side,
        "id": trade_id,
    }
    return line(at_ms, {"type": "NEW_TRADE", "currencyPairSymbol": "BTCUSDT", "data": data})


def order_status(at_ms: int, status: str, remaining: str, order: str = "o-mine") -> str:
    data = {
        "orderId": order,
        "orderStatusType": status,
        "currencyPair": "BTCUSDT",
        "originalPrice": "10.0",
        "remainingQuantity": remaining,
        "originalQuantity": "0.5",
        "orderSide": "buy",
        "orderUpdatedAt": f"2023-11-14T22:13:20.{at_ms:03}Z",
    }
    return line(at_ms, {"type": "ORDER_STATUS_UPDATE", "data": data}, "< ")


def own_trade(at_ms: int, trade_id: str) -> str:
    data = {
        "price": "10.0",
        "quantity": "0.2",
        "currencyPair": "BTCUSDT",
        "tradedAt": f"2023-11-14T22:13:20.{at_ms:03}Z",
        "side": "buy",
        "id": trade_id,
        "orderId": "o-mine",
    }
    return line(at_ms, {"type": "NEW_ACCOUNT_TRADE", "data": data}, "< ")


def levels_market() -> list[str]:
    book = Book()
    return [
        book.snapshot(10, [("10.0", "1")], [("11.0", "2")]),
        book.diff(20, bids=[("10.0", "1.5")]),
        trade(30, "10.0", "0.2", "t1", "sell"),
        book.diff(31, bids=[("10.0", "1.3")]),
        trade(40, "11.0", "1", "t2"),
        book.diff(41, asks=[("11.0", "1")]),
    ]


def test_a_book_of_levels_is_told_with_the_venues_times(importing: Importing) -> None:
    dataset = importing.dataset(importing.file("market-0001.zst", levels_market()))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("SNAPSHOT_LEVEL", BUY, 100, 1000),
        ("SNAPSHOT_LEVEL", SELL, 110, 2000),
        ("LEVEL", BUY, 100, 1500),
        ("TRADE", SELL, 100, 200),
        ("LEVEL", BUY, 100, 1300),
        ("TRADE", BUY, 110, 1000),
        ("LEVEL", SELL, 110, 1000),
    ]
    changed, dealt = told(dataset, Kind.LEVEL)[0], told(dataset, Kind.TRADE)[0]
    assert (changed.exch_ns, changed.recv_ns) == (T0_NS + 16 * MS, T0_NS + 20 * MS)
    assert dealt.exch_ns == T0_NS + 28 * MS


def test_what_is_ours_is_taken_out_of_levels_and_flagged(importing: Importing) -> None:
    account = [
        line(12, {"type": "PLACE_LIMIT_ORDER", "payload": {}}, "> "),
        f"{T0_NS + 13 * MS} R GET /v1/orders 200 []",
        order_status(15, "Placed", "0.5"),
        own_trade(28, "t1"),
        order_status(27, "Partially Filled", "0.3"),
        order_status(60, "Cancelled", "0.3"),
        line(61, {"type": "BALANCE_UPDATE", "data": None}, "< "),
    ]
    dataset = importing.dataset(
        importing.file("market-0001.zst", levels_market()),
        importing.file("account-0001.zst", account),
    )
    bids = [each for each in told(dataset, Kind.LEVEL) if each.side == BUY]
    # 1.5 with 0.5 of ours, then 1.3 with 0.3 of ours: the others' did not change.
    assert [(each.quantity, each.flags) for each in bids] == [
        (1000, Flags.LAST | Flags.OWN_ORDER),
        (1000, Flags.LAST | Flags.OWN_ORDER),
    ]
    ours, theirs = told(dataset, Kind.TRADE)
    assert (ours.flags, theirs.flags) == (Flags.LAST | Flags.OWN_TRADE, Flags.LAST)


def test_orders_are_known_from_lists_and_fills_without_an_id_from_price_and_time(
    importing: Importing,
) -> None:
    listed = {
        "orderId": "o-mine", "side": "buy", "price": "10.0", "currencyPair": "BTCUSDT",
        "originalQuantity": "0.5", "remainingQuantity": "0.5",
        "updatedAt": "2023-11-14T22:13:20.015Z",
    }  # fmt: skip
    account = [
        line(16, {"type": "OPEN_ORDERS_UPDATE", "data": [listed]}, "< "),
        f"{T0_NS + 17 * MS} gap 3",
        own_trade(27, "another id"),
        f"{T0_NS + 29 * MS} < not JSON",
    ]
    dataset = importing.dataset(
        importing.file("market", levels_market()), importing.file("account", account)
    )
    bids = [each for each in told(dataset, Kind.LEVEL) if each.side == BUY]
    assert [each.quantity for each in bids] == [1000, 800]
    assert [each.flags for each in told(dataset, Kind.TRADE)] == [5, 1]
    assert "missing of the account's file" in str(dataset.meta.guessed)


def test_a_line_that_is_none_of_an_account_file_is_named(importing: Importing) -> None:
    account = [order_status(15, "Placed", "0.5"), f"{T0_NS} ? {{}}"]
    with pytest.raises(UnfitSource, match="row 2: neither '<', '>', 'R' nor 'gap'"):
        importing.dataset(importing.file("account", account))


def test_an_account_file_alone_is_no_market(importing: Importing) -> None:
    dataset = importing.dataset(
        importing.file("account-0001.zst", [order_status(15, "Placed", "0.5")])
    )
    assert dataset.meta.records == 0
    assert dataset.meta.queue is QueueKind.NONE


def test_a_missed_change_is_a_gap_until_the_next_snapshot(importing: Importing) -> None:
    book = Book()
    lines = [
        book.snapshot(10, [("10.0", "1")], [("11.0", "2")]),
        book.diff(20, bids=[("10.0", "1.5")]),
    ]
    book.diff(25, bids=[("10.0", "1.6")])  # is lost
    lines += [
        book.diff(30, bids=[("10.0", "1.7")]),
        book.diff(40, bids=[("10.0", "1.8")]),
        trade(50, "10.0", "0.2"),
        book.snapshot(60, [("10.0", "1.8")], [("11.0", "2")]),
        book.diff(70, bids=[("10.0", "1.9")]),
    ]
    dataset = importing.dataset(importing.file("market", lines))
    assert [kind for kind, *_ in shown(dataset)][4:] == [
        "GAP", "TRADE", "CLEAR", "SNAPSHOT_LEVEL", "SNAPSHOT_LEVEL", "LEVEL",
    ]  # fmt: skip
    assert dataset.meta.skipped["changes of a book without a snapshot"] == 1


def test_a_wrong_checksum_is_a_gap(importing: Importing) -> None:
    lines = levels_market()
    lines[1] = lines[1].replace('"1.5"', '"1.4"')
    kinds = [kind for kind, *_ in shown(importing.dataset(importing.file("market", lines)))]
    assert kinds[3:] == ["GAP", "TRADE", "TRADE"]


def test_a_snapshot_that_continues_nothing_is_told_after_a_gap(importing: Importing) -> None:
    """A connection that began anew: what came in between is missing, trades too."""
    book = Book()
    lines = [
        book.snapshot(10, [("10.0", "1")], [("11.0", "2")]),
        book.snapshot(20, [("10.0", "3")], [("11.0", "2")]),
    ]
    dataset = importing.dataset(importing.file("market", lines))
    assert [kind for kind, *_ in shown(dataset)][3:5] == ["GAP", "CLEAR"]


def aggregated(at_ms: int, bids: Levels, asks: Levels) -> str:
    data = {
        "Bids": [{"price": price, "quantity": lots, "orderCount": 1} for price, lots in bids],
        "Asks": [{"price": price, "quantity": lots, "orderCount": 1} for price, lots in asks],
        "LastChange": f"2023-11-14T22:13:20.{at_ms - 4:03}Z",
        "SequenceNumber": at_ms,
    }
    kind = "AGGREGATED_ORDERBOOK_UPDATE"
    return line(at_ms, {"type": kind, "currencyPairSymbol": "BTCUSDT", "data": data})


def test_books_that_are_told_whole_each_time_become_their_differences(importing: Importing) -> None:
    lines = [
        aggregated(10, [("10.0", "1"), ("9.0", "1")], [("11.0", "2")]),
        aggregated(20, [("10.0", "2"), ("8.0", "1")], [("11.0", "2")]),
    ]
    dataset = importing.dataset(importing.file("market", lines))
    assert shown(dataset)[4:] == [
        ("LEVEL", BUY, 90, 0),
        ("LEVEL", BUY, 100, 2000),
        ("LEVEL", BUY, 80, 1000),
    ]
    assert told(dataset, Kind.LEVEL)[0].exch_ns == T0_NS + 16 * MS


class Orders:
    """What VALR would send of one bid's queue and one ask, order by order."""

    def __init__(self) -> None:
        self.bids: dict[str, str] = {}
        self.sequence = 0

    def frame(self, kind: str, at_ms: int, bids: Levels, asks: Levels = ()) -> str:
        for order, quantity in bids:
            self.bids[order] = quantity
            if quantity == "0":
                del self.bids[order]
        self.sequence += len(bids) + len(asks)
        pairs: list[str] = []
        for index, (order, quantity) in enumerate(self.bids.items()):
            pairs += [f"{order}:{quantity}", *(["s:9"] if index == 0 else [])]
        data = {
            "LastChange": T0_MS + at_ms - 4,
            "Bids": [self._level("10.0", bids)] if bids else [],
            "Asks": [self._level("11.0", asks)] if asks else [],
            "SequenceNumber": self.sequence,
            "Checksum": zlib.crc32(":".join(pairs).encode()),
        }
        return line(at_ms, {"type": kind, "currencyPairSymbol": "BTCUSDT", "data": data})

    @staticmethod
    def _level(price: str, orders: Levels) -> dict[str, object]:
        return {"Price": price, "Orders": [{"orderId": o, "quantity": q} for o, q in orders]}


def orders_market() -> list[str]:
    orders = Orders()
    return [
        orders.frame("FULL_ORDERBOOK_SNAPSHOT", 10, [("p", "1"), ("q", "2")], [("s", "9")]),
        orders.frame("FULL_ORDERBOOK_UPDATE", 20, [("o-mine", "0.5")]),
        orders.frame("FULL_ORDERBOOK_UPDATE", 30, [("q", "0.7"), ("p", "0")]),
    ]


def test_single_orders_join_change_and_leave(importing: Importing) -> None:
    dataset = importing.dataset(importing.file("market", orders_market()))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("ADD", SELL, 110, 9000),
        ("ADD", BUY, 100, 1000),
        ("ADD", BUY, 100, 2000),
        ("ADD", BUY, 100, 500),
        ("MODIFY", BUY, 100, 700),
        ("CANCEL", BUY, 100, 1000),
    ]
    assert dataset.meta.queue is QueueKind.ORDERS
    first, *_, last = told(dataset, Kind.ADD, Kind.CANCEL)
    assert first.order_id == order_number("s")  # type: ignore[arg-type]
    assert last.order_id == order_number("p")  # type: ignore[arg-type]


def test_single_orders_of_ours_are_flagged(importing: Importing) -> None:
    dataset = importing.dataset(
        importing.file("market", orders_market()),
        importing.file("account", [order_status(15, "Placed", "0.5")]),
    )
    flagged = [each for each in told(dataset) if each.flags & Flags.OWN_ORDER]
    assert [(each.kind, each.quantity) for each in flagged] == [(Kind.ADD, 500)]


def test_a_frame_that_cannot_be_read_is_a_gap(importing: Importing) -> None:
    lines = levels_market()
    lines[1] = lines[1].replace('"1.5"', '"1,5"')
    dataset = importing.dataset(importing.file("market", lines))
    assert [kind for kind, *_ in shown(dataset)][3:] == ["GAP", "TRADE", "TRADE"]
    assert dataset.meta.skipped["frames that cannot be read"] == 1


def test_frames_that_were_not_written_down_are_a_gap(importing: Importing) -> None:
    lines = levels_market()
    lines.insert(2, f"{T0_NS + 25 * MS} gap 17")
    kinds = [kind for kind, *_ in shown(importing.dataset(importing.file("market", lines)))]
    assert kinds[3:] == ["LEVEL", "GAP", "TRADE", "TRADE"]


def test_frames_of_another_pair_alone_are_refused(importing: Importing) -> None:
    other = Importing(folder=importing.folder, pair="ETHUSDT")
    with pytest.raises(UnfitAsked, match="nothing in it is of ETHUSDT"):
        other.dataset(importing.file("market", levels_market()))


def test_a_line_without_a_receive_time_names_its_row(importing: Importing) -> None:
    with pytest.raises(UnfitSource, match=r"row 7: no receive time"):
        importing.dataset(importing.file("market", [*levels_market(), '{"type":"PONG"}']))
