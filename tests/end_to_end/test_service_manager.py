"""The daemon under a service manager, started as its unit says: stop, crash and watchdog under a running job."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jobctl.operations.service_files import program
from jobctl.operations.service_unit import UnitSettings, unit_text
from tests.end_to_end.installation import Installation
from tests.end_to_end.service_manager import ServiceManager
from tests.end_to_end.waiting import until

JOBS = """\
[jobs.long]
command = "while ! test -e {gate}; do sleep 0.05; done; exit 3"
"""


@pytest.fixture
def manager(installation: Installation) -> ServiceManager:
    settings = UnitSettings(program(), installation.jobs_file, installation.state_dir, for_user=True)
    installation.write_jobs(JOBS.format(gate=installation.folder / "gate"))
    return ServiceManager(installation, unit_text(settings), watchdog=3.0)


def running(place: Installation) -> str:
    run = place.call("run", "--detach", "long").stdout.strip()
    until(lambda: place.status_of(run) == "running", "the job runs")
    return run


def ended_as_it_did(place: Installation, run: str) -> bool:
    """Let the job end: its true exit code after one attempt."""
    Path(place.folder, "gate").touch()
    until(lambda: place.status_of(run) == "failed", "the job has ended")
    return [(attempt["number"], attempt["exit_code"]) for attempt in place.run(run)["attempts"]] == [(1, 3)]


def test_a_stop_and_a_start_leave_a_running_job_alone(installation: Installation, manager: ServiceManager) -> None:
    daemon = manager.start()
    run = running(installation)
    daemon.signal(signal.SIGTERM)
    daemon.wait_for_word("STOPPING=1")
    assert daemon.exit_code() == 0
    daemon.wait_for_word("STATUS=stopped, 1 still running")
    manager.start()
    assert installation.status_of(run) == "running"
    assert ended_as_it_did(installation, run)


def test_after_a_crash_the_next_daemon_takes_the_job_over(installation: Installation, manager: ServiceManager) -> None:
    daemon = manager.start()
    run = running(installation)
    daemon.kill()
    manager.restart_after_its_end(daemon)
    assert ended_as_it_did(installation, run)


def test_a_daemon_that_hangs_is_killed_by_the_watchdog_and_replaced(
    installation: Installation, manager: ServiceManager
) -> None:
    daemon = manager.start()
    run = running(installation)
    assert manager.watch(daemon, seconds=4.0)
    daemon.signal(signal.SIGSTOP)
    daemon.forget_words()
    assert not manager.watch(daemon, seconds=10.0)
    daemon.signal(signal.SIGCONT)
    assert daemon.exit_code() == -signal.SIGABRT
    replacement = manager.restart_after_its_end(daemon)
    assert manager.watch(replacement, seconds=1.0)
    assert ended_as_it_did(installation, run)


def test_a_reload_is_announced_and_ends_ready(installation: Installation, manager: ServiceManager) -> None:
    daemon = manager.start()
    daemon.signal(signal.SIGHUP)
    daemon.wait_for_word("RELOADING=1")
    daemon.wait_for_word("READY=1")
