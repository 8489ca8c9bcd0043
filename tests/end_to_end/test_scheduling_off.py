"""`[daemon] enabled = false` and JOBCTL_ENABLED=false: the daemon works and starts nothing by itself."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """
[jobs.ticks]
command = "true"
every = "1s"
catch_up = "all"
[jobs.starts]
command = "true"
on_start = true
[jobs.boots]
command = "true"
on_boot = true
[jobs.again]
command = "true"
every_after = "1s"
[jobs.asked]
command = "true"
"""
OFF = "[daemon]\nenabled = false\n"


def passed_slots(installation: Installation) -> None:
    """Wait until the daemon has let two slots of `ticks` pass."""
    first = installation.ask("show", "ticks")["next_at"]

    def moved() -> bool:
        return bool(installation.ask("show", "ticks")["next_at"] > first)

    until(moved, "a slot has passed")
    first = installation.ask("show", "ticks")["next_at"]
    until(moved, "another one has passed")


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        (OFF + JOBS, {}, "scheduling is off ([daemon] enabled = false)"),
        (JOBS, {"JOBCTL_ENABLED": "false"}, "scheduling is off (JOBCTL_ENABLED=false)"),
        (JOBS, {"JOBCTL_ENABLED": " OFF "}, "scheduling is off (JOBCTL_ENABLED=false)"),
    ],
)
def test_nothing_starts_by_itself_and_what_is_asked_for_does(
    installation: Installation, text: str, environment: dict[str, str], said: str
) -> None:
    installation.write_jobs(text)
    daemon = installation.daemon(environment=environment)
    passed_slots(installation)
    assert installation.history() == []
    assert json.loads(installation.call("run", "asked", "--json").stdout)["status"] == "succeeded"
    run = installation.call("enqueue", "ticks").stdout.strip()
    assert installation.call("wait", run).returncode == 0
    assert {one["job"] for one in installation.history()} == {"asked", "ticks"}
    assert installation.ask("status")["daemon"]["scheduling"] is False
    status = installation.call("status")
    assert said in status.stderr
    assert "nothing by itself: scheduling is off" in status.stdout
    assert installation.ask("status")["next"] == []
    assert said in daemon.log_tail()


def test_a_word_that_is_neither_yes_nor_no_is_refused(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.environment["JOBCTL_ENABLED"] = "flase"
    done = installation.call("daemon")
    assert done.returncode == 2
    assert done.stderr.startswith('jobctl: JOBCTL_ENABLED="flase" is neither yes nor no\n')


def test_once_it_is_on_again_what_passed_while_it_was_off_is_not_caught_up(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    daemon = installation.daemon(environment={"JOBCTL_ENABLED": "false"})
    passed_slots(installation)
    undecided = installation.ask("show", "ticks")["next_at"]
    daemon.stop()
    installation.daemon(environment={"JOBCTL_ENABLED": "true"})
    wanted = {("starts", "startup"), ("ticks", "schedule")}
    until(lambda: wanted <= {(run["job"], run["origin"]) for run in installation.history()}, "the schedule goes on")
    slots = [run["scheduled_for"] for run in installation.ask("history", "ticks", "--limit", "1000")]
    assert min(slots) >= undecided


def test_a_reload_turns_it_off_and_on(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    until(lambda: installation.ask("history", "ticks"), "the schedule runs")
    installation.write_jobs(OFF + JOBS)
    assert installation.call("reload").returncode == 0
    installation.wait_settled()
    before = len(installation.history())
    passed_slots(installation)
    assert len(installation.history()) == before
    installation.write_jobs(JOBS)
    assert installation.call("reload").returncode == 0
    until(lambda: len(installation.history()) > before, "the schedule goes on")
