"""Kinds of strategy that other packages register: taken on the same terms, or refused by name."""

from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import EntryPoint
from typing import Annotated, Any

import attrs
import pytest
from typing_extensions import override

from config.load.loading import load
from config.rules.keys import keys_of
from config.rules.rules import Number
from config.settings import Settings
from config.source.problems import ConfigurationProblems, Refused
from config.strategies import from_settings
from config.strategies.base import StrategySettings
from config.strategies.kinds import StrategyKinds, built_in, with_entry_points
from tests.config.loaded import INSTRUMENTS, PAPER
from tests.config.memory_files import MemoryFiles
from tests.support.moody import WITH_MOODY, Moody, MoodySettings, registered
from trading.core.instrument import Instrument
from trading.strategies import Decision, View

MOODY = PAPER.replace('"pure_market_making"', '"moody"').replace(
    'bid_spread = "0.1 %"\nask_spread = "0.2 %"\n', 'mood = "raises"\n'
)


def loaded(text: str, kinds: StrategyKinds) -> Settings:
    files = MemoryFiles({"test.toml": text.encode()})
    return load("test.toml", (), {}, files=files, simulated_pairs=lambda: INSTRUMENTS, kinds=kinds)


def refused(text: str, kinds: StrategyKinds) -> str:
    with pytest.raises(ConfigurationProblems) as caught:
        loaded(text, kinds)
    return str(caught.value)


def with_moody(settings: object) -> StrategyKinds:
    return StrategyKinds((*built_in().registrations, registered(settings)))


def test_another_packages_kind_is_read_like_a_built_in_one() -> None:
    settings = loaded(MOODY, WITH_MOODY)
    [strategy] = settings.strategies.values()
    assert isinstance(strategy, MoodySettings)
    assert strategy.worst_after == 25


def test_what_is_wrong_with_it_has_line_column_and_cure() -> None:
    text = MOODY.replace('mood = "raises"', 'mood = "raise"\nworst_aftr = 3')
    assert refused(text, WITH_MOODY).splitlines() == [
        'test.toml:11:1: strategies.doge.mood: "raise" is not known',
        "    cure: did you mean raises?",
        "test.toml:12:1: strategies.doge.worst_aftr: is not a known key",
        "    cure: did you mean worst_after?",
    ]


def test_the_venues_rules_hold_for_it_too() -> None:
    text = MOODY.replace("order_amount = 40", "order_amount = 1.5")
    assert "below DOGEUSDT's minimum of 4 DOGE" in refused(text, WITH_MOODY)


def test_a_kind_that_is_not_installed_is_told_from_those_that_are() -> None:
    said = refused(MOODY, built_in())
    assert '8:1: strategies.doge.kind: "moody" is not known' in said
    assert "known here: avellaneda_stoikov, pure_market_making" in said


def test_a_kind_has_to_be_text() -> None:
    assert "1.5" in refused(MOODY.replace('"moody"', "1.5"), WITH_MOODY)


@attrs.frozen(kw_only=True)
class Unruled(MoodySettings):
    anything: dict[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Lost(MoodySettings):
    where: "Annotated[Nowhere, Number()]"  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("registers", "said"),
    [
        (Moody, "is no class that extends config.strategies.StrategySettings"),
        (MoodySettings.strategy, "is no class that extends"),
        (Unruled, "has fields without a rule of config.strategies: anything"),
        (Lost, "has fields that cannot be understood: NameError: name 'Nowhere' is not defined"),
    ],
    ids=["a strategy", "a function", "a field without a rule", "a name that is not there"],
)
def test_what_is_no_settings_class_is_refused_with_the_distributions_name(
    registers: object, said: str
) -> None:
    complaint = refused(MOODY, with_moody(registers))
    assert '8:1: strategies.doge.kind: "moody" of moody-quotes 0.1 (moody:Settings)' in complaint
    assert said in complaint
    assert "cure: uninstall moody-quotes" in complaint


def test_a_name_clash_is_refused_only_where_the_name_is_used() -> None:
    kinds = StrategyKinds(
        (*WITH_MOODY.registrations, registered(MoodySettings, "pure_market_making"))
    )
    assert loaded(MOODY, kinds).strategies
    complaint = refused(PAPER, kinds)
    assert '"pure_market_making" is registered by quotewright' in complaint
    assert "and by moody-quotes 0.1" in complaint
    assert "cure: uninstall moody-quotes" in complaint


class Clumsy(MoodySettings):
    """Raises what it must not."""

    @override
    def strategy(self) -> Moody:
        raise ZeroDivisionError("half of nothing")


class Silent(MoodySettings):
    @override
    def strategy(self) -> Moody:
        return "a strategy"  # type: ignore[return-value]


class Contrary(MoodySettings):
    @override
    def contradictions(self) -> Iterator[Refused]:
        yield from (getattr(self, name) for name in ["which"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Clumsy, f"ZeroDivisionError: half of nothing ({__file__}:"),
        (Clumsy, ") within moody-quotes 0.1"),
        (Silent, "TypeError: its strategy has no method begin within moody-quotes 0.1"),
        (Contrary, "AttributeError"),
    ],
)
def test_settings_that_raise_are_a_clear_error_and_no_traceback(
    settings: type[StrategySettings], said: str
) -> None:
    complaint = refused(MOODY, with_moody(settings))
    assert said in complaint
    assert "7:13: strategies.doge: the settings of 'moody' cannot be read" in complaint
    assert "tell the author of moody-quotes" in complaint


@attrs.frozen(kw_only=True)
class NeedsMuch:
    """Cannot be filled from the settings below."""

    order_amount: float
    order_refresh_time: int
    a_distance_that_nobody_can_set_yet: int
    another_distance_that_nobody_can_set_yet: int

    def begin(self, now: float) -> None: ...

    def decide(self, view: View, state: None) -> tuple[Decision, None]:
        raise NotImplementedError


class Forgetful(MoodySettings):
    @override
    def strategy(self) -> Any:
        return from_settings(NeedsMuch, self)


def test_what_from_settings_cannot_fill_is_told_whole_with_the_line_that_asked_for_it() -> None:
    complaint = refused(MOODY, with_moody(Forgetful))
    assert "TypeError: NeedsMuch cannot be filled from Forgetful: " in complaint
    for field in ("a_distance_that", "another_distance_that"):
        assert f"Forgetful has no field {field}_nobody_can_set_yet: add it" in complaint
    assert "order_refresh_time is float in Forgetful and int in NeedsMuch" in complaint
    assert f"({__file__}:" in complaint
    assert "mend it there, or tell the author of moody-quotes" in complaint


class Finicky(MoodySettings):
    @override
    def misfits(self, instrument: Instrument) -> Iterator[Refused]:
        yield from ([][int(instrument.lot_size)] for _ in "1")


def test_settings_that_cannot_say_whether_they_fit_a_pair_do_not() -> None:
    assert "does not say whether it fits DOGEUSDT: IndexError: list index out of range" in refused(
        MOODY, with_moody(Finicky)
    )


def test_an_entry_point_without_a_distribution_has_a_name_all_the_same() -> None:
    point = EntryPoint("odd", "json:loads", "engine.strategies")
    with pytest.raises(Refused, match="an unnamed distribution"):
        with_entry_points(built_in(), [point]).kind("odd")


@pytest.mark.parametrize("name", built_in().names)
def test_every_key_of_a_built_in_kind_has_a_meaning(name: str) -> None:
    def without(settings: type[object]) -> Iterator[str]:
        for key in keys_of(settings):
            if not key.meaning and key.table is None:
                yield key.name
            if key.table is not None:
                yield from without(key.table)

    assert not list(without(built_in().kind(name).settings))


def test_what_is_installed_is_found_without_naming_it() -> None:
    settings = load("test.toml", (), {}, files=MemoryFiles({"test.toml": PAPER.encode()}))
    assert Decimal(40) in {each.order_amount for each in settings.strategies.values()}
