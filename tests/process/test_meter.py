"""What an attempt used, as its end says: the whole tree, whoever reaped whom and whether a daemon looked."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from jobctl.process.control_group import ControlGroup
from jobctl.process.meter import Meter
from jobctl.process.record_file import RecordFile
from jobctl.process.reports import Ended
from jobctl.process.supervision import Supervision
from tests.process.conftest import Bench

MB = 1_000_000
HOLD = f"{sys.executable} -IS -c 'import time; b = bytearray(40_000_000); time.sleep(1.2)'"
# Children of a process that ignores SIGCHLD are reaped by the kernel, and nobody is told what they used.
UNREAPED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    while time.process_time() < 1.5: pass
    os._exit(0)
while True:
    try: os.waitpid(-1, 0)
    except ChildProcessError: break
"""


def test_the_peak_of_memory_is_that_of_all_processes_together(bench: Bench) -> None:
    end = bench.run_shell(f"{HOLD} & {HOLD} & wait")
    assert end.max_rss_bytes is not None
    assert end.max_rss_bytes > 80 * MB


def test_cpu_time_that_nobody_reaped_is_seen_all_the_same(bench: Bench) -> None:
    end = bench.run(bench.spec(sys.executable, "-IS", "-c", UNREAPED))
    assert end.cpu_seconds is not None
    assert end.cpu_seconds > 0.2


def test_what_storage_wrote_for_the_children_is_part_of_the_end(bench: Bench) -> None:
    written = f"dd if=/dev/zero of={bench.directory}/written bs=64K count=32 conv=fsync 2>/dev/null"
    end = bench.run_shell(f"{written}; {written}; true")
    assert end.written_bytes is not None
    assert end.written_bytes >= 2 * 32 * 65536
    assert end.read_bytes is not None


def test_what_could_not_be_executed_used_nothing_of_the_storage(bench: Bench) -> None:
    end = bench.run(bench.spec("/nonexistent"))
    assert (end.read_bytes, end.written_bytes) == (None, None)


def test_a_look_that_took_long_is_followed_by_a_longer_pause() -> None:
    meter = Meter(None)
    meter.begin(100.0)
    assert meter.look(100.5, closely=True)
    meter.took(0.001)
    assert meter.look(100.75, closely=True), "a short one costs nothing worth a pause"
    meter.took(0.1)
    assert not meter.look(101.5, closely=True)
    assert meter.look(101.75, closely=True)
    meter.took(60.0)
    assert meter.look(103.8, closely=True), "nothing makes it blind for long"


def test_what_a_look_is_followed_by_counts_as_part_of_it(bench: Bench) -> None:
    record = RecordFile(str(bench.directory), "own", "boot", 1)
    supervision = Supervision(tuple(bench.spec("true")), record, None)
    supervision._meter.begin(0.0)
    begun = time.monotonic() - 60.0  # so long it takes
    supervision._measure(begun)
    assert not supervision._meter.look(begun + 1.9)
    assert supervision._meter.look(begun + 2.1)


def test_the_use_survives_the_daemon(bench: Bench) -> None:
    keeper = bench.launch_and_see_it_run(bench.shell(f"{HOLD} & {HOLD} & wait"))
    token = bench.pool._links[keeper].token
    assert token is not None
    bench.pool.close()
    bench.pool = type(bench.pool)(bench.keepers_dir)
    bench.pool.adopt(keeper, token)
    end = bench.next_report(Ended).end
    assert end.max_rss_bytes > 80 * MB


def test_a_look_comes_when_it_is_due_and_not_before() -> None:
    meter = Meter(None)
    meter.begin(100.0)
    assert not meter.look(100.1)
    assert meter.look(100.25)
    assert not meter.look(100.5)
    assert meter.look(100.7)
    assert meter.look(101.6)
    assert not meter.look(103.1)
    assert meter.look(103.3)
    assert not meter.look(105.2)
    assert meter.look(105.4, closely=True)
    assert meter.look(105.7)


def test_a_group_counts_the_cpu_of_its_jobs_and_the_memory_without_the_page_cache(tmp_path: Path) -> None:
    (tmp_path / "cpu.stat").write_text("usage_usec 5000000\nuser_usec 1\n")
    (tmp_path / "memory.stat").write_text("anon 7000000\nfile 900000000\nshmem 1000000\n")
    meter = Meter(ControlGroup(str(tmp_path)))
    meter.open()
    meter.begin(0.0)
    (tmp_path / "cpu.stat").write_text("usage_usec 7500000\nuser_usec 1\n")
    assert meter.look(1.0)
    assert meter.cpu_seconds >= 2.5
    assert meter.memory_now == 8 * MB


def test_what_was_reaped_counts_as_the_kernel_says() -> None:
    meter = Meter(None)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    meter.reaped(usage)
    assert meter.cpu_seconds == usage.ru_utime + usage.ru_stime
    assert meter.peak_memory == usage.ru_maxrss * 1024
    assert meter.moved == (usage.ru_inblock * 512, usage.ru_oublock * 512)
