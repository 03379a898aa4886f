"""Wrong designs of supervision, and of the ends of runs."""

from collections.abc import Mapping
from random import Random
from typing import Any

import attrs
import trio

from actors import closeout, order_gateway, order_life, order_sweep
from actors.order_gateway import OrderGatewayActor
from engine import restart_policy, supervisor
from engine.restart_policy import End, Finish, History, Judgement, Policy, Verdict, judge
from tests.wrong_designs.design import Design, put
from trading.errors import MalformedFrame, Outage, Rejected
from trading.rate_limits import Priority


def _never_revived(verdict: Verdict) -> None:
    def gave_up(
        policy: Policy, history: History, end: End, now: float, random: Random
    ) -> Judgement:
        judgement = judge(policy, history, end, now, random)
        if judgement.verdict is verdict:
            return attrs.evolve(judgement, action=Finish())
        return judgement

    put(supervisor, "judge", gave_up)


def outage_is_the_end() -> None:
    """Who ends because the venue cannot be reached is not started again."""
    _never_revived(Verdict.OUTAGE)


def crashed_stay_dead() -> None:
    """An actor that crashes is not started again."""
    _never_revived(Verdict.DEFECT)


def alone_instead_of_all() -> None:
    """Of a group that lives or dies together only the one that crashed starts again."""

    def alone(_policy: Policy, child: str) -> tuple[str, ...]:
        return (child,)

    put(restart_policy, "affected", alone)


def unread_list_is_empty() -> None:
    """A list of open orders that could not be read is taken for one that shows none."""

    async def hopeful(
        rest: Any, venue: Any, owns: Any, *, pause_s: float, left: list[Any] | None = None
    ) -> None:
        del pause_s
        try:
            listed = await rest.call(venue.open_orders(), Priority.CANCEL)
        except (Outage, Rejected, MalformedFrame):
            listed = []
        ours = [report for report in listed if owns(report.client_order_id)]
        await order_sweep.cancel_all(rest, venue, ours)
        if left is not None:
            left.clear()

    for module in (closeout, order_gateway, order_life):
        put(module, "sweep", hopeful)


def no_last_will() -> None:
    """The gateway leaves its orders behind when it ends."""

    async def careless(_self: OrderGatewayActor, _life: Any) -> None:
        await trio.sleep_forever()

    put(OrderGatewayActor, "_leave_nothing", careless)


DESIGNS: Mapping[str, Design] = {
    "outage_is_the_end": Design(outage_is_the_end),
    "crashed_stay_dead": Design(crashed_stay_dead),
    "alone_instead_of_all": Design(alone_instead_of_all),
    "unread_list_is_empty": Design(unread_list_is_empty),
    "no_last_will": Design(no_last_will),
}
