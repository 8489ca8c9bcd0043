"""The machine refuses processes or descriptors: runs stay queued, no attempt is used up, and it passes."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import processes
from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.faults.process_budget import ProcessBudget


def test_a_run_waits_while_the_daemon_has_no_descriptors_left(installation: Installation) -> None:
    daemon = installation.daemon()
    usual = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (_descriptors_at_rest(daemon.pid), usual[1]))
    runs = installation.trigger("quick", "slow", "three")
    until(lambda: "cannot start anything" in daemon.log_tail(), "the daemon says why it starts nothing")
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, usual)
    _require_one_attempt_each(installation, daemon, runs)


def _descriptors_at_rest(pid: int) -> int:
    """How many descriptors the daemon has when it has nothing to do: what it opens for a moment leaves gaps."""

    def numbers() -> set[int]:
        return {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}

    def at_rest() -> set[int]:
        before = numbers()
        time.sleep(0.2)
        return before if before == numbers() else set()

    return max(until(at_rest, "the daemon comes to rest")) + 1


@pytest.fixture
def budget(tmp_path: Path) -> Iterator[ProcessBudget]:
    made = ProcessBudget(f"jobctl-{tmp_path.name[:40]}-{tmp_path.stat().st_ino}")
    yield made
    made.remove()


@pytest.mark.root
@pytest.mark.parametrize("warm", [False, True], ids=["for_a_keeper", "for_the_job_of_a_warm_keeper"])
def test_a_run_waits_while_there_is_no_process_to_be_had(
    warm: bool, installation: Installation, budget: ProcessBudget
) -> None:
    daemon = installation.daemon()
    if warm:
        installation.trigger("quick")
        installation.wait_settled()
    for pid in (daemon.pid, *processes.keepers(installation.state_dir)):
        budget.restrict(pid)
    budget.allow(0)
    runs = installation.trigger("quick", "slow")
    until(lambda: len(_pauses(daemon)) >= 3, "the daemon says why it starts nothing, and tries again")
    assert _pauses(daemon)[:3] == ["1s", "2s", "4s"]
    assert {installation.status_of(run) for run in runs} <= {"queued", "running"}
    budget.allow(1000)
    _require_one_attempt_each(installation, daemon, runs)


def test_a_run_waits_while_its_keeper_has_no_descriptors_left(installation: Installation) -> None:
    daemon = installation.daemon()
    installation.trigger("quick")
    installation.wait_settled()
    (keeper,) = processes.keepers(installation.state_dir)
    usual = resource.prlimit(keeper, resource.RLIMIT_NOFILE)
    highest = max(int(entry.name) for entry in Path(f"/proc/{keeper}/fd").iterdir())
    resource.prlimit(keeper, resource.RLIMIT_NOFILE, (highest + 1, usual[1]))
    runs = installation.trigger("quick")
    until(lambda: _pauses(daemon), "the daemon says why it starts nothing")
    resource.prlimit(keeper, resource.RLIMIT_NOFILE, usual)
    _require_one_attempt_each(installation, daemon, runs)


def _pauses(daemon: Daemon) -> list[str]:
    """How long it waited after each refusal."""
    return re.findall(r"cannot start anything.* retry_in=(\S+)", daemon.log_tail(100_000))


def _require_one_attempt_each(installation: Installation, daemon: Daemon, runs: list[str]) -> None:
    installation.wait_settled()
    assert [len(installation.run(run)["attempts"]) for run in runs] == [1] * len(runs)
    require(Oracle(installation).violations() + leftovers(installation, daemon))
