"""The daemon is killed at any moment, with runs waiting and running: nothing is lost, nothing is done twice."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import Work
from tests.faults import failpoints
from tests.faults.campaign import Campaign, Feed

ANYWHERE = [name for name in failpoints.names() if name not in failpoints.OF_CHAINS]


def test_nothing_is_lost_or_doubled_when_daemons_are_killed_at_random(installation: Installation) -> None:
    campaign = Campaign(installation)
    campaign.establish()
    with Feed(installation, interval=0.05):
        campaign.kill_at_random(12)
    campaign.conclude()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_doubled_in_a_thousand_random_kills(installation: Installation) -> None:
    campaign = Campaign(installation, seed=1000)
    campaign.establish()
    with Feed(installation, interval=0.1):
        campaign.kill_at_random(1000)
    campaign.conclude(patience=600)


def test_no_slot_is_forgotten_or_doubled_when_daemons_are_killed_at_random(installation: Installation) -> None:
    every_slot = 'every = "1s"\ncatch_up = "all"\ncatch_up_limit = 1000\noverlap = "allow"\n'
    ticking = {"tick": Work(more=every_slot), "quick": Work()}
    installation.define(ticking)
    campaign = Campaign(installation, seed=3)
    campaign.establish()
    with Feed(installation, interval=0.1, jobs=("quick",)):
        campaign.kill_at_random(10)
    daemon = installation.daemon()
    until(lambda: len(_slots(installation)) >= 8, "slots come")
    installation.define({"quick": Work(), "tick": Work()})
    assert installation.call("reload").returncode == 0
    daemon.stop()
    campaign.conclude(ticking)
    slots = _slots(installation)
    assert slots == list(range(slots[0], slots[0] + len(slots)))


def _slots(installation: Installation) -> list[int]:
    """The slots of the job `tick` that have a run, as whole seconds."""
    slots = [run["scheduled_for"] for run in installation.history() if run["job"] == "tick"]
    return sorted(int(datetime.fromisoformat(slot).timestamp()) for slot in slots)


def test_the_package_has_failpoints_between_its_durable_effects() -> None:
    assert {"daemon.claimed", "daemon.sent", "daemon.concluded", "recovery.committed"} <= set(failpoints.names())
    assert set(failpoints.OF_CHAINS) <= set(failpoints.names())
    assert {"keeper.before_begin", "keeper.after_begin", "keeper.before_end"} <= set(failpoints.names())


@pytest.mark.parametrize("name", ANYWHERE)
def test_nothing_is_lost_or_doubled_when_a_process_dies_at(name: str, installation: Installation) -> None:
    _die_at(name, installation, times=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ANYWHERE)
def test_nothing_is_lost_or_doubled_in_fifty_deaths_at(name: str, installation: Installation) -> None:
    _die_at(name, installation, times=50)


def _die_at(name: str, installation: Installation, times: int) -> None:
    campaign = Campaign(installation, seed=times)
    campaign.establish()
    with Feed(installation, interval=0.02):
        campaign.kill_at(name, times)
    campaign.conclude(lost=lambda: campaign.struck(name) if failpoints.loses_its_run(name) else 0, patience=300)
