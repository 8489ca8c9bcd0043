"""Real keepers run real children; the pool says how they ended."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jobctl.errors import CannotStart
from jobctl.process import record
from jobctl.process.pool import Pool
from jobctl.process.reports import Died, Ended, NotStarted, Started
from tests.end_to_end.processes import keepers
from tests.process.conftest import Bench, is_alive, wait_until


@pytest.mark.parametrize("code", [0, 1, 7, 126, 127, 139, 255])
def test_an_exit_code_is_what_the_job_exited_with(bench: Bench, code: int) -> None:
    end = bench.run_shell(f"exit {code}")
    assert (end.exit_code, end.signal, end.error) == (code, None, None)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_is_not_mistaken_for_an_exit_code(bench: Bench, number: signal.Signals) -> None:
    end = bench.run_shell(f"kill -{number.value} $$")
    assert (end.exit_code, end.signal, end.stopped) == (None, number, False)


def test_a_missing_program_is_127_with_the_reason_in_words(bench: Bench) -> None:
    end = bench.run(bench.spec("/no/such/program"))
    assert (end.exit_code, end.signal, end.started_at) == (127, None, None)
    assert end.error is not None
    assert end.error.startswith("cannot execute /no/such/program: no such file")


def test_a_file_that_is_no_program_is_126(bench: Bench) -> None:
    end = bench.run(bench.spec("/etc/passwd"))
    assert end.exit_code == 126
    assert end.error is not None
    assert "not executable" in end.error


def test_arguments_beyond_the_kernels_limit_are_126_and_the_keeper_goes_on(bench: Bench) -> None:
    end = bench.run(bench.spec("/bin/true", *["x" * 100_000] * 40))
    assert end.exit_code == 126
    assert end.error is not None
    assert "E2BIG" in end.error
    assert bench.run(bench.spec("/bin/true")).exit_code == 0


def test_a_folder_that_cannot_be_entered_is_126(bench: Bench) -> None:
    end = bench.run(bench.spec("/bin/true", cwd="/no/such/folder"))
    assert end.exit_code == 126
    assert end.error is not None
    assert end.error.startswith("cannot enter /no/such/folder")


def test_one_keeper_runs_one_attempt_after_the_other(bench: Bench) -> None:
    keepers = set()
    for code in range(5):
        keeper = bench.launch(bench.shell(f"exit {code}"))
        keepers.add(keeper)
        assert bench.next_report(Ended).end.exit_code == code
        bench.pool.settled(keeper)
    assert len(keepers) == 1


def test_a_keeper_gets_no_further_attempt_before_the_last_is_settled(bench: Bench) -> None:
    first = bench.launch(bench.shell("exit 0"))
    bench.next_report(Ended)
    assert bench.pool.reserve() != first


def test_keepers_work_at_the_same_time(bench: Bench) -> None:
    # Each waits for the other: only together can they end.
    os.mkfifo(bench.directory / "meeting")
    bench.launch(bench.shell(f"echo here > {bench.directory}/meeting"))
    bench.launch(bench.shell(f"read word < {bench.directory}/meeting && test $word = here"))
    assert [bench.next_report(Ended).end.exit_code for _ in range(2)] == [0, 0]


def test_a_long_job_is_announced_before_it_ends(bench: Bench) -> None:
    spec = bench.shell("exec sleep 60")
    keeper = bench.launch(spec)
    started = bench.next_report(Started)
    assert started.token == spec.token
    assert is_alive(started.pid)
    bench.pool.stop(keeper, signal.SIGKILL, 0)
    assert bench.next_report(Ended).end.signal == signal.SIGKILL


def test_resource_use_is_reported(bench: Bench) -> None:
    end = bench.run_shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; head -c 1000 /dev/zero")
    assert end.cpu_seconds is not None
    assert end.cpu_seconds > 0.01
    assert end.max_rss_bytes is not None
    assert end.max_rss_bytes > 500_000
    assert end.log_bytes == 1000
    assert end.started_at is not None
    assert end.finished_at >= end.started_at


def test_a_keeper_killed_while_busy_is_reported_as_died(bench: Bench) -> None:
    spec = bench.shell(f"echo $$ > {bench.directory}/pid; exec sleep 60")
    keeper = bench.launch(spec)
    job = bench.pid_in("pid")
    keeper_pid = bench.keeper_pid(keeper)
    os.kill(keeper_pid, signal.SIGKILL)
    assert bench.next_report(Died) == Died(keeper, spec.token)
    os.kill(job, signal.SIGKILL)


def test_a_keeper_killed_while_reserved_is_reported_once_it_is_used(bench: Bench) -> None:
    keeper = bench.pool.reserve()
    keeper_pid = bench.keeper_pid(keeper)
    os.kill(keeper_pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(keeper_pid), "the keeper's death")
    bench.reports += bench.pool.receive(0)
    spec = bench.shell("exit 0")
    bench.pool.start(keeper, spec)
    assert bench.next_report(Died) == Died(keeper, spec.token)
    bench.pool.settled(keeper)
    assert not (bench.keepers_dir / keeper).exists()


def test_a_keeper_that_has_closed_its_socket_and_is_not_gone_yet_gets_nothing(bench: Bench) -> None:
    keeper = bench.pool.reserve()
    bench.pool.release(keeper)
    os.kill(bench.keeper_pid(keeper), signal.SIGSTOP)  # a dying process closes its files before its pidfd tells
    with socket.socket(fileno=os.dup(bench.pool._links[keeper].fd)) as connection:
        connection.shutdown(socket.SHUT_RD)
    bench.pool.receive(0)
    assert bench.pool.take() is None
    os.kill(bench.keeper_pid(keeper), signal.SIGCONT)
    assert bench.run_shell("exit 5").exit_code == 5


def test_warm_keepers_are_there_before_they_are_needed(bench: Bench) -> None:
    taken: set[str] = set()

    def three_are_ready() -> bool:
        bench.pool.warm(3 - len(taken), 0)
        bench.pool.receive(0)
        if keeper := bench.pool.take():
            taken.add(keeper)
        return len(taken) == 3

    assert bench.pool.take() is None
    wait_until(three_are_ready, "three keepers")
    assert len(list(bench.keepers_dir.iterdir())) == 3
    assert not bench.pool.has_ready


def test_only_a_few_keepers_start_at_a_time(bench: Bench) -> None:
    bench.pool.warm(100, 0)
    assert 2 <= bench.pool.prepared <= 2 * (os.cpu_count() or 1) + 1


def test_a_keeper_that_does_not_get_ready_in_time_is_told_once(bench: Bench) -> None:
    bench.pool.warm(1, 0)
    wait_until(lambda: len(keepers(bench.directory)) == 1, "its command line shows, which follows exec by a moment")
    (keeper,) = keepers(bench.directory)
    os.kill(keeper, signal.SIGSTOP)
    bench.pool.warm(1, 0)
    with pytest.raises(CannotStart, match="did not get ready"):
        bench.pool.warm(1, 10_000)
    os.kill(keeper, signal.SIGCONT)
    wait_until(lambda: not bench.pool.receive(10_000) and not is_alive(keeper), "it goes")
    bench.pool.warm(1, 10_000)


def test_a_keeper_that_dies_before_it_is_ready_is_told_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.keepers_dir.rmdir()
    bench.pool.warm(1, 0)
    wait_until(lambda: bench.pool.receive(0) or not bench.pool.prepared, "it goes")
    bench.keepers_dir.mkdir()
    monkeypatch.setattr("jobctl.process.crew.is_full", lambda folder: folder == bench.keepers_dir)
    with pytest.raises(CannotStart, match=f"did not get ready: the disk of {bench.keepers_dir} is full"):
        bench.pool.warm(1, 0)
    assert bench.run_shell("exit 6").exit_code == 6


def test_a_reservation_that_is_released_can_be_used_again(bench: Bench) -> None:
    keeper = bench.pool.reserve()
    bench.pool.release(keeper)
    assert bench.pool.reserve() == keeper


def test_idle_keepers_beyond_the_reserve_retire_after_a_minute(bench: Bench) -> None:
    keepers = [bench.pool.reserve() for _ in range(3)]
    pids = [bench.keeper_pid(keeper) for keeper in keepers]
    for keeper in keepers:
        bench.pool.release(keeper)
    assert bench.pool.retire_idle(1_000) == 61_000
    assert all(map(is_alive, pids))
    assert bench.pool.retire_idle(61_000) is None

    def one_is_left() -> bool:
        bench.pool.receive(0)
        return len(list(bench.keepers_dir.iterdir())) == 1

    wait_until(one_is_left, "two keepers to leave with their records")
    assert sum(map(is_alive, pids)) == 1


def test_a_clock_set_back_keeps_no_idle_keeper_for_long(bench: Bench) -> None:
    keepers = [bench.pool.reserve() for _ in range(2)]
    for keeper in keepers:
        bench.pool.release(keeper)
    year = 365 * 86_400_000
    assert bench.pool.retire_idle(year) == year + 60_000
    assert bench.pool.retire_idle(1_000) == 61_000
    assert bench.pool.retire_idle(61_000) is None


def test_closing_the_pool_lets_idle_keepers_go_and_leaves_no_record_of_them(bench: Bench) -> None:
    keeper = bench.pool.reserve()
    pid = bench.keeper_pid(keeper)
    bench.pool.release(keeper)
    bench.pool.close()
    wait_until(lambda: not is_alive(pid), "the keeper to exit")
    assert list(bench.keepers_dir.iterdir()) == []
    os.waitpid(pid, 0)
    bench.pool = Pool(bench.keepers_dir)


def test_idle_keepers_can_be_seen_off(bench: Bench) -> None:
    keepers_left = [bench.pool.reserve(), bench.pool.reserve()]
    pids = [bench.keeper_pid(keeper) for keeper in keepers_left]
    for keeper in keepers_left:
        bench.pool.release(keeper)
    bench.pool.close(patience_ms=30_000)
    assert [is_alive(pid) for pid in pids] == [False, False]
    for pid in pids:
        with pytest.raises(ChildProcessError):  # reaped: a program that takes the place of this one gets no children
            os.waitpid(pid, 0)
    assert list(bench.keepers_dir.iterdir()) == []
    bench.pool = Pool(bench.keepers_dir)


def test_who_is_seen_off_before_it_is_ready_leaves_nothing(bench: Bench) -> None:
    bench.pool.warm(1, 0)
    bench.pool.close(patience_ms=30_000)
    assert list(bench.keepers_dir.iterdir()) == []
    bench.pool = Pool(bench.keepers_dir)


def test_no_zombie_is_left_of_keepers_that_were_killed(bench: Bench) -> None:
    pid = bench.keeper_pid(bench.launch_and_see_it_run(bench.shell("exec sleep 0.5")))
    os.kill(pid, signal.SIGKILL)

    def is_reaped() -> bool:
        bench.reports += bench.pool.receive(0)
        return not Path(f"/proc/{pid}").exists()

    wait_until(is_reaped, "the keeper to be reaped")
    bench.next_report(Died, Ended)


def test_a_specification_larger_than_the_socket_arrives_whole(bench: Bench) -> None:
    end = bench.run_shell("wc -c", stdin=b"x" * 3_000_000)
    assert (end.exit_code, bench.output().strip()) == (0, "3000000")


def test_when_no_process_can_be_made_the_run_can_be_queued_again(tmp_path: Path) -> None:
    program = f"""
import resource
from pathlib import Path
from jobctl.errors import CannotStart
from jobctl.process import record
from jobctl.errors import CannotStart
from jobctl.process.pool import Pool
pool = Pool(Path({str(tmp_path)!r}))
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    pool.reserve()
except CannotStart as error:
    print(error.message)
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "no keeper process can be started: Too many open files\n"
    assert list(tmp_path.iterdir()) == []


def test_a_keeper_without_descriptors_says_that_nothing_was_started(bench: Bench) -> None:
    keeper = bench.pool.reserve()
    resource.prlimit(bench.keeper_pid(keeper), resource.RLIMIT_NOFILE, (7, 7))
    spec = bench.spec("/bin/true")
    bench.pool.start(keeper, spec)
    report = bench.next_report(NotStarted)
    assert report.token == spec.token
    assert "Too many open files" in report.reason
    bench.pool.settled(keeper)


def test_a_keeper_whose_end_is_being_committed_can_be_promised_the_next_attempt(bench: Bench) -> None:
    keeper = bench.launch(bench.shell("exit 3"))
    bench.next_report(Ended)
    bench.pool.offer(keeper)
    assert bench.pool.reserve() == keeper
    bench.pool.settled(keeper)
    bench.pool.start(keeper, bench.shell("exit 4"))
    assert bench.next_report(Ended).end.exit_code == 4


def test_when_the_commit_fails_the_record_still_holds_the_end(bench: Bench) -> None:
    spec = bench.shell("exit 3")
    keeper = bench.launch(spec)
    bench.next_report(Ended)
    bench.pool.offer(keeper)
    bench.pool.reserve()
    bench.pool.retract()
    bench.pool.release(keeper)
    end = record.read(bench.keepers_dir / keeper).end
    assert end is not None
    assert end.token == spec.token
    other = bench.pool.reserve()
    assert other != keeper, "it may take nothing before its end is committed"
    bench.pool.release(other)
    bench.pool.settled(keeper)
    assert bench.pool.reserve() == keeper


def test_a_keeper_that_cannot_make_its_record_is_no_reason_to_die(bench: Bench) -> None:
    bench.keepers_dir.rmdir()
    for _ in range(2):
        with pytest.raises(CannotStart, match="did not get ready"):
            bench.pool.reserve()
    bench.keepers_dir.mkdir()
    assert bench.run_shell("exit 6").exit_code == 6
