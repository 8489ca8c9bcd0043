"""A keeper is killed: its run is lost once its processes are gone, and nothing else notices."""

from __future__ import annotations

import random

import pytest

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import WORKLOAD, Work
from tests.faults.campaign import Campaign, Feed

_HELD = {"held": Work(gate="gate"), "slow": Work(seconds=0.3)}


def _hold(installation: Installation, count: int) -> list[str]:
    """Runs that are running and wait at the gate."""
    runs = installation.trigger(*["held"] * count)
    until(lambda: installation.started() >= set(runs), "the runs have begun")
    return runs


def test_a_run_whose_keeper_is_killed_is_lost_once_its_processes_are_gone(installation: Installation) -> None:
    installation.define(_HELD)
    daemon = installation.daemon()
    runs = _hold(installation, 4)
    for keeper in list(processes.busy_keepers(installation.state_dir))[:2]:
        processes.kill(keeper)
    until(lambda: len(processes.busy_keepers(installation.state_dir)) == 2, "the keepers are gone")
    installation.trigger("slow")
    assert {installation.status_of(run) for run in runs} == {"running"}
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _HELD, lost=2).violations() + leftovers(installation, daemon))


def test_a_run_whose_keeper_and_job_are_killed_is_lost_at_once(installation: Installation) -> None:
    installation.define(_HELD)
    daemon = installation.daemon()
    (run,) = _hold(installation, 1)
    (keeper,) = processes.busy_keepers(installation.state_dir)
    family = processes.descendants(keeper)
    processes.kill(keeper)
    for job in family:
        processes.kill(job)
    until(lambda: installation.status_of(run) == "lost", "the run is lost")
    assert installation.run(run)["reason"]
    assert leftovers(installation, daemon) == []


def test_a_keeper_killed_while_no_daemon_lives_loses_its_run_and_no_other(installation: Installation) -> None:
    installation.define(_HELD)
    daemon = installation.daemon()
    _hold(installation, 3)
    daemon.kill()
    processes.kill(min(processes.busy_keepers(installation.state_dir)))
    daemon = installation.daemon()
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _HELD, lost=1).violations() + leftovers(installation, daemon))


def test_a_lost_run_is_tried_again_only_when_the_job_says_so(installation: Installation) -> None:
    again = {"held": Work(gate="gate", more='retries = 1\nretry_delay = "0s"\non_lost = "retry"\n')}
    installation.define(again)
    installation.daemon()
    (run,) = _hold(installation, 1)
    processes.kill(*processes.busy_keepers(installation.state_dir))
    installation.open_gate("gate")
    until(lambda: installation.status_of(run) == "succeeded", "the second attempt succeeds")
    assert [attempt["status"] for attempt in installation.run(run)["attempts"]] == ["lost", "succeeded"]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_fifty_killed_keepers_lose_exactly_their_runs_while_daemons_are_killed_too(installation: Installation) -> None:
    campaign, chance = Campaign(installation, seed=50), random.Random(50)
    campaign.establish()
    killed = 0
    with Feed(installation, interval=0.05, jobs=("slow", "slow", "quick")):
        while killed < 50:
            daemon = installation.daemon()
            until(lambda: processes.busy_keepers(installation.state_dir), "some keeper is busy")
            killed += _kill_one_for_sure(installation, chance)
            if chance.random() < 0.5:
                daemon.kill()
            else:
                daemon.stop()
    campaign.conclude(WORKLOAD, lost=lambda: killed, patience=300)


def _kill_one_for_sure(installation: Installation, chance: random.Random) -> int:
    """Stop a keeper first: whether its job still runs then decides whether its death can lose anything."""
    busy = list(processes.busy_keepers(installation.state_dir))
    return processes.kill_keeper_at_work(chance.choice(busy), installation.state_dir) if busy else 0
