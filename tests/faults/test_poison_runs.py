"""A run that the daemon does not survive starting is tried three times, and then no more."""

from __future__ import annotations

import signal

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import leftovers, require
from tests.faults.campaign import arming


def _die_starting_it(installation: Installation, failpoint: str, times: int) -> None:
    for _ in range(times):
        daemon = installation.start(environment=arming(failpoint, 1, installation.folder / "hits"))
        assert daemon.exit_code() == -signal.SIGKILL


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_run_survives_fewer_than_three_deaths_of_the_daemon(deaths: int, installation: Installation) -> None:
    daemon = installation.daemon()
    daemon.stop()
    (run,) = installation.trigger("quick")
    _die_starting_it(installation, "daemon.claimed", deaths)
    daemon = installation.daemon()
    installation.wait_settled()
    shown = installation.run(run)
    assert (shown["status"], shown["attempt"]) == ("succeeded", 1)
    require(leftovers(installation, daemon))


def test_a_run_whose_start_the_daemon_did_not_survive_three_times_fails_and_the_others_run(
    installation: Installation,
) -> None:
    daemon = installation.daemon()
    daemon.stop()
    (poison,) = installation.trigger("quick")
    _die_starting_it(installation, "daemon.claimed", 3)
    (other,) = installation.trigger("three")
    daemon = installation.daemon()
    installation.wait_settled()
    shown = installation.run(poison)
    assert shown["status"] == "failed"
    assert "daemon" in shown["reason"]
    assert "3 times" in shown["reason"] or "three times" in shown["reason"]
    assert shown["dead_letter"]
    assert installation.run(other)["exit_code"] == 3
    assert installation.started() == {other}
    require(leftovers(installation, daemon))


def test_runs_that_wait_beside_one_that_kills_the_daemon_are_not_blamed_for_it(installation: Installation) -> None:
    installation.daemon().stop()
    (poison,) = installation.trigger("quick")
    others = {run for _ in range(3) for run in installation.trigger("three")}
    _die_starting_it(installation, "daemon.claimed", 3)
    daemon = installation.daemon()
    installation.wait_settled()
    assert "quarantined" in installation.run(poison)["reason"]
    assert {installation.run(run)["exit_code"] for run in others} == {3}
    assert installation.started() == others
    require(leftovers(installation, daemon))


def test_a_dead_daemon_after_the_spec_was_sent_costs_nothing(installation: Installation) -> None:
    installation.daemon().stop()
    for _ in range(4):
        installation.trigger("quick")
        _die_starting_it(installation, "daemon.sent", 1)
    daemon = installation.daemon()
    installation.wait_settled()
    assert {run["status"] for run in installation.history()} == {"succeeded"}
    require(leftovers(installation, daemon))
