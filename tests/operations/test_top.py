"""What `top` gathers: real processes, and the store asked no more often than it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.operations.definitions import ensure_current
from jobctl.operations.status import status
from jobctl.operations.top import Lookout, Snapshot
from jobctl.operations.trigger import trigger
from jobctl.process import progress_file
from tests.operations.executor import Executor
from tests.operations.site import Site, wait_until
from tests.store.building import NOW, add, begin, conclude, run_through

BUSY = """\
[jobs.busy]
command = "echo up > up; while :; do :; done"
cwd = "{folder}"

[jobs.secretive]
command = "sleep 60"
env = {{ TOKEN = "hunter2hunter2" }}
secrets = ["TOKEN"]
"""


@pytest.fixture
def busy(site: Site) -> Iterator[Site]:
    """A site whose job `busy` runs."""
    site.define(BUSY.format(folder=site.folder))
    run_id = _trigger(site, "busy")
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
        yield site
        site.close()


def _trigger(site: Site, job: str) -> int:
    ensure_current(site.ctx)
    (run_id,) = trigger(site.ctx, [job])
    return run_id


def looked(lookout: Lookout, holds: Callable[[Snapshot], object]) -> Snapshot:
    found: list[Snapshot] = []

    def look() -> bool:
        found.append(lookout.look())
        return bool(holds(found[-1]))

    wait_until(look, "a look that shows it")
    return found[-1]


def test_a_running_attempt_is_measured_with_its_whole_tree(busy: Site) -> None:
    lookout = Lookout(busy.ctx)
    seen = looked(lookout, lambda shot: (one := shot.running[0]).pid and (one.cpu_percent or 0) > 10)
    (one,) = seen.running
    assert (one.run.job, one.processes, one.usual, one.remaining) == ("busy", 1, None, None)
    assert one.rss_bytes is not None
    assert one.rss_bytes > 100_000
    assert 0 < one.elapsed < 60
    assert seen.counts[Status.RUNNING] == 1
    assert seen.host.memory_total is not None
    assert seen.host.disk_free > 0


def test_the_usual_time_makes_an_estimate(busy: Site) -> None:
    run_through(busy.ctx.store, "busy", Status.SUCCEEDED)
    one = Lookout(busy.ctx).look().running[0]
    assert one.usual == 0.5
    assert one.remaining == pytest.approx(0.5 - one.elapsed)


def test_what_changes_is_seen_and_what_this_process_did_too(site: Site) -> None:
    site.pretend_daemon()
    lookout = Lookout(site.ctx)
    assert lookout.look().counts[Status.QUEUED] == 0
    add(site.ctx.store, "hello")  # by this process: no change that the store tells of
    lookout.has_acted()
    assert lookout.look().counts[Status.QUEUED] == 1


def test_an_idle_store_is_left_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pretend_daemon()
    lookout = Lookout(site.ctx)
    first = lookout.look()
    monkeypatch.setattr(type(site.ctx.store.runs), "counts", lambda self: pytest.fail("asked again"))
    monkeypatch.setattr(type(site.ctx.store.statistics), "minutes", lambda self, since: pytest.fail("asked again"))
    assert lookout.look().stored is first.stored


def test_a_daemon_that_comes_or_goes_is_noticed_at_once(site: Site) -> None:
    lookout = Lookout(site.ctx)
    assert not lookout.look().stored.daemon.running
    site.pretend_daemon()
    assert lookout.look().stored.daemon.running
    site.end_pretending()
    seen = lookout.look().stored
    assert not seen.daemon.running
    assert any("no daemon is running" in note for note in seen.notes)


def test_failures_and_the_minute_in_which_they_ended_are_told(site: Site) -> None:
    now = site.ctx.clock.now()
    run_through(site.ctx.store, "fails", Status.FAILED, now=now)
    run_through(site.ctx.store, "hello", Status.SUCCEEDED, now=now - 60_000)
    stored = Lookout(site.ctx).look().stored
    assert [run.job for run in stored.failed] == ["fails"]
    assert len(stored.minutes) == 120
    assert sum(stored.minutes[-3:]) == 2


def test_progress_is_masked(site: Site) -> None:
    site.define(BUSY.format(folder=site.folder))
    run_id = _trigger(site, "secretive")
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
        progress_file.create(str(site.state_dir), to_text(run_id), 1, 40.0, "login with hunter2hunter2")
        one = Lookout(site.ctx).look().running[0]
        assert (one.run.progress, one.run.message) == (40.0, "login with ***")
        site.close()


def test_what_failed_last_comes_first_though_its_run_was_made_long_before(site: Site) -> None:
    store = site.ctx.store
    long = add(store, "hello")
    number = begin(store, long)
    short = run_through(store, "hello", Status.FAILED)
    assert conclude(store, long, number, Status.TIMED_OUT, NOW + 60_000)
    assert [run.id for run in Lookout(site.ctx).look().stored.failed] == [long, short]
    [failing] = status(site.ctx).failing
    assert (failing.run.id, failing.dead_letters) == (long, 2)
