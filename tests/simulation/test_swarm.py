"""What a seed draws."""

from random import Random

from engine.simulation.injections.catalogue import BESIDE, FAULT_INJECTIONS, NOT_SIMULATED
from engine.simulation.swarm import Plan, draw

HOUR_S = 3600.0


def plan(seed: int) -> Plan:
    return draw(Random(seed), HOUR_S, list(FAULT_INJECTIONS.values()), own_configuration=False)


def test_the_same_seed_draws_the_same_plan_and_another_another() -> None:
    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


def test_every_network_and_venue_fault_is_drawn_by_a_seed_or_said_not_to_be() -> None:
    drawn = {episode.fault for seed in range(40) for episode in plan(seed).episodes}
    wanted = {*(f"N{n:02}" for n in range(1, 41)), *(f"V{n:02}" for n in range(1, 48))}
    assert wanted - drawn == {*NOT_SIMULATED, *BESIDE}


def test_nothing_is_done_in_a_calm_and_troubles_last_as_long_as_they_may() -> None:
    for seed in range(40):
        drawn = plan(seed)
        for episode in drawn.episodes:
            assert not any(begin <= episode.at_s < end for begin, end in drawn.calms)
            least, most = FAULT_INJECTIONS[episode.fault].for_s
            assert least <= episode.for_s <= most


def test_some_seeds_have_calms_and_some_have_none() -> None:
    calms = [plan(seed).calms for seed in range(40)]
    assert any(calms)
    assert not all(calms)
    assert all(each[-1][1] == HOUR_S for each in calms if each)


def test_somebodys_own_configuration_stays_as_it_is() -> None:
    drawn = draw(Random(1), HOUR_S, list(FAULT_INJECTIONS.values()), own_configuration=True)
    assert drawn.overrides == ()
