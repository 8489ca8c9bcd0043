"""A job that runs into one of its limits is stopped, and its end says which it was."""

from __future__ import annotations

import os
import pwd
import resource
import sys
from pathlib import Path

import pytest

from jobctl.domain.reached_limit import LimitKind, ReachedLimit
from jobctl.process import limit_watch, signals
from jobctl.process.control_group import ControlGroup
from jobctl.process.limit_watch import LimitWatch
from jobctl.process.meter import Meter
from jobctl.process.spec import Owner
from tests.process.conftest import Bench

MB = 1_000_000
PYTHON = f"{sys.executable} -IS -c"


def memory(limit: int) -> tuple[tuple[int, int, int], ...]:
    return ((resource.RLIMIT_DATA, limit, limit),)


def test_a_process_that_is_refused_memory_died_of_its_limit(bench: Bench) -> None:
    end = bench.run_shell(f"{PYTHON} 'bytearray(300_000_000)'", rlimits=memory(100 * MB))
    assert end.exit_code == 1
    assert end.limit == ReachedLimit(LimitKind.MEMORY, 100 * MB)


def test_a_tree_that_holds_too_much_together_is_killed(bench: Bench) -> None:
    hold = f"{PYTHON} 'import time; b = bytearray(60_000_000); time.sleep(60)'"
    end = bench.run_shell(f"{hold} & {hold} & wait", rlimits=memory(100 * MB))
    assert end.limit == ReachedLimit(LimitKind.MEMORY, 100 * MB, enforced=True)
    assert end.signal == signals.SIGKILL
    assert not end.stopped


def test_pages_that_are_shared_after_a_fork_are_counted_once(bench: Bench) -> None:
    script = "import os, time; b = bytearray(60_000_000); os.fork(); os.fork(); time.sleep(1.5)"
    end = bench.run(bench.spec(sys.executable, "-IS", "-c", script, rlimits=memory(100 * MB)))
    assert (end.exit_code, end.limit) == (0, None)


def test_space_that_is_only_reserved_is_no_memory(bench: Bench) -> None:
    script = "import mmap; mmap.mmap(-1, 1 << 32, prot=mmap.PROT_READ)"
    end = bench.run(bench.spec(sys.executable, "-IS", "-c", script, rlimits=memory(100 * MB)))
    assert (end.exit_code, end.limit) == (0, None)


def test_a_process_that_used_up_its_cpu_time_says_so(bench: Bench) -> None:
    end = bench.run_shell("while :; do :; done", rlimits=((resource.RLIMIT_CPU, 1, 6),))
    assert end.signal == signals.SIGXCPU
    assert end.limit is not None
    assert (end.limit.kind, end.limit.amount) == (LimitKind.CPU, 1)


def test_cpu_time_is_counted_for_the_tree(bench: Bench) -> None:
    # Each of them stays below the limit for itself.
    burn = f"{PYTHON} 'import time\nwhile time.process_time() < 0.7: pass'"
    end = bench.run_shell(
        f"trap 'exit 0' TERM; {burn}; {burn}; {burn}; while :; do sleep 0.1; done",
        rlimits=((resource.RLIMIT_CPU, 1, 6),),
    )
    assert end.limit == ReachedLimit(LimitKind.CPU, 1, enforced=True)
    assert end.exit_code == 0  # it chose so when it was told to stop


def test_a_job_without_descriptors_says_so(bench: Bench) -> None:
    script = "import os\nwhile True: os.dup(0)"
    end = bench.run(bench.spec(sys.executable, "-IS", "-c", script, rlimits=((resource.RLIMIT_NOFILE, 40, 40),)))
    assert end.limit == ReachedLimit(LimitKind.OPEN_FILES, 40)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="the kernel counts processes of users only, and root is none")
def test_a_job_that_may_not_fork_says_so(bench: Bench) -> None:
    nobody = pwd.getpwnam("nobody")
    owner = Owner(nobody.pw_uid, nobody.pw_gid, (nobody.pw_gid,))
    end = bench.run_shell("sleep 0 & sleep 0; exit 3", owner=owner, rlimits=((resource.RLIMIT_NPROC, 1, 1),))
    assert end.limit == ReachedLimit(LimitKind.PROCESSES, 1)


def test_a_tree_of_too_many_processes_is_killed_whoever_runs_it(bench: Bench) -> None:
    end = bench.run_shell("for i in 1 2 3 4 5; do sleep 60 & done; wait", rlimits=((resource.RLIMIT_NPROC, 4, 4),))
    assert end.limit is not None
    assert (end.limit.kind, end.limit.amount) == (LimitKind.PROCESSES, 4)


def test_a_limit_that_was_not_reached_is_not_blamed(bench: Bench) -> None:
    rlimits = (*memory(500 * MB), (resource.RLIMIT_CPU, 60, 65), (resource.RLIMIT_NOFILE, 100, 100))
    end = bench.run_shell("echo something else went wrong; exit 4", rlimits=rlimits)
    assert (end.exit_code, end.limit) == (4, None)


def test_who_succeeds_has_reached_no_limit_whatever_it_says(bench: Bench) -> None:
    end = bench.run_shell("echo Too many open files", rlimits=((resource.RLIMIT_NOFILE, 40, 40),))
    assert (end.exit_code, end.limit) == (0, None)


@pytest.fixture
def group(tmp_path: Path) -> ControlGroup:
    """The files of a group that has the controllers for memory and processes."""
    for name, contents in {
        "memory.max": "max", "memory.oom.group": "0", "memory.events": "max 0\noom_kill 2\n", "pids.max": "max",
        "pids.events": "max 5\n",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(contents)
    return ControlGroup(str(tmp_path))


def test_a_group_with_controllers_takes_over_memory_and_processes(group: ControlGroup, tmp_path: Path) -> None:
    descriptors = (resource.RLIMIT_NOFILE, 40, 40)
    rlimits = (*memory(100 * MB), (resource.RLIMIT_NPROC, 7, 7), descriptors)
    assert LimitWatch(rlimits, group).bind(grouped=True) == (descriptors,)
    assert [(tmp_path / name).read_text() for name in ("memory.max", "pids.max")] == ["100000000", "7"]
    assert (tmp_path / "memory.oom.group").read_text() == "1"
    assert LimitWatch((descriptors,), group).bind(grouped=True) == (descriptors,)
    assert [(tmp_path / name).read_text() for name in ("memory.max", "pids.max")] == ["max", "max"]


def test_a_job_outside_the_group_keeps_its_own_limits(group: ControlGroup) -> None:
    assert LimitWatch(memory(1), group).bind(grouped=False) == memory(1)


def test_the_kernel_that_killed_for_memory_in_the_group_is_believed(group: ControlGroup, tmp_path: Path) -> None:
    watch, meter = LimitWatch(memory(100 * MB), group), Meter(group)
    watch.bind(grouped=True)
    assert watch.died_of(meter, signals.SIGKILL, b"") == limit_watch.NONE
    (tmp_path / "memory.events").write_text("max 9\noom_kill 3\n")
    assert watch.died_of(meter, signals.SIGKILL, b"") == limit_watch.MEMORY


def test_the_kernel_that_refused_a_fork_in_the_group_is_believed(group: ControlGroup, tmp_path: Path) -> None:
    watch, meter = LimitWatch(((resource.RLIMIT_NPROC, 7, 7),), group), Meter(group)
    watch.bind(grouped=True)
    assert watch.died_of(meter, 0, b"") == limit_watch.NONE
    (tmp_path / "pids.events").write_text("max 6\n")
    assert watch.died_of(meter, 0, b"") == limit_watch.PROCESSES
