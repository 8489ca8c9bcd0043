"""`enable`, `disable`, `pause`, `resume`: each may be called twice, and says what it found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.errors import NotFound
from jobctl.operations.context import Context
from jobctl.operations.control import Switched, disable, enable, pause, pauses, resume
from jobctl.operations.definitions import ensure_current
from jobctl.store.records import ServiceInfo
from tests.operations.site import JOBS, Site


def next_at(site: Site, name: str) -> int | None:
    return site.ctx.store.jobs.rows([name])[0].next_at


def test_a_disabled_job_has_no_next_start_until_it_is_enabled(site: Site) -> None:
    (switch,) = disable(site.ctx, ["hello"], None, "moving house")
    assert (switch.result, switch.enabled, switch.reason) == (Switched.DONE, False, "moving house")
    row = site.ctx.store.jobs.rows(["hello"])[0]
    assert (row.enabled, row.disabled_reason, row.next_at) == (False, "moving house", None)

    (switch,) = enable(site.ctx, ["hello"])
    assert (switch.result, switch.enabled) == (Switched.DONE, True)
    assert switch.next_at == next_at(site, "hello") is not None


def test_both_may_be_called_twice(site: Site) -> None:
    assert enable(site.ctx, ["hello"])[0].result is Switched.ALREADY
    disable(site.ctx, ["hello"], None, None)
    assert disable(site.ctx, ["hello"], 60, "later")[0].result is Switched.ALREADY
    row = site.ctx.store.jobs.rows(["hello"])[0]
    assert row.disabled_reason == "later"
    assert row.disabled_until is not None


def test_what_is_over_is_no_disabling_for_the_next_switch(site: Site) -> None:
    jobs, now = site.ctx.store.jobs, site.ctx.clock.now()
    for name in ("hello", "fails"):
        jobs.decided(name, now // 1000 - 60, None)
        jobs.disable(name, "ann", now - 9_000, now - 5_000, None)
    (switch,) = enable(site.ctx, ["hello"])
    assert (switch.result, switch.next_at) == (Switched.ALREADY, next_at(site, "hello"))
    assert switch.next_at is not None
    (timing,) = [timing for timing in jobs.timings() if timing.name == "hello"]
    assert timing.watermark == (now - 5_001) // 1000  # not now: what came since is caught up
    assert disable(site.ctx, ["fails"], 60, None)[0].result is Switched.DONE


def test_a_job_is_disabled_for_whole_seconds_and_not_for_less_than_was_asked(site: Site) -> None:
    now = site.ctx.clock.now()
    (switch,) = disable(site.ctx, ["hello"], 90.4, None)
    assert switch.until is not None
    assert switch.until % 1000 == 0
    assert switch.until >= now + 90_400


def test_a_job_that_the_file_disables_stays_disabled_and_its_place_is_named(site: Site) -> None:
    site.define('[jobs.off]\ncommand = "true"\nenabled = false\n')
    ensure_current(site.ctx)
    (switch,) = enable(site.ctx, ["off"])
    assert (switch.result, switch.enabled) == (Switched.OFF_IN_FILE, False)
    assert switch.place.endswith("jobs.toml:1")


def test_who_switched_is_written_down(site: Site) -> None:
    disable(site.ctx, ["hello"], None, "because")
    enable(site.ctx, ["hello"])
    actions = [(event.action, event.job) for event in site.ctx.store.events.recent(2)]
    assert actions == [("enable", "hello"), ("disable", "hello")]


def test_a_pause_holds_until_resume(site: Site) -> None:
    held = pause(site.ctx, None, None, "upgrade")
    assert (held.pause.queue, held.pause.reason, held.before) == (None, "upgrade", None)
    assert pauses(site.ctx) == [held.pause]
    assert resume(site.ctx, None) is True
    assert resume(site.ctx, None) is False
    assert pauses(site.ctx) == []


def test_a_second_pause_keeps_the_beginning_and_takes_the_new_end(site: Site) -> None:
    first = pause(site.ctx, "mail", None, None)
    second = pause(site.ctx, "mail", 60, "longer")
    assert second.before == first.pause
    assert second.pause.since == first.pause.since
    assert pauses(site.ctx) == [second.pause]


@pytest.mark.parametrize("verb", [lambda ctx: pause(ctx, "mial", None, None), lambda ctx: resume(ctx, "mial")])
def test_a_queue_that_no_job_uses_is_not_found_and_the_known_ones_are_named(
    site: Site, verb: Callable[[Context], object]
) -> None:
    with pytest.raises(NotFound, match='no job uses a queue "mial"') as raised:
        verb(site.ctx)
    assert raised.value.hint == "the queues in use: default, mail"


@pytest.mark.parametrize("with_daemon", [False, True])
def test_a_queue_that_is_declared_and_that_no_job_uses_yet_is_held(site: Site, *, with_daemon: bool) -> None:
    site.define(f"{JOBS}[queues.bulk]\nmax_concurrent = 2\n")
    if with_daemon:
        site.pretend_daemon()
        in_force = ServiceInfo(1, "0", 1, "jobs.toml", 1, "boot", 0, settings='{"queues.bulk.max_concurrent": "2"}')
        site.ctx.store.service.started(in_force)
    assert pause(site.ctx, "bulk", None, None).pause.queue == "bulk"
    assert resume(site.ctx, "bulk")


def test_what_the_daemon_is_going_to_plan_is_told_by_enable_already(site: Site) -> None:
    planned = next_at(site, "hello")
    site.pretend_daemon()
    disable(site.ctx, ["hello"], None, None)
    site.ctx.store.jobs.plan_next({"hello": None})
    (switch,) = enable(site.ctx, ["hello"])
    assert switch.next_at == planned
    assert planned is not None
