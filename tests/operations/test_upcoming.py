"""What starts when, across jobs, spreads, switches and runs that wait."""

from __future__ import annotations

import pytest

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.operations.definitions import ensure_current
from jobctl.operations.starts import Start
from jobctl.operations.trigger import trigger
from jobctl.operations.upcoming import upcoming
from jobctl.store.job_interface import JobStore
from tests.operations.site import Site

HOUR = 3_600_000
DAY = 24 * HOUR


def starts(site: Site, *names: str, begin: int | None = None, until: int | None = None, limit: int = 5) -> list[Start]:
    ensure_current(site.ctx)
    rows = site.ctx.store.jobs.rows(names or None)
    return upcoming(site.ctx, rows, begin, until, limit, all_jobs=not names).starts


def test_slots_of_all_jobs_come_in_order(site: Site) -> None:
    site.define(
        '[daemon]\ntimezone = "UTC"\n[jobs.hourly]\ncommand = "true"\nschedule = "0 * * * *"\n'
        '[jobs.half]\ncommand = "true"\nschedule = "30 * * * *"\n[jobs.never]\ncommand = "true"\n'
    )
    found = starts(site, limit=6)
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert sorted(one.job for one in found) == ["half"] * 3 + ["hourly"] * 3
    assert {one.reason for one in found} == {"0 * * * *", "30 * * * *"}
    assert all(one.at % (HOUR // 2) == 0 for one in found)


def test_the_range_is_from_its_beginning_to_before_its_end(site: Site) -> None:
    begin = 1_795_305_600_000  # 2026-11-22T00:00:00Z
    slot = begin + 2 * HOUR + HOUR // 2
    assert [one.at for one in starts(site, "hello", begin=slot, until=slot + DAY)] == [slot]
    assert [one.at for one in starts(site, "hello", begin=slot + 1, until=slot + DAY + 1)] == [slot + DAY]
    assert starts(site, "hello", begin=slot + 1, until=slot + DAY) == []


def test_a_spread_start_is_shown_when_it_comes_and_not_lost_at_the_edge(site: Site) -> None:
    site.define('[jobs.a]\ncommand = "true"\nevery = "1h"\nspread = "50m"\n')
    found = starts(site, limit=50)
    offsets = {one.at % HOUR for one in found}
    assert len(offsets) > 10
    assert max(offsets) < 50 * 60_000
    first = found[7]
    assert starts(site, begin=first.at, limit=1)[0].at == first.at
    assert starts(site, begin=first.at + 1, limit=1)[0].at == found[8].at


def test_a_disabled_job_starts_nothing_before_it_is_enabled_again(site: Site) -> None:
    now = site.ctx.clock.now()
    site.ctx.store.jobs.disable("hello", "ann", now, None, None)
    assert starts(site, "hello") == []
    site.ctx.store.jobs.disable("hello", "ann", now, now + 3 * DAY, None)
    assert starts(site, "hello")[0].at >= now + 3 * DAY


@pytest.mark.parametrize("status", [Status.SCHEDULED])
def test_runs_that_wait_for_their_time_are_shown_with_their_id(site: Site, status: Status) -> None:
    now = site.ctx.clock.now()
    run = site.ctx.store.runs.add(NewRun("fails", Origin.QUEUE, status, now, now + 1000))
    found = starts(site, limit=1)
    assert (found[0].job, found[0].at, found[0].run_id) == ("fails", now + 1000, run.id)
    assert all(one.run_id is None for one in starts(site, "hello"))


def test_an_instant_that_the_daemon_planned_is_shown_once(site: Site) -> None:
    site.define('[jobs.loop]\ncommand = "true"\nevery_after = "10m"\n')
    ensure_current(site.ctx)
    planned = site.ctx.clock.now() + 5 * 60_000
    site.ctx.store.jobs.plan_next({"loop": planned})
    assert [one.at for one in starts(site, limit=5)] == [planned]


def test_of_many_jobs_only_those_whose_turn_comes_are_compiled(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.define(
        "".join(f'[jobs.j{at}]\ncommand = "true"\nschedule = "{at % 60} {at % 24} * * *"\n' for at in range(300))
    )
    ensure_current(site.ctx)
    asked: list[str] = []
    definition = type(site.ctx.store.jobs).definition

    def asking(self: JobStore, name: str) -> str | None:
        asked.append(name)
        return definition(self, name)

    monkeypatch.setattr(type(site.ctx.store.jobs), "definition", asking)
    found = starts(site, limit=10)
    assert len(found) == 10
    assert len(asked) < 60


def test_a_start_names_the_expressions_that_yield_it(site: Site) -> None:
    site.define(
        '[daemon]\ntimezone = "UTC"\n[jobs.a]\ncommand = "true"\non_start = true\n'
        'schedule = ["0 3 * * *", "0 3 1 * *", "30 4 * * *"]\n'
        '[jobs.b]\ncommand = "true"\nevery = "1d"\non_start = true\n'
    )
    begin = 1_795_305_600_000  # 2026-11-22T00:00:00Z
    of_a = starts(site, "a", begin=begin, until=begin + 10 * DAY, limit=100)
    assert [one.reason for one in of_a[:2]] == ["0 3 * * *", "30 4 * * *"]
    assert {one.reason for one in of_a} == {"0 3 * * *", "30 4 * * *", "0 3 * * *; 0 3 1 * *"}
    assert {one.reason for one in starts(site, "b")} == {"every 1d"}


def test_a_slot_that_was_taken_before_its_time_is_announced_no_more(site: Site) -> None:
    first, second, *_ = starts(site, "hello")
    trigger(site.ctx, ["hello"], as_scheduled=True)
    assert starts(site, "hello")[0] == second
    assert site.ctx.store.jobs.rows(["hello"])[0].next_at == second.at
    assert starts(site, "hello", begin=first.at)[0] == second


def test_a_run_that_a_busy_machine_holds_is_shown_with_its_latest_start(site: Site) -> None:
    site.define('[jobs.patient]\ncommand = "true"\nwait_for_idle = { load_below = 0, latest = "2h" }\n')
    ensure_current(site.ctx)
    now = site.ctx.clock.now()
    held = site.ctx.store.runs.add(NewRun("patient", Origin.QUEUE, Status.QUEUED, now, now))
    site.ctx.store.runs.add(NewRun("patient", Origin.MANUAL, Status.QUEUED, now, now))
    (found,) = starts(site)
    assert (found.at, found.run_id) == (now + 2 * HOUR, held.id)
    assert "held for load until then at the latest" in found.reason
