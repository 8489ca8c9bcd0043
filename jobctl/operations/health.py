"""Whether the whole does its work, in one sentence for a monitoring system (Nagios Plugin API)."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass

from jobctl.domain.alert import AlertState
from jobctl.domain.heartbeat import failing_for_long
from jobctl.domain.run import Attempt, AttemptState
from jobctl.domain.run_id import to_text
from jobctl.domain.settings import DISK_RESERVE_BYTES
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import Concern, draining, refusal, scheduling_off, silence
from jobctl.operations.file_news import file_news
from jobctl.operations.missed_starts import missed_in_short
from jobctl.operations.obstacle import general_hold, queue_holds
from jobctl.operations.skipped_starts import skipped_starts
from jobctl.operations.status import disk_free
from jobctl.presence import may_be_there
from jobctl.process.record import read as read_record

_NAMED = 3  # alerts in the one line
_STUCK_AFTER = 60.0  # seconds beyond timeout and grace: by then even a busy host has killed it
_UNSETTLED_AFTER = 60.0  # seconds: a daemon that is held up by nothing needs a few milliseconds


class Health(enum.IntEnum):
    """The exit statuses of https://www.monitoring-plugins.org/doc/guidelines.html."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer in words."""

    name: str
    health: Health
    message: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """All checks, the worst first."""

    checks: tuple[Check, ...]

    @property
    def health(self) -> Health:
        return max(check.health for check in self.checks)

    @property
    def line(self) -> str:
        """What is wrong; when nothing is, what was looked at."""
        worst = [check.message for check in self.checks if check.health is not Health.OK]
        return "; ".join(worst or [check.message for check in self.checks])


def health(ctx: Context, *, thorough: bool = False) -> HealthReport:
    """Ask everything. Errors of the store are the caller's: nothing can be said then. `thorough`: also read all that is
    stored, for damage that no question has met yet."""
    if thorough:
        ctx.store.verify()
    of_runs = [_stuck_runs(ctx), _unsupervised(ctx), *_unread(ctx), _unsettled(ctx)]
    of_jobs = [_dead_men(ctx), _missed(ctx), *_skipped(ctx)]
    checks = [
        _daemon(ctx),
        *_what_it_says(ctx),
        *_jobs_file(ctx),
        _pause(ctx),
        *of_runs,
        *of_jobs,
        _alerts(ctx),
        _heartbeats(ctx),
        _disk(ctx),
    ]
    return HealthReport(tuple(sorted(checks, key=lambda check: -check.health)))


def _daemon(ctx: Context) -> Check:
    pid = ctx.daemon_pid
    if pid is None:
        return Check("daemon", Health.CRITICAL, "the daemon is not running")
    found = silence(ctx, pid)
    if found is None:
        return Check("daemon", Health.OK, f"daemon alive (pid {pid})")
    for_long = found.concern is Concern.SILENT_FOR_LONG
    return Check("daemon", Health.CRITICAL if for_long else Health.WARNING, found.sentence)


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


def _stuck_runs(ctx: Context) -> Check:
    stuck = []
    attempts = ctx.store.attempts.unfinished()
    for attempt in attempts:
        definition = json.loads(ctx.store.jobs.retry_policy_of(attempt.run_id, attempt.number) or "{}")
        timeout = definition.get("timeout")
        if timeout is None:
            continue
        allowed = timeout + definition.get("grace", 0) + _STUCK_AFTER
        if ctx.clock.now() - attempt.started_at > 1000 * allowed:
            stuck.append(to_text(attempt.run_id))
    if stuck:
        return Check("runs", Health.CRITICAL, f"running far beyond their timeout: {', '.join(stuck)}")
    return Check("runs", Health.OK, f"{len(attempts)} running, none stuck")


def _unsupervised(ctx: Context) -> Check:
    alone = [
        to_text(attempt.run_id)
        for attempt in ctx.store.attempts.unfinished()
        if attempt.state is AttemptState.UNSUPERVISED
    ]
    if alone:
        return Check("supervision", Health.WARNING, f"running without a keeper: {', '.join(alone)}")
    return Check("supervision", Health.OK, "all supervised")


def _unread(ctx: Context) -> list[Check]:
    """Attempts of which nobody can say whether they run: the disk does not give back what their keepers wrote."""
    reasons = {
        to_text(attempt.run_id): reason
        for attempt in ctx.store.attempts.unfinished()
        if (reason := _why_unread(ctx, attempt)) is not None
    }
    if not reasons:
        return []
    words = f"not known whether they run, for their records cannot be read: {', '.join(reasons)}"
    if len(reasons) == 1:
        words = f"the record of {next(iter(reasons))} cannot be read, it is not known whether it runs"
    return [Check("records", Health.WARNING, f"{words} ({next(iter(reasons.values()))})")]


def _why_unread(ctx: Context, attempt: Attempt) -> str | None:
    """None for a record that is not there: that is known, and the attempt is concluded without."""
    try:
        read_record(ctx.places.keepers_dir / attempt.keeper)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return f"{problem.filename}: {problem.strerror}"
    return None


def _unsettled(ctx: Context) -> Check:
    """Attempts that ended, by the word of their keeper, and that the daemon should have concluded long ago."""
    late = (
        []
        if ctx.daemon_pid is None
        else [run for attempt in ctx.store.attempts.unfinished() if (run := _late(ctx, attempt))]
    )
    if late:
        return Check("conclusions", Health.CRITICAL, f"ended, and the daemon has not stored the end: {', '.join(late)}")
    return Check("conclusions", Health.OK, "all ends stored")


def _late(ctx: Context, attempt: Attempt) -> str | None:
    try:
        end = read_record(ctx.places.keepers_dir / attempt.keeper).end
    except OSError:
        return None
    if end is None or end.token != attempt.token:
        return None
    return to_text(attempt.run_id) if ctx.clock.now() - end.finished_at > 1000 * _UNSETTLED_AFTER else None


def _dead_men(ctx: Context) -> Check:
    """Asked of the runs, not of the daemon's alerts: a dead daemon raises none."""
    now = ctx.clock.now()
    overdue = [
        f"{man.job} for {format_duration((now - man.since) // 1000)}"
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
