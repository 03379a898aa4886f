"""How candidates stand: by the objective, within the limits, on average over data and seeds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

import attrs

from config.sweep.plan import ObjectiveSettings
from engine.sweep.cells import CellResult

SHOWN = 10
"""So many of the best, and as many that are drawn beside them."""
_MINIMUM = "_min"


@attrs.frozen(kw_only=True)
class Standing:
    """
    A candidate.

    Args:
        settings: ``KEY=VALUE`` texts.
        objective: Mean over its cells; ``None`` where one does not state it, or has failed.
        metrics: The mean of each that all cells state.
        broken: Limits that a cell is beyond, in words.
        trouble: Why it has no objective.
    """

    candidate: int
    settings: tuple[str, ...]
    cells: int
    objective: Decimal | None
    metrics: Mapping[str, Decimal]
    broken: tuple[str, ...]
    trouble: str = ""

    @property
    def excess(self) -> int:
        """How many limits are broken."""
        return len(self.broken)


def standing(
    candidate: int,
    settings: tuple[str, ...],
    results: Sequence[CellResult | str],
    objective: ObjectiveSettings,
) -> Standing:
    """
    How a candidate stands.

    Args:
        results: Of its cells; a text says why there is none.
    """
    found = [result for result in results if isinstance(result, CellResult)]
    failed = [result for result in results if isinstance(result, str)]
    numbers = [{name: Decimal(str(v)) for name, v in one.metrics.items()} for one in found]
    names = set.intersection(*(set(each) for each in numbers)) if numbers and not failed else set()
    means = {
        name: sum((each[name] for each in numbers), Decimal(0)) / len(numbers)
        for name in sorted(names)
    }
    wanted = objective.maximise
    unstated = next((one.unstated[wanted] for one in found if wanted in one.unstated), "")
    return Standing(
        candidate=candidate,
        settings=settings,
        cells=len(results),
        objective=means.get(wanted),
        metrics=means,
        broken=tuple(_broken(numbers, objective)),
        trouble=failed[0] if failed else unstated,
    )


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """Those with an objective, the best first; those beyond a limit after all others."""
    stated = [one for one in standings if one.objective is not None]
    return sorted(
        stated, key=lambda one: (one.excess, -(one.objective or Decimal(0)), one.candidate)
    )


def drawn_beside(best: Sequence[Standing], others: Sequence[Standing], seed: int) -> list[Standing]:
    """Ten of the others at random: what luck looks like."""
    names = {one.candidate for one in best}
    rest = sorted((one for one in others if one.candidate not in names), key=_number)
    random = Random(f"{seed} beside the best")  # noqa: S311  # to be repeated
    return sorted(random.sample(rest, min(SHOWN, len(rest))), key=_number)


def rank_correlation(pairs: Sequence[tuple[Decimal, Decimal]]) -> float | None:
    """
    Spearman's, equal values with the mean of their ranks.

    Returns:
        ``None`` for fewer than three pairs, and where one side does not differ at all.
    """
    if len(pairs) < 3:  # noqa: PLR2004  # two points are always on a line
        return None
    first, second = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    mean = (len(pairs) + 1) / 2
    covariance = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    deviations = [sum((rank - mean) ** 2 for rank in ranks) for ranks in (first, second)]
    if not all(deviations):
        return None
    return float(covariance / (deviations[0] * deviations[1]) ** 0.5)


def _ranks(values: Sequence[Decimal]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


def _number(one: Standing) -> int:
    return one.candidate


def _broken(numbers: Sequence[Mapping[str, Decimal]], objective: ObjectiveSettings) -> list[str]:
    broken = []
    for name, bound in objective.limits.items():
        least = name.endswith(_MINIMUM)
        metric = str(name).removesuffix(_MINIMUM) if least else str(name)
        values = [each[metric] for each in numbers if metric in each]
        if len(values) < len(numbers):
            broken.append(f"{metric} is not stated")
            continue
        worst = min(values, default=bound) if least else max(values, default=bound)
        if worst != bound and (worst < bound) is least:
            broken.append(f"{metric} {worst:.6g} is {'below' if least else 'above'} {bound}")
    return broken
