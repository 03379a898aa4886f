"""The settings that a sweep tries."""

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import attrs

from config.source.problems import ConfigurationProblems, Problem, Refused
from config.source.source import Source
from config.sweep.plan import SearchKind, SweepPlan

GRID_MAX = 100_000
"""Of candidates: a grid that is larger is a mistake, or wants another search."""


@attrs.frozen(kw_only=True)
class Space:
    """
    Keys and their values as a configuration would have them, in the order of the plan.

    Args:
        ordered: Whether a key's values have an order that a search can go by.
    """

    values: Mapping[str, Sequence[str]]
    ordered: Mapping[str, bool]

    @property
    def size(self) -> int:
        return math.prod(map(len, self.values.values()))

    def settings(self, places: Mapping[str, int]) -> tuple[str, ...]:
        """The ``KEY=VALUE`` texts of a point, by the place of each key's value."""
        return tuple(f"{key}={values[places[key]]}" for key, values in self.values.items())

    def point(self, number: int) -> Mapping[str, int]:
        """The point of a number; the last key's value changes first."""
        places: dict[str, int] = {}
        for key in reversed(list(self.values)):
            number, places[key] = divmod(number, len(self.values[key]))
        return places


def space_of(plan: SweepPlan) -> Space:
    return Space(
        values={str(key): dimension.texts() for key, dimension in plan.space.items()},
        ordered={str(key): dimension.ordered for key, dimension in plan.space.items()},
    )


def points(plan: SweepPlan, space: Space, source: Source) -> Sequence[Mapping[str, int]]:
    """
    The points of a grid, or those that are drawn.

    Raises:
        ConfigurationProblems: The grid is too large.
    """
    search = plan.search
    if search.kind is SearchKind.GRID:
        if space.size > GRID_MAX:
            refused = Refused(
                f"has {space.size:,} combinations", f"leave at most {GRID_MAX:,}, or draw some"
            )
            raise ConfigurationProblems([source.problem(("space",), refused)])
        return [space.point(number) for number in range(space.size)]
    random = Random(f"{search.seed} candidates")  # noqa: S311  # to be repeated
    count = min(search.trials, space.size)
    return [space.point(number) for number in sorted(random.sample(range(space.size), count))]


def placed_in_plan(
    problems: ConfigurationProblems, space: Space, source: Source
) -> ConfigurationProblems:
    """Problems of a configuration with the places in the plan that they come from."""
    return ConfigurationProblems(_placed(problems, space, source))


def _placed(problems: ConfigurationProblems, space: Space, source: Source) -> Iterator[Problem]:
    for problem in problems.problems:
        key = problem.origin.removeprefix("--set ")
        if key != problem.origin and key in space.values:
            yield source.problem(("space", key), Refused(problem.message, problem.cure))
        else:
            yield problem
