"""Every trouble that a seed can draw, by its id."""

from collections.abc import Mapping

from engine.simulation.troubles.base import Trouble
from engine.simulation.troubles.network import NETWORK
from engine.simulation.troubles.process import PROCESS
from engine.simulation.troubles.venue import VENUE

TROUBLES: Mapping[str, Trouble] = {**NETWORK, **VENUE, **PROCESS}
