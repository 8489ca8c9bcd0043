"""What running jobs use now, with everything that belongs to them."""

from __future__ import annotations

from jobctl.process import identity, usage
from jobctl.process.reports import Ended, Started
from tests.process.conftest import Bench, wait_until


def test_a_tree_counts_with_its_children_and_its_session(bench: Bench) -> None:
    script = f"setsid sleep 60 & (sleep 60 &) ; echo up > {bench.directory}/up; while :; do :; done"
    keeper = bench.launch(bench.shell(script))
    job = bench.next_report(Started).pid
    wait_until((bench.directory / "up").exists, "all to run")
    found = wait_until(lambda: (now := usage.measure([job])[job]).cpu_seconds > 0.1 and now, "some CPU")
    assert found.processes == 3
    assert found.rss_bytes > 500_000
    bench.pool.stop(keeper, 9, 0)
    bench.next_report(Ended)


def test_a_job_that_is_gone_is_left_out() -> None:
    assert usage.measure([2**22 + 1]) == {}


def test_a_tree_says_what_storage_read_and_wrote_for_it(bench: Bench) -> None:
    # The writer has ended and was reaped by the shell: its bytes are the tree's all the same.
    target = bench.directory / "written"
    write = f"dd if=/dev/zero of={target} bs=64K count=32 conv=fsync 2>/dev/null"
    script = f"{write}; echo done > {bench.directory}/up; sleep 60"
    keeper = bench.launch(bench.shell(script))
    job = bench.next_report(Started).pid
    wait_until((bench.directory / "up").exists, "the writer to end")
    found = usage.measure([job])[job]
    assert found.written_bytes is not None
    assert found.written_bytes >= 32 * 65536
    assert found.read_bytes is not None
    assert found.read_bytes >= 0
    bench.pool.stop(keeper, 9, 0)
    bench.next_report(Ended)


def test_what_may_not_be_looked_at_has_no_bytes() -> None:
    assert identity.bytes_moved(2**22 + 1) is None
