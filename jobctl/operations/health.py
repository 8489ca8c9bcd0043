"""Whether the whole does its work, in one sentence for a monitoring system (Nagios Plugin API)."""

from __future__ import annotations

from jobctl.domain.alert import AlertState
from jobctl.domain.heartbeat import failing_for_long
from jobctl.domain.settings import DISK_RESERVE_BYTES
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import Concern, absence, draining, refusal, scheduling_off, silence
from jobctl.operations.file_news import file_news
from jobctl.operations.health_attempts import attempt_checks
from jobctl.operations.health_report import Check, Health, HealthReport
from jobctl.operations.missed_starts import missed_in_short
from jobctl.operations.obstacle import general_hold, queue_holds
from jobctl.operations.skipped_starts import skipped_starts
from jobctl.operations.status import disk_free
from jobctl.presence import may_be_there

_NAMED = 3  # alerts in the one line


def health(ctx: Context, *, thorough: bool = False) -> HealthReport:
    """Ask everything. Errors of the store are the caller's: nothing can be said then. `thorough`: also read all that is
    stored, for damage that no question has met yet."""
    if thorough:
        ctx.store.verify()
    checks = [
        _daemon(ctx),
        *_what_it_says(ctx),
        *_jobs_file(ctx),
        _pause(ctx),
        *attempt_checks(ctx),
        _dead_men(ctx),
        _missed(ctx),
        *_skipped(ctx),
        _alerts(ctx),
        *_dead_letters(ctx),
        _heartbeats(ctx),
        _disk(ctx),
    ]
    return HealthReport(tuple(sorted(checks, key=lambda check: -check.health)))


def _daemon(ctx: Context) -> Check:
    pid = ctx.daemon_pid
    if pid is None:
        return Check("daemon", Health.CRITICAL, f"the daemon is not running{_since(ctx)}")
    found = silence(ctx, pid)
    if found is None:
        return Check("daemon", Health.OK, f"daemon alive (pid {pid})")
    for_long = found.concern is Concern.SILENT_FOR_LONG
    return Check("daemon", Health.CRITICAL if for_long else Health.WARNING, found.sentence)


def _since(ctx: Context) -> str:
    """Since when, and whether somebody stopped it; empty where there never was one."""
    sign = absence(ctx)
    if sign is None:
        return ""
    ago = format_duration(max(0, ctx.clock.now() - sign.at) // 1000)
    return f": it stopped {ago} ago" if sign.stopped else f": it died, last seen at work {ago} ago"


def _what_it_says(ctx: Context) -> list[Check]:
    """The concerns that a living daemon has told of; none of them is a failure yet."""
    info = ctx.store.service.info()
    if ctx.daemon_pid is None or info is None:
        return []
    words = (draining(ctx, info), scheduling_off(info))
    return [Check(word.concern.value, Health.WARNING, word.sentence) for word in words if word is not None]


def _jobs_file(ctx: Context) -> list[Check]:
    """A file that would be refused is an accident that waits for the next reload or start; one that was named and is
    not there means that another installation was to be asked about."""
    news, named = file_news(ctx), ctx.places.jobs_file
    if ctx.places.is_named and ctx.daemon_pid is not None and not may_be_there(named):
        info = ctx.store.service.info()
        if info is not None and info.config != str(named):
            words = f"there is no jobs file {named}; the daemon works with {info.config}"
            return [Check("jobs_file", Health.WARNING, words)]
    if news is None:
        return []
    if news.refused and (word := refusal(ctx.store.service.info())) is not None:
        return [Check(word.concern.value, Health.WARNING, word.sentence)]
    if news.problem is not None:
        words = f"the jobs file is broken and would be refused: {news.problem_words} (`jobctl check`)"
        return [Check("jobs_file", Health.WARNING, words)]
    loaded = format_duration(max(0, ctx.clock.now() - (news.loaded_at or 0)) // 1000)
    return [Check("jobs_file", Health.OK, f"the jobs file has changed since it was loaded {loaded} ago, not reloaded")]


def _pause(ctx: Context) -> Check:
    """A pause that somebody forgot looks like nothing to do."""
    held = general_hold(ctx) or queue_holds(ctx)
    return Check("pause", Health.OK, "not paused") if held is None else Check("pause", Health.WARNING, held)


def _dead_men(ctx: Context) -> Check:
    """Asked of the runs, not of the daemon's alerts: a dead daemon raises none."""
    now = ctx.clock.now()
    overdue = [
        f"{man.job} for {format_duration((now - man.since) // 1000)}{'' if man.last_success_at else ' (never yet)'}"
        for man in ctx.store.alerts.dead_men()
        if man.overdue_at < now
    ]
    if overdue:
        return Check("dead_man", Health.CRITICAL, f"no success in time: {', '.join(overdue)}")
    return Check("dead_man", Health.OK, "no success overdue")


def _missed(ctx: Context) -> Check:
    found = missed_in_short(ctx)
    if found is None:
        return Check("missed", Health.OK, "no job keeps missing its starts")
    return Check("missed", Health.WARNING, found)


def _skipped(ctx: Context) -> list[Check]:
    """A run that hangs, of a job without a timeout, looks like one that works."""
    found = skipped_starts(ctx)
    return [] if found is None else [Check("skipped", Health.WARNING, f"{found[0]} ({found[1]})")]


def _alerts(ctx: Context) -> Check:
    """What somebody has acknowledged is in good hands."""
    loud = [alert for alert in ctx.store.alerts.open() if alert.severity == "high"]
    unseen = [alert for alert in loud if alert.state is not AlertState.ACKNOWLEDGED]
    if not unseen:
        words = f"no high alert open but {len(loud)} acknowledged" if loud else "no high alert open"
        return Check("alerts", Health.OK, words)
    named = ", ".join(f"{alert.about} {alert.kind.word}" for alert in unseen[:_NAMED])
    more = f" and {len(unseen) - _NAMED} more" if len(unseen) > _NAMED else ""
    words = f"{len(unseen)} high alert{'' if len(unseen) == 1 else 's'} open: {named}{more} (`jobctl alerts`)"
    return Check("alerts", Health.WARNING, words)


def _dead_letters(ctx: Context) -> list[Check]:
    """Work that nobody has seen to: told and no warning, which the alert of the failure was."""
    count = ctx.store.runs.dead_letters()
    words = f"{count} dead letter{'' if count == 1 else 's'} (`jobctl dead`)"
    return [Check("dead_letters", Health.OK, words)] if count else []


def _heartbeats(ctx: Context) -> Check:
    failing = ctx.store.heartbeats.failing()
    unheard = failing_for_long(failing, ctx.clock.now())
    if unheard is not None:
        return Check("heartbeats", Health.WARNING, unheard)
    lately = f"{len(failing)} heartbeat{'' if len(failing) == 1 else 's'} not delivered yet"
    return Check("heartbeats", Health.OK, lately if failing else "no heartbeat fails")


def _disk(ctx: Context) -> Check:
    free = disk_free(ctx)
    if free < DISK_RESERVE_BYTES:
        words = f"{format_size(free)} free on the disk of {ctx.places.state_dir}: nothing starts below "
        return Check("disk", Health.CRITICAL, words + format_size(DISK_RESERVE_BYTES))
    return Check("disk", Health.OK, f"{format_size(free)} free")
