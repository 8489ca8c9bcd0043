"""What people hear of a real daemon that starts nothing by itself, drains, or was asked to reload."""

from __future__ import annotations

import signal

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = '[daemon]\ntimezone = "UTC"\n{}[jobs.slow]\ncommand = "exec sleep 30"\ngrace = "1s"\n'


def test_settings_are_reloaded_and_told_and_scheduling_can_be_off(installation: Installation) -> None:
    installation.write_jobs(JOBS.format(""))
    daemon = installation.daemon()
    assert installation.call("health").returncode == 0
    installation.write_jobs(JOBS.format('enabled = false\nlog_format = "json"\n'))
    done = installation.call("reload")
    assert done.stdout == "settings  daemon.enabled, daemon.log_format\n"
    assert "reloaded: 2 settings changed; 1 job as before\n" in done.stderr
    assert "restart the daemon for daemon.log_format\n" in done.stderr
    assert "scheduling is off ([daemon] enabled = false)" in installation.call("next").stderr
    assert installation.call("health").returncode == 1
    assert installation.call("reload", "--plan").stdout == "settings  daemon.log_format\n"
    assert "scheduling is off ([daemon] enabled = false)" in daemon.log_tail()


@pytest.mark.parametrize(
    ("end", "words"),
    [(signal.SIGTERM, "the last one stopped "), (signal.SIGKILL, "and perhaps a minute longer")],
    ids=["stopped", "killed"],
)
def test_why_tells_the_end_of_a_daemon_as_far_as_it_is_known(
    installation: Installation, end: signal.Signals, words: str
) -> None:
    installation.write_jobs('[jobs.often]\ncommand = "true"\nevery = "1s"\n')
    daemon = installation.daemon()
    until(lambda: installation.ask("history", "often"), "it has run")
    daemon.signal(end)
    daemon.exit_code()
    until(lambda: installation.ask("why", "often")["reason"] == "daemon_down", "a slot has passed since")
    told = installation.ask("why", "often")["text"]
    assert words in told
    assert ("perhaps" in told) is (end is signal.SIGKILL)


def test_a_draining_daemon_says_that_it_drains(installation: Installation) -> None:
    installation.write_jobs(JOBS.format(""))
    daemon = installation.daemon("--drain")
    (run,) = installation.trigger("slow")
    until(lambda: installation.status_of(run) == "running", "the job runs")
    daemon.signal(signal.SIGTERM)
    until(lambda: installation.ask("status")["daemon"]["draining_since"], "the daemon drains")
    assert "is draining, waits for 1 run: nothing starts" in installation.call("status").stderr
    assert installation.call("cancel", run).returncode == 0
    assert daemon.exit_code() == 0
