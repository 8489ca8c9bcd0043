"""What recovery finds after the daemon, a keeper, or the machine was killed."""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from jobctl.process import identity, record, record_file, recovery_view
from jobctl.process.pool import Pool
from jobctl.process.record_file import RecordFile
from jobctl.process.recovery_view import Fate, Finding, inspect
from jobctl.process.reports import Died, Ended, Started
from jobctl.process.spec import AttemptSpec
from tests.process.conftest import CLEAN_ENV, Bench, is_alive, wait_until

TOKEN, OTHER = b"t" * 16, b"o" * 16
END = (TOKEN, 0, 1000, 2000, 3, 0, 0, 0, 0, 0, 0, "")


def job(bench: Bench, script: str) -> AttemptSpec:
    """An attempt whose processes can be found by their environment, as launch makes it."""
    run_id = os.urandom(6).hex()
    env = CLEAN_ENV | {"JOBCTL_RUN_ID": run_id, "JOBCTL_ATTEMPT": "1"}
    return bench.shell(script, env=env)._replace(run_id=run_id)


def found(bench: Bench, keeper: str, spec: AttemptSpec) -> Finding:
    return inspect(bench.keepers_dir, keeper, spec.token, spec.run_id, spec.attempt)


def kill_keeper(bench: Bench, keeper: str) -> None:
    header = record.read(bench.keepers_dir / keeper).header
    assert header is not None
    os.kill(header.pid, signal.SIGKILL)
    wait_until(lambda: not record.is_locked(bench.keepers_dir / keeper), "the keeper's lock to be free")


def write(directory: Path, *, begin: bytes | None, end: tuple[object, ...] | None, boot_id: str) -> None:
    made = RecordFile(str(directory), "keeper", boot_id, 1)
    if begin is not None:
        made.write_begin(begin, "nobody", 1, 1)
        made.write_job(begin, os.getpid(), identity.start_time(os.getpid()) or 0)
    if end is not None:
        made.write_end(*end)  # type: ignore[arg-type]
    made.close()


NEVER_STARTED_END = (*END[:7], record_file.NOT_STARTED, *END[8:])
CASES = [
    (None, None, Fate.NEVER_STARTED, Fate.NEVER_STARTED),
    (OTHER, None, Fate.NEVER_STARTED, Fate.NEVER_STARTED),
    (OTHER, (OTHER, *END[1:]), Fate.NEVER_STARTED, Fate.NEVER_STARTED),
    # The job's recorded pid is this test's own: on this boot it lives, on another it is somebody else.
    (TOKEN, None, Fate.UNSUPERVISED, Fate.LOST),
    (TOKEN, (OTHER, *END[1:]), Fate.UNSUPERVISED, Fate.LOST),
    (TOKEN, END, Fate.ENDED, Fate.ENDED),
    (TOKEN, NEVER_STARTED_END, Fate.NEVER_STARTED, Fate.NEVER_STARTED),
]


@pytest.mark.parametrize(("begin", "end", "this_boot", "other_boot"), CASES)
def test_the_record_of_a_keeper_that_is_gone_decides(
    tmp_path: Path, begin: bytes | None, end: tuple[object, ...] | None, this_boot: Fate, other_boot: Fate
) -> None:
    for boot_id, expected in ((identity.boot_id(), this_boot), ("0" * 36, other_boot)):
        write(tmp_path, begin=begin, end=end, boot_id=boot_id)
        finding = inspect(tmp_path, "keeper", TOKEN, "nobody", 1)
        assert (finding.fate, finding.machine_down) == (expected, expected is Fate.LOST)
        (tmp_path / "keeper").unlink()


@pytest.mark.parametrize("offset", [record_file.BEGIN_AT, record_file.END_AT])
def test_a_damaged_record_never_lets_a_run_start_again(tmp_path: Path, offset: int) -> None:
    write(tmp_path, begin=TOKEN, end=END, boot_id="0" * 36)
    contents = bytearray((tmp_path / "keeper").read_bytes())
    contents[offset + 10] ^= 1
    (tmp_path / "keeper").write_bytes(contents)
    expected = Fate.ENDED if offset == record_file.BEGIN_AT else Fate.LOST
    assert inspect(tmp_path, "keeper", TOKEN, "nobody", 1).fate is expected


def test_a_missing_record_proves_nothing(tmp_path: Path) -> None:
    assert inspect(tmp_path, "keeper", TOKEN, "nobody", 1) == Finding(Fate.LOST)


def test_a_job_outlives_its_daemon_and_its_end_is_in_the_record(bench: Bench) -> None:
    spec = job(bench, f"read word < {bench.directory}/go; echo $word; exit 7")
    os.mkfifo(bench.directory / "go")
    keeper = bench.launch_and_see_it_run(spec)
    bench.pool.close()
    assert found(bench, keeper, spec).fate is Fate.ALIVE
    (bench.directory / "go").write_text("went on\n")
    wait_until(lambda: found(bench, keeper, spec).fate is Fate.ENDED, "the end of the job")
    end = found(bench, keeper, spec).end
    assert end is not None
    assert (end.token, end.exit_code, bench.output()) == (spec.token, 7, "went on\n")
    bench.pool = Pool(bench.keepers_dir)


def test_a_timeout_holds_without_a_daemon(bench: Bench) -> None:
    spec = job(bench, "exec sleep 60")._replace(timeout=0.5)
    keeper = bench.launch_and_see_it_run(spec)
    bench.pool.close()
    wait_until(lambda: found(bench, keeper, spec).fate is Fate.ENDED, "the timeout")
    end = found(bench, keeper, spec).end
    assert end is not None
    assert end.timed_out
    bench.pool = Pool(bench.keepers_dir)


def test_the_next_daemon_adopts_a_busy_keeper_and_hears_of_its_end(bench: Bench) -> None:
    os.mkfifo(bench.directory / "go")
    spec = job(bench, f"read word < {bench.directory}/go; exit 7")
    keeper = bench.launch_and_see_it_run(spec)
    bench.pool.close()
    bench.pool = Pool(bench.keepers_dir)
    bench.pool.adopt(keeper, spec.token)
    assert [type(report) for report in bench.pool.receive(0)] == [Started]
    (bench.directory / "go").write_text("\n")
    ended = bench.next_report(Ended)
    assert (ended.keeper, ended.end.token, ended.end.exit_code) == (keeper, spec.token, 7)
    bench.pool.settled(keeper)
    assert not (bench.keepers_dir / keeper).exists()


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, signal.SIGTERM), (signal.SIGKILL, signal.SIGKILL)])
def test_an_adopted_attempt_can_be_stopped(bench: Bench, number: int, expected: int) -> None:
    spec = job(bench, "exec sleep 60")
    keeper = bench.launch_and_see_it_run(spec)
    bench.pool.close()
    bench.pool = Pool(bench.keepers_dir)
    bench.pool.adopt(keeper, spec.token)
    bench.pool.stop(keeper, number, 5)
    end = bench.next_report(Ended).end
    assert (end.stopped, end.signal) == (True, expected)


def test_adopting_a_keeper_that_went_meanwhile_reports_its_end_at_once(bench: Bench) -> None:
    spec = job(bench, "exit 3")
    keeper = bench.launch(spec)
    bench.pool.close()
    wait_until(lambda: found(bench, keeper, spec).fate is Fate.ENDED, "the end of the job")
    bench.pool = Pool(bench.keepers_dir)
    bench.pool.adopt(keeper, spec.token)
    assert select.select([bench.pool], [], [], 1)[0]
    assert bench.next_report(Ended).end.exit_code == 3


def test_an_adopted_keeper_that_never_heard_of_its_attempt_does_not_answer_for_the_one_before(bench: Bench) -> None:
    keeper = bench.launch(job(bench, "exit 3"))
    bench.next_report(Ended)
    bench.pool.settled(keeper)
    assert bench.pool.reserve() == keeper
    pid = bench.keeper_pid(keeper)
    os.kill(pid, signal.SIGSTOP)  # so that it is still there when the next daemon looks
    bench.pool.close()
    bench.pool = Pool(bench.keepers_dir)
    unheard = os.urandom(16)
    bench.pool.adopt(keeper, unheard)
    os.kill(pid, signal.SIGCONT)
    assert bench.next_report(Ended, Died) == Died(keeper, unheard)


def test_the_end_of_the_attempt_before_is_not_taken_for_the_end_of_this_one(bench: Bench) -> None:
    keeper = bench.launch(job(bench, "exit 0"))
    bench.next_report(Ended)
    bench.pool.close()  # the attempt that the daemon committed next was never sent
    wait_until(lambda: not record.is_locked(bench.keepers_dir / keeper), "the keeper to leave")
    bench.pool = Pool(bench.keepers_dir)
    bench.pool.adopt(keeper, TOKEN)
    assert bench.next_report(Died, Ended) == Died(keeper, TOKEN)
    assert inspect(bench.keepers_dir, keeper, TOKEN, "next", 1).fate is Fate.NEVER_STARTED


def test_without_a_daemon_cancel_asks_the_keeper_itself(bench: Bench) -> None:
    spec = job(bench, "exec sleep 60")
    keeper = bench.launch_and_see_it_run(spec)
    bench.pool.close()
    assert recovery_view.stop_keeper(bench.keepers_dir, keeper)
    wait_until(lambda: found(bench, keeper, spec).fate is Fate.ENDED, "the stop")
    end = found(bench, keeper, spec).end
    assert end is not None
    assert (end.stopped, end.signal) == (True, signal.SIGTERM)
    assert not recovery_view.stop_keeper(bench.keepers_dir, keeper)
    bench.pool = Pool(bench.keepers_dir)


def test_a_run_whose_keeper_was_killed_is_unsupervised_until_its_last_process_and_then_lost(bench: Bench) -> None:
    spec = job(bench, f"setsid sleep 60 & echo $! > {bench.directory}/child; echo $$ > {bench.directory}/main; wait")
    keeper = bench.launch(spec)
    main, child = bench.pid_in("main"), bench.pid_in("child")
    kill_keeper(bench, keeper)
    assert bench.next_report(Died).token == spec.token
    assert set(found(bench, keeper, spec).pids) == {main, child}
    os.kill(main, signal.SIGKILL)
    wait_until(lambda: not is_alive(main), "the death of the main process")
    assert found(bench, keeper, spec) == Finding(Fate.UNSUPERVISED, pids=(child,))
    assert recovery_view.stop_unsupervised(bench.keepers_dir, keeper, spec.token, spec.run_id, 1, signal.SIGTERM) == 1
    wait_until(lambda: found(bench, keeper, spec).fate is Fate.LOST, "the end of the last process")


def test_processes_are_stopped_also_where_the_record_cannot_be_read(bench: Bench) -> None:
    spec = job(bench, f"echo $$ > {bench.directory}/main; exec sleep 60")
    keeper = bench.launch(spec)
    main = bench.pid_in("main")
    kill_keeper(bench, keeper)
    path = bench.keepers_dir / keeper
    path.rename(bench.directory / "record")
    path.mkdir()
    assert recovery_view.stop_unsupervised(bench.keepers_dir, keeper, spec.token, spec.run_id, 1, signal.SIGTERM) == 1
    wait_until(lambda: not is_alive(main), "the end of the process")
    path.rmdir()


def test_a_keeper_that_lives_and_whose_record_cannot_be_read_is_not_found_by_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = job(bench, f"echo $$ > {bench.directory}/main; exec sleep 60")
    keeper = bench.launch(spec)
    main = bench.pid_in("main")

    def give_nothing_back(path: Path) -> NoReturn:
        raise OSError(errno.EIO, "the disk does not give it back", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(record, "read", give_nothing_back)
        assert not recovery_view.stop_keeper(bench.keepers_dir, keeper)
        words = bench.keepers_dir, keeper, spec.token, spec.run_id, 1
        assert recovery_view.stop_unsupervised(*words, signal.SIGTERM) == 1
    wait_until(lambda: not is_alive(main), "the end of the process")


def test_a_want_of_descriptors_is_no_record_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def have_none(path: Path) -> NoReturn:
        raise OSError(errno.EMFILE, "too many open files", str(path))

    monkeypatch.setattr(record, "read", have_none)
    with pytest.raises(OSError, match="too many open files"):
        recovery_view.stop_unsupervised(tmp_path, "keeper", TOKEN, "nobody", 1, signal.SIGTERM)


def test_a_process_that_cleaned_its_environment_is_found_by_its_session(bench: Bench) -> None:
    spec = job(bench, f"env -i sleep 60 & echo $$ > {bench.directory}/main; wait")
    keeper = bench.launch(spec)
    main = bench.pid_in("main")
    kill_keeper(bench, keeper)
    os.kill(main, signal.SIGKILL)
    wait_until(lambda: not is_alive(main), "the death of the main process")
    (left,) = found(bench, keeper, spec).pids
    recovery_view.stop_unsupervised(bench.keepers_dir, keeper, spec.token, spec.run_id, 1, signal.SIGKILL)
    wait_until(lambda: not is_alive(left), "the end of the last process")


def test_a_recorded_pid_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as stranger:
        made = RecordFile(str(tmp_path), "keeper", identity.boot_id(), 1)
        made.write_begin(TOKEN, "nobody", 1, 1)
        made.write_job(TOKEN, stranger.pid, (identity.start_time(stranger.pid) or 0) - 1)
        made.close()
        fate = inspect(tmp_path, "keeper", TOKEN, "nobody", 1).fate
        signalled = recovery_view.stop_unsupervised(tmp_path, "keeper", TOKEN, "nobody", 1, signal.SIGKILL)
        still_there = is_alive(stranger.pid)
        stranger.kill()
    assert (fate, signalled, still_there) == (Fate.LOST, 0, True)


def test_records_that_nobody_needs_are_collected_and_no_others(bench: Bench) -> None:
    busy = bench.launch_and_see_it_run(bench.shell("exec sleep 60"))
    for name in ("needed", "done"):
        (bench.keepers_dir / name).write_bytes(b"")
    assert recovery_view.collect(bench.keepers_dir, {"needed"}) == ["done"]
    assert {path.name for path in bench.keepers_dir.iterdir()} == {busy, "needed"}
    bench.pool.stop(busy, signal.SIGKILL, 0)
    bench.next_report(Ended)


@pytest.mark.parametrize(
    ("failpoint", "fate"),
    [
        ("keeper.before_begin", Fate.NEVER_STARTED),
        ("keeper.after_begin", Fate.LOST),
        ("keeper.before_end", Fate.LOST),
        ("keeper.after_end", Fate.ENDED),
    ],
)
def test_a_keeper_killed_between_two_steps_leaves_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failpoint: str, fate: Fate
) -> None:
    monkeypatch.setenv("JOBCTL_ALLOW_FAILPOINTS", "1")
    monkeypatch.setenv("JOBCTL_FAILPOINT", failpoint)
    bench = Bench(tmp_path)
    spec = job(bench, "exit 3")
    keeper = bench.launch(spec)
    report = bench.next_report(Ended, Died)
    assert isinstance(report, Ended if fate is Fate.ENDED else Died)
    assert found(bench, keeper, spec).fate is fate
    assert bench.log.exists() is (failpoint not in ("keeper.before_begin", "keeper.after_begin"))
    bench.pool.close()
