"""The row of a manual run."""

from __future__ import annotations

import pytest

from jobctl.domain.run import Origin, Status
from jobctl.errors import NotFound, Refused, UsageError
from jobctl.operations.control import disable, pause
from jobctl.operations.definitions import ensure_current
from jobctl.operations.trigger import refuse_while_paused, trigger
from tests.operations.site import JOBS, Site


def test_a_manual_run_waits_with_the_priority_queue_and_budget_of_its_job(site: Site) -> None:
    site.define('[jobs.mail]\ncommand = "true"\npriority = 8\nqueue = "mail"\nretries = 2\n')
    ensure_current(site.ctx)
    (run_id,) = trigger(site.ctx, ["mail"])
    run = site.run(run_id)
    assert (run.status, run.origin, run.slot) == (Status.QUEUED, Origin.MANUAL, None)
    assert (run.priority, run.queue, run.max_attempts) == (8, "mail", 3)


def test_several_runs_come_in_the_order_of_the_names(site: Site) -> None:
    ids = trigger(site.ctx, ["sleeps", "hello"])
    assert [site.run(run_id).job for run_id in ids] == ["sleeps", "hello"]


def test_a_disabled_job_may_be_run_by_hand(site: Site) -> None:
    disable(site.ctx, ["hello"], None, None)
    assert trigger(site.ctx, ["hello"])


def test_a_run_as_scheduled_takes_the_next_slot_and_only_one_can(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"], as_scheduled=True)
    slot = site.run(run_id).slot
    assert slot is not None
    assert slot * 1000 > site.ctx.clock.now()
    assert slot % 86400 == 2 * 3600 + 30 * 60
    with pytest.raises(Refused, match="has a run already"):
        trigger(site.ctx, ["hello"], as_scheduled=True)


def test_nothing_is_queued_when_one_of_several_slots_is_taken(site: Site) -> None:
    site.define(JOBS + '\n[jobs.again]\ncommand = "true"\nschedule = "0 4 * * *"\n')
    ensure_current(site.ctx)
    trigger(site.ctx, ["hello"], as_scheduled=True)
    with pytest.raises(Refused):
        trigger(site.ctx, ["again", "hello"], as_scheduled=True)
    assert site.ctx.store.runs.active("again") == []


def test_a_job_without_a_clock_has_no_next_slot(site: Site) -> None:
    with pytest.raises(UsageError, match="fails has no next slot"):
        trigger(site.ctx, ["fails"], as_scheduled=True)


def test_a_job_that_left_the_file_has_no_next_slot_even_if_the_daemon_still_knows_it(site: Site) -> None:
    site.pretend_daemon()
    site.define('[jobs.other]\ncommand = "true"\n')
    with pytest.raises(NotFound, match="hello is not in the jobs file any more"):
        trigger(site.ctx, ["hello"], as_scheduled=True)


def test_a_general_pause_is_told_with_who_and_why(site: Site) -> None:
    refuse_while_paused(site.ctx)
    pause(site.ctx, "mail", None, None)
    refuse_while_paused(site.ctx)
    pause(site.ctx, None, None, "upgrade")
    with pytest.raises(Refused, match=r"everything is paused by \w+ since \d\d:\d\d:\d\d \(upgrade\)"):
        refuse_while_paused(site.ctx)
