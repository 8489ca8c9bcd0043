"""Stopping, upgrading and restarting the daemon does not touch what runs (PRODUCT, promise 3)."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from jobctl.store.sqlite.migrate import LATEST
from tests.end_to_end import processes
from tests.end_to_end.installation import REPOSITORY, Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import Work
from tests.faults.broken_copy import Breakage, broken_copy
from tests.faults.campaign import arming

_WORK = {
    "held": Work(gate="gate", exit_code=7),
    "single": Work(gate="gate", exit_code=7, at_once=1),
    "endless": Work(gate="never", more='timeout = "1s"\n'),
}


def _begin(installation: Installation, *jobs: str) -> list[str]:
    runs = installation.trigger(*jobs)
    until(lambda: installation.started() >= set(runs), "the runs have begun")
    return runs


def test_a_stopped_daemon_leaves_its_jobs_running_and_their_ends_are_true(installation: Installation) -> None:
    installation.define(_WORK)
    daemon = installation.daemon()
    _begin(installation, "held", "held")
    waiting = installation.trigger("single", "single")
    assert daemon.stop() == 0
    assert len(processes.busy_keepers(installation.state_dir)) >= 2
    installation.open_gate("gate")
    until(lambda: not processes.keepers(installation.state_dir), "the jobs end while no daemon lives")
    daemon = installation.daemon()
    installation.wait_settled()
    assert {installation.status_of(run) for run in waiting} == {"failed"}
    require(Oracle(installation, _WORK).violations() + leftovers(installation, daemon))


def test_the_next_daemon_adopts_what_still_runs_and_keeps_to_the_limits(installation: Installation) -> None:
    installation.define(_WORK)
    installation.daemon().stop()
    for _ in range(3):
        daemon = installation.daemon()
        installation.trigger("single", "single")
        until(lambda: installation.started(), "a run has begun")
        daemon.stop()
    daemon = installation.daemon()
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _WORK).violations() + leftovers(installation, daemon))


def test_a_timeout_is_enforced_while_no_daemon_lives(installation: Installation) -> None:
    installation.define(_WORK)
    daemon = installation.daemon()
    (run,) = _begin(installation, "endless")
    daemon.kill()
    until(lambda: not processes.keepers(installation.state_dir), "the keeper stops its job and leaves")
    daemon = installation.daemon()
    shown = installation.run(run)
    assert (shown["status"], shown["signal"], shown["exit_code"]) == ("timed_out", 15, None)
    assert leftovers(installation, daemon) == []


def test_an_upgraded_daemon_takes_over_what_the_old_one_started(installation: Installation, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(REPOSITORY / "jobctl", old / "jobctl", ignore=shutil.ignore_patterns("__pycache__"))
    installation.define(_WORK)
    daemon = installation.start(environment={"PYTHONPATH": str(old)}).wait_ready()
    _begin(installation, "held", "held")
    daemon.stop()
    shutil.rmtree(old)  # the keepers have all they need in memory
    daemon = installation.daemon()
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _WORK).violations() + leftovers(installation, daemon))


def test_a_daemon_ends_for_a_newer_one_that_has_brought_its_database_up_to_date(
    installation: Installation, tmp_path: Path
) -> None:
    installation.define(_WORK)
    daemon = installation.daemon("--drain")
    (running,) = _begin(installation, "single")
    (waiting,) = installation.trigger("single")
    installation.environment["PYTHONPATH"] = str(_newer_copy(tmp_path))
    assert [job["name"] for job in installation.ask("list")] == sorted(_WORK)  # any verb of the newer one
    assert daemon.exit_code() == 1
    told = daemon.log_tail()
    assert told.count("brought up to date by a newer jobctl: ending so that the new one takes over") == 1
    assert "trying again" not in told
    older = installation.start(environment={"PYTHONPATH": str(REPOSITORY)})
    assert older.exit_code() == 1
    assert "upgrade jobctl" in older.log_tail()

    daemon = installation.daemon()
    assert (installation.status_of(running), installation.status_of(waiting)) == ("running", "queued")
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _WORK).violations() + leftovers(installation, daemon))


def _newer_copy(folder: Path) -> Path:
    """A jobctl whose database has one migration more."""
    newer = broken_copy(folder, Breakage("store/sqlite/migrate.py", f"LATEST = {LATEST}", f"LATEST = {LATEST + 1}"))
    migration = newer / "jobctl" / "store" / "sqlite" / "migrations" / f"{LATEST + 1:04}_more.sql"
    migration.write_text("ALTER TABLE jobs ADD COLUMN more INTEGER;\n")
    return newer


def test_a_keeper_that_is_slow_to_miss_its_daemon_delays_its_run_and_loses_nothing(installation: Installation) -> None:
    installation.define({"quick": Work()}, max_concurrent=1)
    daemon = installation.start(environment=arming("daemon.claimed", 2, installation.folder / "hits")).wait_ready()
    installation.trigger("quick")
    installation.wait_settled()
    (keeper,) = processes.keepers(installation.state_dir)
    os.kill(keeper, signal.SIGSTOP)  # it has served one run, and stands claimed for the next when its daemon dies
    installation.trigger("quick")
    assert daemon.exit_code() == -signal.SIGKILL
    daemon = installation.daemon()
    os.kill(keeper, signal.SIGCONT)
    installation.wait_settled()
    require(Oracle(installation, {"quick": Work()}, max_concurrent=1).violations() + leftovers(installation, daemon))


def test_a_request_to_stop_outlives_the_daemon_that_did_not_hear_it(installation: Installation) -> None:
    installation.define(_WORK)
    daemon = installation.daemon()
    running, waiting = *_begin(installation, "single"), *installation.trigger("single")
    daemon.signal(signal.SIGSTOP)  # it lives and hears nothing
    asking = [installation.begin_call("cancel", run) for run in (running, waiting)]
    until(lambda: installation.status_of(waiting) == "cancelled", "the waiting run is withdrawn")
    daemon.kill()
    daemon = installation.daemon()
    until(lambda: installation.status_of(running) == "cancelled", "the running one is stopped")
    assert [call.wait(30) for call in asking] == [0, 0]
    assert installation.started() == {running}
    require(leftovers(installation, daemon))


def test_a_draining_daemon_waits_for_its_jobs_and_starts_no_more(installation: Installation) -> None:
    installation.define(_WORK)
    daemon = installation.daemon("--drain")
    _begin(installation, "single")
    (waiting,) = installation.trigger("single")
    daemon.signal(signal.SIGTERM)
    assert not daemon.ended_within(0.5)
    installation.open_gate("gate")
    assert daemon.exit_code() == 0
    assert installation.status_of(waiting) == "queued"
