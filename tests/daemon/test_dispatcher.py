"""What the dispatcher starts under a rate limit, and when it wants to be called again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.rate_limit import RateLimit
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.domain.settings import QueueSettings, Settings
from jobctl.store.records import Pause
from jobctl.store.sqlite.store import SqliteStore
from tests.daemon.assembly import warm_up
from tests.daemon.set_clock import DAY, MONDAY, SECOND

MAIL = '[jobs.mail]\ncommand = "true"\nqueue = "mail"\n'


def dispatcher_of(around: Surroundings, reserve_bytes: int = 0, keepers: int = 5) -> Dispatcher:
    warm_up(around, keepers)
    disk = DiskReserve(around.places.state_dir, around.journal, reserve_bytes)
    return Dispatcher(around, Launcher(around), disk)


def queue_one(around: Surroundings) -> int:
    run = NewRun("mail", Origin.MANUAL, Status.QUEUED, created_at=MONDAY, due_at=MONDAY, queue="mail")
    return around.store.runs.add(run).id


@pytest.mark.parametrize("queue", [None, "mail"])
def test_the_end_of_a_pause_is_a_deadline_and_no_more_once_it_has_passed(
    around: Callable[[str], Surroundings], queue: str | None
) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here), queue_one(here)
    here.store.switches.pause(Pause(queue, MONDAY, MONDAY + 5 * SECOND, "test", None))
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() == MONDAY + 5 * SECOND
    dispatcher.tick(MONDAY + 5 * SECOND)
    assert dispatcher.next_at() is None
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.RUNNING


def test_a_pause_without_an_end_is_no_deadline(around: Callable[[str], Surroundings]) -> None:
    here = around(MAIL)
    here.store.switches.pause(Pause(None, MONDAY, None, "test", None))
    dispatcher = dispatcher_of(here)
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() is None


def test_a_backoff_that_passed_with_nothing_left_to_start_is_no_deadline(
    around: Callable[[str], Surroundings],
) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here, keepers=0), queue_one(here)
    dispatcher.tick(MONDAY)
    dispatcher.hold(MONDAY, "no process left")
    assert dispatcher.next_at() == MONDAY + SECOND
    here.store.runs.request_cancel(run_id, 15, "test", MONDAY)
    dispatcher.tick(MONDAY + SECOND)
    assert dispatcher.next_at() is None


def test_refusals_of_one_moment_are_one_and_later_ones_make_the_wait_longer(
    around: Callable[[str], Surroundings],
) -> None:
    dispatcher, now, waits = dispatcher_of(around(MAIL)), MONDAY, []
    for _ in range(8):
        for _ in range(5):
            dispatcher.hold(now, "no process left")
        end = dispatcher.next_at()
        assert end is not None
        waits.append((end - now) // SECOND)
        now = end
        dispatcher.tick(now)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_after_a_start_the_next_refusal_is_the_first_again(around: Callable[[str], Surroundings]) -> None:
    dispatcher = dispatcher_of(around(MAIL))
    dispatcher.hold(MONDAY, "no process left")
    dispatcher.eased(MONDAY)  # of what was claimed before: it says nothing of now
    dispatcher.tick(MONDAY + SECOND)
    dispatcher.eased(MONDAY - SECOND)  # neither does the end of one that began before
    dispatcher.hold(MONDAY + SECOND, "no process left")
    assert dispatcher.next_at() == MONDAY + 3 * SECOND
    dispatcher.tick(MONDAY + 3 * SECOND)
    dispatcher.eased(MONDAY + 3 * SECOND)
    dispatcher.hold(MONDAY + 3 * SECOND, "no process left")
    assert dispatcher.next_at() == MONDAY + 4 * SECOND


def test_a_start_counts_for_one_also_after_the_clock_was_set_back(around: Callable[[str], Surroundings]) -> None:
    dispatcher, back = dispatcher_of(around(MAIL)), MONDAY - 3600 * SECOND
    dispatcher.hold(MONDAY, "no process left")
    dispatcher.tick(back)
    dispatcher.eased(back + SECOND)
    dispatcher.hold(back + SECOND, "no process left")
    assert dispatcher.next_at() == back + 2 * SECOND


def test_a_full_disk_is_looked_at_again_every_second(around: Callable[[str], Surroundings]) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here, reserve_bytes=1 << 62), queue_one(here)
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() == MONDAY + SECOND
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.QUEUED


def test_nothing_starts_on_a_disk_that_had_room_a_moment_ago(
    around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around(MAIL)
    dispatcher = dispatcher_of(here, reserve_bytes=64_000_000)
    dispatcher.tick(MONDAY)
    run_id = queue_one(here)
    monkeypatch.setattr("jobctl.daemon.reserve.os.statvfs", lambda _: SimpleNamespace(f_bavail=62_200, f_frsize=1000))
    dispatcher.tick(MONDAY + 10)
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.QUEUED


def test_a_pause_that_was_over_holds_again_where_the_clock_is_set_back(around: Callable[[str], Surroundings]) -> None:
    here = around(MAIL)
    here.store.switches.pause(Pause(None, MONDAY, MONDAY + 5 * SECOND, "test", None))
    dispatcher = dispatcher_of(here)
    dispatcher.tick(MONDAY + 6 * SECOND)
    here.news.foreign = False
    run_id = queue_one(here)
    dispatcher.tick(MONDAY + 2 * SECOND)
    dispatcher.tick(MONDAY + 2 * SECOND)
    assert dispatcher.next_at() == MONDAY + 5 * SECOND, "it rests meanwhile"
    dispatcher.tick(MONDAY + 5 * SECOND)
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.RUNNING


@pytest.mark.parametrize("queue", [None, "mail"])
def test_no_start_slips_through_a_pause_that_is_acknowledged(
    queue: str | None, around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here), queue_one(here)
    waiting = here.store.runs.waiting

    def somebody_pauses_meanwhile(*limits: Any) -> list[Run]:
        found = waiting(*limits)
        with closing(SqliteStore.open(here.places.database, here.places.write_lock)) as theirs:
            theirs.switches.pause(Pause(queue, MONDAY, None, "test", None))
        return found

    monkeypatch.setattr(here.store.runs, "waiting", somebody_pauses_meanwhile)
    with here.store.transaction():
        dispatcher.tick(MONDAY)
    dispatcher.committed()
    assert dispatcher.next_at() == MONDAY, "it looks again at once"
    monkeypatch.undo()
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() is None
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.QUEUED


def test_as_many_keepers_are_lacking_as_runs_could_start(around: Callable[[str], Surroundings]) -> None:
    limited = '[jobs.pair]\ncommand = "true"\nmax_concurrent = 2\noverlap = "allow"\n'
    here = around(MAIL.replace("queue", "max_concurrent = 9\nqueue") + limited + "[queues.mail]\nmax_concurrent = 3\n")
    dispatcher = dispatcher_of(here, keepers=0)
    for _ in range(4):
        queue_one(here)
        here.store.runs.add(NewRun("pair", Origin.MANUAL, Status.QUEUED, created_at=MONDAY, due_at=MONDAY))
    dispatcher.tick(MONDAY)
    assert (dispatcher.lacking, running(here)) == (5, 0)
    warm_up(here, 2)
    dispatcher.tick(MONDAY)
    assert (dispatcher.lacking, running(here)) == (3, 2)


RATED = '[queues.mail]\nrate_limit = "2/m"\n[jobs.mail]\ncommand = "true"\nqueue = "mail"\nmax_concurrent = 9\n'


def running(around: Surroundings) -> int:
    return around.store.runs.counts()[Status.RUNNING]


def test_a_queue_without_a_token_waits_and_wakes_the_loop_exactly_when_there_is_one(
    around: Callable[[str], Surroundings],
) -> None:
    here = around(RATED)
    dispatcher = dispatcher_of(here)
    for _ in range(4):
        queue_one(here)
    dispatcher.tick(MONDAY)
    assert (running(here), dispatcher.next_at()) == (2, MONDAY + 30 * SECOND)
    dispatcher.tick(MONDAY + 30 * SECOND - 1)
    assert (running(here), dispatcher.next_at()) == (2, MONDAY + 30 * SECOND)
    dispatcher.tick(MONDAY + 30 * SECOND)
    assert (running(here), dispatcher.next_at()) == (3, MONDAY + 60 * SECOND)


def test_an_empty_bucket_is_no_deadline_while_everything_is_paused(around: Callable[[str], Surroundings]) -> None:
    here = around(RATED)
    dispatcher = dispatcher_of(here)
    for _ in range(3):
        queue_one(here)
    dispatcher.tick(MONDAY)
    here.store.switches.pause(Pause(None, MONDAY, None, "test", None))
    dispatcher.tick(MONDAY + 30 * SECOND)
    assert (running(here), dispatcher.next_at()) == (2, None)


def test_a_bucket_that_fills_up_with_nothing_waiting_ends_as_a_deadline(
    around: Callable[[str], Surroundings],
) -> None:
    here = around(RATED)
    dispatcher = dispatcher_of(here)
    for _ in range(2):
        queue_one(here)
    dispatcher.tick(MONDAY)
    dispatcher.tick(MONDAY + 30 * SECOND)
    assert dispatcher.next_at() is None


def test_another_daemon_knows_what_was_taken(around: Callable[[str], Surroundings]) -> None:
    here = around(RATED)
    for _ in range(4):
        queue_one(here)
    dispatcher_of(here).tick(MONDAY)
    dispatcher_of(here).tick(MONDAY + 1)
    assert running(here) == 2


def test_a_tick_that_did_not_happen_takes_no_tokens(around: Callable[[str], Surroundings]) -> None:
    here = around(RATED)
    dispatcher = dispatcher_of(here)
    for _ in range(3):
        queue_one(here)
    with contextlib.suppress(InterruptedError), here.store.transaction():
        dispatcher.tick(MONDAY)
        raise InterruptedError
    dispatcher.rolled_back()
    dispatcher.tick(MONDAY + 1)
    assert (running(here), dispatcher.next_at()) == (2, MONDAY + 1 + 30 * SECOND)


def test_other_queues_start_past_one_without_a_token(around: Callable[[str], Surroundings]) -> None:
    here = around(RATED + '[jobs.free]\ncommand = "true"\n')
    for _ in range(3):
        queue_one(here)
    run = NewRun("free", Origin.MANUAL, Status.QUEUED, created_at=MONDAY, due_at=MONDAY + 5)
    free = here.store.runs.add(run).id
    dispatcher_of(here).tick(MONDAY)
    found = here.store.runs.get(free)
    assert found is not None
    assert (found.status, running(here)) == (Status.RUNNING, 3)


def test_a_reloaded_rate_holds_at_once_and_a_clock_set_back_blocks_for_one_token_only(
    around: Callable[[str], Surroundings],
) -> None:
    here = around(RATED)
    dispatcher = dispatcher_of(here)
    for _ in range(5):
        queue_one(here)
    dispatcher.tick(MONDAY)
    queues = {"mail": QueueSettings(rate=RateLimit(4, 60.0))}
    here.catalogue.adopt(replace(here.catalogue.configuration, settings=Settings(queues=queues)))
    dispatcher.tick(MONDAY + 1)
    assert running(here) == 4
    back = MONDAY - 30 * DAY
    dispatcher.tick(back)
    assert (running(here), dispatcher.next_at()) == (4, back + 15 * SECOND)
    dispatcher.tick(back + 15 * SECOND)
    assert running(here) == 5
