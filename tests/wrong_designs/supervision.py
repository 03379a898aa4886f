"""Wrong designs of supervision, and of the ends of runs."""

from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
import trio

from actors.orders import closeout
from actors.orders.gateway import OrderGatewayActor
from engine.supervision import supervisor
from engine.supervision.policy import End, Finish, History, Judgement, Policy, Verdict, judge
from tests.wrong_designs.design import Design, put


def _never_revived(verdict: Verdict) -> None:
    def gave_up(
        policy: Policy, history: History, end: End, now: float, random: Random
    ) -> Judgement:
        judgement = judge(policy, history, end, now, random)
        if judgement.verdict is verdict:
            return msgspec.structs.replace(judgement, action=Finish())
        return judgement

    put(supervisor, "judge", gave_up)


def outage_is_the_end() -> None:
    """Who ends because the venue cannot be reached is not started again."""
    _never_revived(Verdict.OUTAGE)


def crashed_stay_dead() -> None:
    """An actor that crashes is not started again."""
    _never_revived(Verdict.DEFECT)


def closeout_unasked() -> None:
    """The last word is that nothing is left, because our own books say so."""

    async def hopeful(*_arguments: Any, **_options: Any) -> None:
        await trio.lowlevel.checkpoint()

    put(closeout, "sweep", hopeful)


def no_last_will() -> None:
    """The gateway leaves its orders behind when it ends."""

    async def careless(_self: OrderGatewayActor, _life: Any) -> None:
        await trio.sleep_forever()

    put(OrderGatewayActor, "_leave_nothing", careless)


DESIGNS: Mapping[str, Design] = {
    "outage_is_the_end": Design(outage_is_the_end),
    "crashed_stay_dead": Design(crashed_stay_dead),
    "closeout_unasked": Design(closeout_unasked),
    "no_last_will": Design(no_last_will),
}
