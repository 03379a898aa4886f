"""From settings to a strategy's parameters: by name, nothing copied by hand, nothing forgotten."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import attrs
import pytest

from config.rules.keys import keys_of
from config.rules.rules import Seconds, Span, percent
from config.strategies.avellaneda import AvellanedaStoikovSettings
from config.strategies.kinds import built_in
from config.strategies.parameters import from_settings
from config.strategies.pure_market_making import PureMarketMakingSettings
from tests.config.loaded import PAPER, loaded, making
from tests.support.key_tables import table_of
from trading.strategies import avellaneda_stoikov, pure_market_making

D = Decimal
ROOT = Path(__file__).parents[2]


# Three places for a key, as docs/writing-a-strategy.md has them: ...


@attrs.frozen(kw_only=True)
class PatientSettings(PureMarketMakingSettings):
    """
    Pure market making that waits.

    Args:
        patience: How long nothing is quoted after the start.
    """  # the first

    patience: Span = 5.0  # the second


@attrs.frozen(kw_only=True)
class PatientParameters(pure_market_making.Parameters):
    patience: float = 5.0  # and the third


def patient(**keys: Any) -> PatientSettings:
    plain: dict[str, Any] = attrs.asdict(making(loaded(PAPER)), recurse=False)
    return PatientSettings(**plain, **keys)


def test_a_key_is_added_in_three_places() -> None:
    settings = patient(patience=7.0)
    parameters = from_settings(PatientParameters, settings, settings.derived)
    assert parameters.patience == 7.0
    assert parameters.bid_spread == D("0.001")
    assert table_of(keys_of(PatientSettings), "patience", set()).splitlines()[-1] == (
        "| `patience` | time span in s, above 0, at most 86400 | `5`"
        " | How long nothing is quoted after the start. |"
    )


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (PureMarketMakingSettings, pure_market_making.Parameters),
        (AvellanedaStoikovSettings, avellaneda_stoikov.Parameters),
    ],
)
def test_what_is_derived_is_what_no_key_has_by_the_same_name_and_type(
    settings: type[Any], parameters: type[Any]
) -> None:
    text = PAPER
    if settings is AvellanedaStoikovSettings:
        text = text.replace("pure_market_making", "avellaneda_stoikov").replace(
            'bid_spread = "0.1 %"\nask_spread = "0.2 %"\n', "risk_factor = 100\n"
        )
    [made] = loaded(text).strategies.values()
    assert isinstance(made, PureMarketMakingSettings | AvellanedaStoikovSettings)
    assert isinstance(made, settings)
    assert isinstance(made.parameters, parameters)
    keys = {field.name for field in attrs.fields(settings)} - {"order_override"}
    assert not keys & made.derived.keys()


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (PureMarketMakingSettings, pure_market_making.Parameters),
        (AvellanedaStoikovSettings, avellaneda_stoikov.Parameters),
    ],
)
def test_a_key_that_nothing_reads_is_found(settings: type[Any], parameters: type[Any]) -> None:
    taken = {field.name for field in attrs.fields(parameters)}
    files = [file for top in ("config", "engine") for file in (ROOT / top).rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    read = set(re.findall(r"\.(\w+)", text))
    assert not {field.name for field in attrs.fields(settings)} - taken - read


def test_a_parameter_that_no_key_fills_is_an_error_even_with_a_default() -> None:
    @attrs.frozen
    class Forgotten:
        order_amount: Decimal
        courage: int = 1

    with pytest.raises(TypeError, match="PatientSettings has no field courage: add it"):
        from_settings(Forgotten, patient())


def test_a_key_of_another_type_is_not_taken_for_the_parameter() -> None:
    @attrs.frozen
    class Whole:
        patience: int

    with pytest.raises(TypeError, match="patience is float in PatientSettings and int in Whole"):
        from_settings(Whole, patient())


def test_what_is_derived_has_to_be_a_parameter() -> None:
    @attrs.frozen
    class One:
        patience: float

    with pytest.raises(TypeError, match="haste is no field of One"):
        from_settings(One, patient(), {"haste": 1})


def test_rules_do_not_count_as_part_of_the_type() -> None:
    @attrs.frozen
    class Ruled:
        share: Annotated[Decimal, percent(above=0)] | None
        wait: Annotated[float, Seconds()]

    @attrs.frozen
    class Plain:
        wait: float
        share: Decimal | None

    assert from_settings(Plain, Ruled(share=D("0.1"), wait=2.0)) == Plain(wait=2.0, share=D("0.1"))


def test_every_built_in_kind_is_filled_by_name() -> None:
    settings = {built_in().kind(name).settings for name in built_in().names}
    assert settings == {PureMarketMakingSettings, AvellanedaStoikovSettings}
