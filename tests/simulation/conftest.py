"""What tests of parts of the simulation share."""

import pytest

from engine.simulation.virtual_clock import VirtualClock


@pytest.fixture
def virtual_clock() -> VirtualClock:
    """The clock of a test that asks for it: simulated links need one."""
    return VirtualClock()
