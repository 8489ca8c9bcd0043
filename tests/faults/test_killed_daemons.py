"""The daemon is killed at any moment, with runs waiting and running: nothing is lost, nothing is done twice."""

from __future__ import annotations

import pytest

from tests.end_to_end.installation import Installation
from tests.faults import failpoints
from tests.faults.campaign import Campaign, Feed


def test_nothing_is_lost_or_doubled_when_daemons_are_killed_at_random(installation: Installation) -> None:
    campaign = Campaign(installation)
    campaign.establish()
    with Feed(installation, interval=0.05):
        campaign.kill_at_random(20)
    campaign.conclude()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_doubled_in_a_thousand_random_kills(installation: Installation) -> None:
    campaign = Campaign(installation, seed=1000)
    campaign.establish()
    with Feed(installation, interval=0.1):
        campaign.kill_at_random(1000)
    campaign.conclude(patience=600)


def test_the_package_has_failpoints_between_its_durable_effects() -> None:
    assert {"daemon.claimed", "daemon.sent", "daemon.concluded", "recovery.committed"} <= set(failpoints.names())
    assert {"keeper.before_begin", "keeper.after_begin", "keeper.before_end"} <= set(failpoints.names())


@pytest.mark.parametrize("name", failpoints.names())
def test_nothing_is_lost_or_doubled_when_a_process_dies_at(name: str, installation: Installation) -> None:
    _die_at(name, installation, times=2)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", failpoints.names())
def test_nothing_is_lost_or_doubled_in_fifty_deaths_at(name: str, installation: Installation) -> None:
    _die_at(name, installation, times=50)


def _die_at(name: str, installation: Installation, times: int) -> None:
    campaign = Campaign(installation, seed=times)
    campaign.establish()
    with Feed(installation, interval=0.02):
        campaign.kill_at(name, times)
    campaign.conclude(lost=lambda: campaign.struck(name) if failpoints.loses_its_run(name) else 0, patience=300)
