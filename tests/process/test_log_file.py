"""A log keeps its head and its tail, whatever a job writes."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from jobctl.process import output, syscalls
from jobctl.process.log_file import LogFile
from jobctl.process.reports import Ended
from tests.process.conftest import Bench, wait_until

LIMIT = 1_000_000


def on_disk(path: Path) -> int:
    return path.stat().st_blocks * 512


def test_a_flood_leaves_head_and_tail_and_the_number_of_bytes_between(bench: Bench) -> None:
    script = "echo first; head -c 300000000 /dev/zero | tr '\\0' x; echo; echo last"
    end = bench.run_shell(script, max_log_size=LIMIT)
    written = 6 + 300_000_000 + 6
    assert (end.exit_code, end.log_bytes) == (0, written)
    assert on_disk(bench.log) < LIMIT * 1.1
    text = b"".join(output.read_all(bench.log))
    assert text.startswith(b"first\nxxx")
    assert text.endswith(b"xxx\nlast\n")
    kept = sum(map(len, text.split(output.cut_line(0)[:10])))
    assert LIMIT * 0.9 < kept < LIMIT * 1.1


def test_the_disk_is_given_back_while_the_job_still_runs(bench: Bench) -> None:
    keeper = bench.launch(bench.shell("head -c 100000000 /dev/zero; exec sleep 60", max_log_size=LIMIT))
    wait_until(lambda: bench.log.exists() and bench.log.stat().st_size == 100_000_000, "the flood")
    wait_until(lambda: on_disk(bench.log) < LIMIT * 1.1, "the cut")
    bench.pool.stop(keeper, 9, 0)
    bench.next_report(Ended)


def test_a_line_without_an_end_is_no_problem(bench: Bench) -> None:
    bench.run_shell("head -c 20000000 /dev/zero | tr '\\0' y", max_log_size=LIMIT)
    assert on_disk(bench.log) < LIMIT * 1.1


def test_a_small_log_is_left_alone(bench: Bench) -> None:
    bench.run_shell("head -c 999999 /dev/zero | tr '\\0' z", max_log_size=LIMIT)
    assert bench.log.read_bytes() == b"z" * 999_999


def test_a_log_deleted_by_others_does_not_disturb_the_run(bench: Bench) -> None:
    end = bench.run_shell(f"rm {bench.log}; head -c 5000000 /dev/zero; exit 3", max_log_size=LIMIT)
    assert (end.exit_code, end.log_bytes) == (3, 5_000_000)


def test_a_second_attempt_has_a_log_of_its_own(bench: Bench) -> None:
    bench.run_shell("echo one")
    bench.run_shell("echo two", log_path=str(bench.log.with_name("two.log")))
    assert bench.output() == "one\n"


def test_a_log_path_that_is_a_link_is_refused(bench: Bench) -> None:
    bench.log.parent.mkdir()
    bench.log.symlink_to(bench.directory / "victim")
    end = bench.run_shell("echo hello")
    assert end.exit_code == 126
    assert not (bench.directory / "victim").exists()


def test_where_holes_cannot_be_punched_the_head_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, start: int, length: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(syscalls, "punch_hole", refuse)
    path = tmp_path / "job.log"
    log = LogFile(os.fsencode(path), 100_000, None)
    log.begin(0.0)
    for second in range(1, 6):
        os.write(log.fd, b"%d" % second * 100_000)
        log.look(float(second))
    assert path.stat().st_size < 110_000
    assert log.close() == 500_000
    text = path.read_bytes()
    assert text.startswith(b"1" * 40_000)
    assert b"bytes cut here]" in text


def test_a_log_that_cannot_be_given_to_the_user_of_the_job_leaves_no_descriptor_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int, uid: int, gid: int) -> None:
        raise PermissionError(errno.EPERM, "not supported")

    monkeypatch.setattr(os, "fchown", refuse)
    path = tmp_path / "job.log"
    with pytest.raises(PermissionError):
        LogFile(os.fsencode(path), 100_000, (1, 1))
    opened = [entry.resolve() for entry in Path("/proc/self/fd").iterdir()]
    assert path not in opened


def test_looking_gets_rarer_when_nothing_is_written_and_closer_in_a_flood(tmp_path: Path) -> None:
    log = LogFile(os.fsencode(tmp_path / "job.log"), 1_000_000, None)
    now = log.begin(0.0)
    for _ in range(10):
        now = log.look(now)
    assert log.look(now) - now == 0.5
    now += 0.5
    os.write(log.fd, b"x" * 10_000_000)
    assert log.look(now) - now < 0.1
    log.close()


def test_a_silent_job_costs_nearly_nothing(bench: Bench) -> None:
    keeper = bench.launch_and_see_it_run(bench.shell("exec sleep 60"))
    pid = bench.keeper_pid(keeper)

    def switches() -> int:
        text = Path(f"/proc/{pid}/status").read_text()
        return int(text.split("voluntary_ctxt_switches:\t")[1].split()[0])

    until = time.monotonic() + 1  # past the quick looks after the start
    wait_until(lambda: time.monotonic() > until, "one second")
    before, since = switches(), time.monotonic()
    wait_until(lambda: time.monotonic() > since + 1, "another second")
    assert switches() - before <= 3
    bench.pool.stop(keeper, 9, 0)
    bench.next_report(Ended)
