"""The table [simulator]: its rules, limits and faults, alone and in a whole configuration."""

from decimal import Decimal

import attrs
import pytest

from config.load.loading import load_simulator
from config.rules.keys import unruled_fields
from config.sections.simulator import (
    BackgroundFlowSettings,
    FaultSettings,
    LimitSettings,
    RuleSettings,
    SimulatorSettings,
)
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS, PAPER, loaded, refusal
from tests.config.memory_files import MemoryFiles
from trading.simulator.core.flows import SyntheticFlow
from trading.venues.valr.permissions import Permission
from trading.venues.valr.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan


def _read(text: str, *overrides: str) -> SimulatorSettings:
    files = MemoryFiles({"venue.toml": text.encode()})
    return load_simulator("venue.toml", overrides, INSTRUMENTS, files=files)


def test_it_can_be_read_without_the_rest() -> None:
    assert _read("") == SimulatorSettings()
    settings = _read(
        '[engine]\nname = 7\n[simulator]\naccounts = 3\n[simulator.faults]\ndrop = "5 %"\n'
        '[simulator.rules.deactivations]\n"DOGE-USDT" = 60\n',
        "simulator.limits.enabled=false",
    )
    assert settings.accounts == 3
    assert settings.faults.drop == Decimal("0.05")
    assert settings.rules.deactivations == {"DOGEUSDT": 60.0}
    assert settings.limits.enabled is False


def test_defaults_are_the_exchanges_own() -> None:
    rules, limits, faults = RuleSettings(), LimitSettings(), FaultSettings()
    for name, busy in attrs.asdict(BackgroundFlowSettings()).items():
        assert busy == getattr(SyntheticFlow(), name)
    for field in attrs.fields(VenueRules):
        assert getattr(rules, field.name) == getattr(VenueRules(), field.name)
    assert attrs.asdict(limits) == attrs.asdict(RateLimits())
    assert (faults.delay_max_s, faults.late_lookup_s) == (
        FaultPlan().delay_max_s,
        FaultPlan().late_lookup_s,
    )


@pytest.mark.parametrize("settings", [RuleSettings, LimitSettings])
def test_every_rule_of_the_exchange_says_which_values_it_may_have(
    settings: type[RuleSettings | LimitSettings],
) -> None:
    """A rule that is new to the exchange is inherited: without a word here any value were read."""
    assert unruled_fields(settings) == ()


def test_every_fault_can_be_switched_on() -> None:
    names = {field.name for field in attrs.fields(FaultSettings)}
    assert names == {fault.value for fault in Fault} | {"delay_max_s", "late_lookup_s"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[simulator.faults]\ndorp = "1 %"\n', "did you mean drop?"),
        ("[simulator.faults]\ndrop = 0.1\n", "percentage or a fraction"),
        ('[simulator.faults]\ndrop = "101 %"\n', "not at most 100 %"),
        ("[simulator.rules]\norder_feed_batch_min_s = 1\n", "is above order_feed_batch_max_s"),
        ("[simulator.rules]\nauthentication_failure_status = 402\n", "is neither 401 or 403"),
        ("[simulator.rules]\nrefused_placement_status = 300\n", "is neither 400 or 201"),
        ("[simulator.rules.deactivations]\nNOPE = 1\n", "NOPE is not traded here"),
        ("[simulator]\naccounts = 0\n", "not at least 1"),
        ('[simulator]\nflow = "recording"\nrecording = "x"\n', 'there is no file ".*/x"'),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigurationProblems, match=said):
        _read(text)


def test_a_whole_configuration_has_them_too() -> None:
    settings = loaded(PAPER + '[simulator.faults]\nlate_lookup = "1 %"\n')
    assert settings.simulator.faults.late_lookup == Decimal("0.01")
    problems = refusal(
        PAPER + "[simulator.rules.deactivations]\nNOPE = 1\n", instruments=INSTRUMENTS
    )
    assert "NOPE is not traded here" in str(problems)


def test_what_the_demo_keys_may_do_is_said_in_the_venues_words() -> None:
    settings = _read('[simulator]\nkey_permissions = ["View access", "Withdraw"]\n')
    assert settings.key_permissions == (Permission.VIEW, Permission.WITHDRAW)
    assert _read('[simulator]\nkey_permissions = "Trade"\n').key_permissions == (Permission.TRADE,)
    with pytest.raises(ConfigurationProblems, match="did you mean Trade"):
        _read('[simulator]\nkey_permissions = ["trad"]\n')
