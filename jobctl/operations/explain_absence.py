"""`why`: gathers from the store what is known of a job at an instant, and lets `domain.absence` decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jobctl.domain.absence import explain
from jobctl.domain.absence_facts import Daemon, Facts, Off, Verdict
from jobctl.domain.admission import overlapped
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import prefix_range
from jobctl.domain.schedule import ScheduleProblem
from jobctl.domain.wall_clock import zone as zone_of
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import draining, scheduling_off, silence
from jobctl.operations.past_pause import past_pause
from jobctl.operations.saying import full_time, with_instants
from jobctl.operations.schedule_then import ScheduleThen
from jobctl.operations.selection import only_job
from jobctl.operations.starts import Start
from jobctl.operations.stored_triggers import cannot_be_followed
from jobctl.operations.waiting import why_it_waits
from jobctl.store.records import Event, HistoryFilter, JobRow

_MINUTE = 60
_EVENTS_READ = 1000  # of the job, newest first: who disabled it when


@dataclass(frozen=True, slots=True)
class Absence:
    """The answer for a job at an instant (ms), with the slots before and after it."""

    job: str
    at: int
    slot: int | None
    verdict: Verdict
    before: Start | None
    after: Start | None


def explain_absence(ctx: Context, pattern: str, at: int | None) -> Absence:
    """Why the job did or did not run at `at` (ms): the slot, or the start that spread puts off, within the minute that
    begins there. None: the latest slot that should have started, or would have but for the calendar. NotFound,
    UsageError as for `only_job`; JobctlError where its schedule cannot be followed."""
    removed = ctx.store.jobs.removed(pattern)
    name = pattern if removed is not None else only_job(ctx, pattern)
    row = removed.row if removed is not None else ctx.store.jobs.rows([name])[0]
    try:
        return _explained(ctx, row, at, ctx.clock.now())
    except ScheduleProblem as problem:
        raise cannot_be_followed(name, problem) from problem


def _explained(ctx: Context, row: JobRow, at: int | None, now: int) -> Absence:
    name = row.name
    if at is None:
        plan, slot = _latest(ctx, row, now)
        asked = now if slot is None else 1000 * slot
        if (left_out := _excluded_since(ctx, row, slot, now)) is not None:
            plan, slot, asked = ScheduleThen(ctx, row, 1000 * left_out), None, 1000 * left_out
    else:
        plan = ScheduleThen(ctx, row, at)
        slot, asked = plan.slot_of_minute(at // 1000), at
    facts = _facts(ctx, plan, asked, slot, now)
    if at is None and slot is None and not facts.excluded and (newest := _newest_run(ctx, name)) is not None:
        facts = _with_run(ctx, replace(facts, run=newest), newest, ctx.store.events.recent(_EVENTS_READ, name))
    verdict = explain(facts, full_time)
    verdict = replace(verdict, text=with_instants(verdict.text, full_time))
    return Absence(name, asked, slot, verdict, plan.start(facts.before), plan.start(facts.after))


def _latest(ctx: Context, row: JobRow, now: int) -> tuple[ScheduleThen, int | None]:
    """The newest slot that has come, by the schedule that was in force at that slot; without such a one a slot from
    before the job was defined."""
    plan = ScheduleThen(ctx, row, now)
    slot = plan.latest(now)
    while slot is not None and (since := plan.version.since) is not None and 1000 * slot < since:
        plan = ScheduleThen(ctx, row, since - 1, otherwise=plan)
        slot = plan.latest(since - 1)
    return plan, slot


def _excluded_since(ctx: Context, row: JobRow, slot: int | None, now: int) -> int | None:
    """The newest slot that has come and that only `calendar_exclude` takes out, where none has come since."""
    plan = ScheduleThen(ctx, row, now)
    if not plan.triggers.calendar_exclude or (everything := plan.without_exclusions()) is None:
        return None
    newest = everything.previous_at_or_before(now // 1000)
    known = newest is not None and newest > (slot or 0) and 1000 * newest >= (plan.version.since or 0)
    return newest if known else None


def _facts(ctx: Context, plan: ScheduleThen, at: int, slot: int | None, now: int) -> Facts:
    name, schedule, at_s = plan.row.name, plan.schedule, at // 1000
    due_at = at if slot is None else 1000 * plan.begins(slot)
    run = ctx.store.runs.answering(name, slot) if slot is not None else _run_made_at(ctx, name, at)
    events = ctx.store.events.recent(_EVENTS_READ, name)
    nearest = at_s if slot is None else slot
    facts = Facts(
        job=name,
        at=at,
        now=now,
        daemon=_daemon(ctx),
        slot=slot,
        due_at=due_at,
        next_at=plan.row.next_at,
        before=schedule.previous_at_or_before(nearest - 1) if schedule else None,
        after=schedule.next_after(nearest) if schedule else None,
        defined=plan.version.definition is not None,
        since=plan.version.since,
        until=plan.version.until,
        has_clock=schedule is not None,
        triggers=plan.words(),
        catch_up=str(plan.definition.get("catch_up") or "once"),
        run=run,
        off=_off(plan, events, due_at),
    )
    if slot is None and schedule is not None:
        facts = replace(facts, excluded=_is_excluded(plan, at_s), first_pass=_first_pass(plan, at_s))
    return facts if run is None else _with_run(ctx, facts, run, events)


def _with_run(ctx: Context, facts: Facts, run: Run, events: list[Event]) -> Facts:
    if run.status is Status.QUEUED:
        held = any(pause.queue in (None, run.queue) for pause in ctx.store.switches.pauses(facts.now))
        drains = draining(ctx, ctx.store.service.info()) is not None  # said before a pause
        alive = ctx.daemon_pid is not None
        return replace(facts, waits=why_it_waits(ctx, run, full_time), paused=held and alive and not drains)
    if run.status is Status.SKIPPED and (other := _in_the_way(ctx, run)) is not None:
        return replace(facts, waits=why_it_waits(ctx, other, full_time))
    if run.status is Status.CANCELLED:
        who = next((event.actor for event in events if event.run_id == run.id and event.action == "cancel"), None)
        return replace(facts, cancelled_by=who)
    return replace(facts, held=past_pause(ctx, run, full_time))


def _in_the_way(ctx: Context, run: Run) -> Run | None:
    """The run for which it was skipped, where that one waits still."""
    named = overlapped(run.reason or "")
    ids = prefix_range(named) if named is not None else None
    found = ctx.store.runs.find(ids, 1) if ids is not None else []
    return next((other for other in found if other.status is Status.QUEUED), None)


def _daemon(ctx: Context) -> Daemon:
    pid, info = ctx.daemon_pid, ctx.store.service.info()
    word = (draining(ctx, info) or silence(ctx, pid)) if pid is not None else None
    off = scheduling_off(info) if pid is not None else None
    return Daemon(
        alive=pid is not None,
        started_at=info.started_at if info is not None else None,
        seen=ctx.store.service.last_seen(),
        silence=word.sentence if word is not None else None,
        scheduling_off=off.sentence if off is not None else None,
    )


def _off(plan: ScheduleThen, events: list[Event], at: int) -> Off | None:
    """Who kept the job from starting at `at`; the trail tells of times that are over, the job of the present one."""
    if plan.version.definition is not None and plan.definition.get("enabled") is False:
        return Off()
    switches = [event for event in events if event.action in ("enable", "disable")]
    last = next((event for event in switches if event.at <= at), None)
    if last is None or last.action == "enable":
        return None
    ended = next((event.at for event in reversed(switches) if event.at > at and event.action == "enable"), None)
    still = plan.row.disabled_by is not None and last is switches[0]
    until = plan.row.disabled_until if still else ended
    if until is not None and until <= at:
        return None
    return Off(last.actor, last.at, until, last.detail)


def _is_excluded(plan: ScheduleThen, at: int) -> bool:
    if not plan.triggers.calendar_exclude:
        return False
    everything = plan.without_exclusions()
    slot = everything.next_after(at - 1) if everything is not None else None
    return slot is not None and slot < at + _MINUTE


def _first_pass(plan: ScheduleThen, at: int) -> int | None:
    """Whether the clock on the wall shows this time again after it was put back, and the fixed time had its slot
    before."""
    if not plan.triggers.schedule or plan.schedule is None:
        return None
    stretch = zone_of(plan.zone).stretch_at(at)
    local = at + stretch.offset
    if local not in stretch.repeated:
        return None
    first = plan.schedule.next_after(local - stretch.entered_from - 1)
    return 1000 * first if first is not None and first < local - stretch.entered_from + _MINUTE else None


def _run_made_at(ctx: Context, name: str, at: int) -> Run | None:
    wanted = HistoryFilter(jobs=(name,), since=at, until=at + 1000 * _MINUTE, limit=1)
    return next(iter(ctx.store.runs.history(wanted)), None)


def _newest_run(ctx: Context, name: str) -> Run | None:
    """For a job without slots: its newest run, as one that has none."""
    return next((run for run in ctx.store.runs.history(HistoryFilter(jobs=(name,), limit=1))), None)
