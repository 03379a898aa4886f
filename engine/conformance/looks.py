"""What many checks have in common: the shape and caching of an answer, the shape of frames."""

from collections.abc import Mapping, Sequence

from engine.conformance.lab import Answer, Lab
from engine.conformance.line import Heard
from trading.venues.valr.conformance.check import Facts, NotSeen
from trading.venues.valr.conformance.expected import EXPECTED
from trading.venues.valr.shapes.shape import differences

REST_PLACE = "trading/venues/valr/wire/rest.py, simulator/rest/public.py"


def shaped(*names: str, cached: int | None = None) -> Mapping[str, object]:
    """The facts that are expected of some routes or types of frame: nothing in them is odd."""
    facts: dict[str, object] = {f"shapes/{name}": [] for name in names}
    if cached is not None:
        facts |= {f"caching/{name}": f"max-age={cached},public" for name in names}
    return facts


def answer_shape(route: str, answer: Answer, *, cached: bool = True) -> Facts:
    """
    The shape of an answer.

    Raises:
        NotSeen: It is no good answer.
    """
    if answer.status >= 300 or answer.value is None:  # noqa: PLR2004  # a success
        raise NotSeen(f"{route} answered {answer.words}")
    facts: dict[str, object] = {f"shapes/{route}": list(differences(EXPECTED[route], answer.value))}
    if cached:
        facts[f"caching/{route}"] = answer.headers.get("cache-control", "")
    return facts


async def asked(lab: Lab, route: str, path: str, *, cached: bool = True) -> Facts:
    """The shape of the answer to a public question."""
    return answer_shape(route, await lab.get(path), cached=cached)


def frame_shapes(heard: Sequence[Heard], *kinds: str) -> Facts:
    """
    The shapes of all frames of some types.

    Raises:
        NotSeen: None of them came.
    """
    facts: dict[str, object] = {}
    for kind in kinds:
        found = [one.said for one in heard if one.said.get("type") == kind]
        if found:
            edits = [edit for said in found for edit in differences(EXPECTED[kind], said)]
            facts[f"shapes/{kind}"] = list(dict.fromkeys(edits))
    if not facts:
        raise NotSeen(f"no frame of type {' or '.join(kinds)} came")
    return facts
