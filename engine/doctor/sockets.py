"""The doctor's steps that open both sockets, and wait for whole books and for balances."""

import trio
from typing_extensions import override

from actors.market.order_book import OrderBookActor
from actors.market.trade_socket import TradeSocketActor
from actors.net.socket_session import SocketSession
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, Wakeup
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, fine
from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.core.market import TopOfBook, Trade
from trading.messages.account import AccountEvent, BalanceChanged
from trading.messages.market import BookNews
from trading.messages.sockets import Authenticated
from trading.venues.interface import Venue

_CAPACITY = 1_000
"""Changes of a book that wait to be applied; a second of a wild market is less."""


async def check_trade_socket(examination: DoctorContext) -> Finding:
    """Check that every pair has a book that is whole and verified."""
    settings, began = examination.settings, trio.current_time()
    pairs = [strategy.pair for strategy in examination.traded().values()]
    bell, facts = Wakeup(), FactBoard(Wakeup())
    tops = {pair: Latest[TopOfBook](bell) for pair in pairs}
    wires = {pair: trio.open_memory_channel[BookNews](_CAPACITY) for pair in pairs}
    renew, renewals = trio.open_memory_channel[Pair](len(pairs))
    socket = TradeSocketActor(
        socket=examination.socket,
        changes={pair: send for pair, (send, _) in wires.items()},
        renewals=renewals,
        order_types={},
        last_trades=dict[Pair, Latest[Trade]](),
        consumer_deadline_s=settings.venue.answer_deadline_s,
    )
    async with trio.open_nursery() as nursery:
        for pair, (_, changes) in wires.items():
            book = OrderBookActor(
                pair=pair,
                rules=examination.party.venue.book_rules,
                changes=changes,
                top=tops[pair],
                renewals=renew,
                facts=facts,
                depth=1,
                lease_s=settings.venue.book_age_max_s,
                snapshot_deadline_s=settings.venue.answer_deadline_s,
            )
            await nursery.start(book.run)
        await nursery.start(socket.run)
        while any(top.read() is None for top in tops.values()):
            await bell.wait()
        nursery.cancel_scope.cancel()
    said = []
    for pair, slot in tops.items():
        top = slot.last
        assert top is not None
        examination.learnt.prices[pair] = top.mid_price
        said.append(f"{pair} {top.best_bid:f} / {top.best_ask:f}")
    return fine(f"first books after {trio.current_time() - began:.1f} s: {', '.join(said)}")


async def check_account_socket(examination: DoctorContext) -> Finding:
    """Check that the account's socket logs in and sends balances."""
    began, session = trio.current_time(), _Login(examination.party.venue)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(examination.socket.converse, session.venue.account_handshake(), session)
        await session.logged_in.wait()
        with trio.move_on_after(examination.settings.venue.answer_deadline_s) as patience:
            await session.told.wait()
        if patience.cancelled_caught:
            deadline_s = examination.settings.venue.answer_deadline_s
            raise Outage(f"logged in, but no balance came within {deadline_s:g} s")
        nursery.cancel_scope.cancel()
    return fine(f"logged in, first balance after {trio.current_time() - began:.1f} s")


class _Login(SocketSession[AccountEvent]):
    """
    A connection that only listens.

    An engine's first request is left out: to arm cancel on disconnect here would end the orders
    of an engine that runs with the same key.
    """

    def __init__(self, venue: Venue) -> None:
        super().__init__("account", (), lambda frame, _now: venue.decode_account(frame))
        self.venue = venue
        self.logged_in, self.told = trio.Event(), trio.Event()

    @override
    async def handle(self, event: AccountEvent) -> None:
        await trio.lowlevel.checkpoint()
        match event:
            case Authenticated():
                self.logged_in.set()
            case BalanceChanged():
                self.told.set()
            case _:
                pass
