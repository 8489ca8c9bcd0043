"""The whole at a glance, for a person."""

from collections.abc import Mapping, Sequence

from jobctl.cli.render.alerts import alert_columns
from jobctl.cli.render.console import Console
from jobctl.cli.render.runs import run_columns
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import counted, meaning_of, missed_words, relative, short_time, status_words
from jobctl.domain.alert import OF_FAILURES, Alert
from jobctl.domain.run import Status
from jobctl.domain.units import format_size
from jobctl.operations.file_news import FileNews
from jobctl.operations.queues import QueueState
from jobctl.operations.starts import Start
from jobctl.operations.status import DaemonState, Failing, HostState, StatusReport
from jobctl.store.records import MissedStarts, Pause

_ALL_QUEUED = "jobctl history --status queued"
_DEEP = 100  # so many waiting runs are told of any queue


def print_status(console: Console, report: StatusReport, reasons: Mapping[int, str], now: int) -> None:
    """The daemon, the counts and the host; below them what runs, what failed and what is next. `reasons`: why the runs
    that wait have not started, by id."""
    daemon = report.daemon
    facts: list[Fact] = [
        ("Daemon", daemon_words(daemon, now), daemon_meaning(daemon)),
        ("Jobs", _jobs_words(report)),
        ("File", _file_words(report.file, now), Meaning.DOUBTFUL),
        ("State", str(report.state_dir)),
        *(("Paused", _pause_words(pause, now), Meaning.DOUBTFUL) for pause in report.pauses),
        ("Runs", counts_words(report.counts)),
        *(("Queue", queue_words(queue, now)) for queue in report.queues if _is_worth_telling(queue)),
        ("Alerts", _alerts_words(report), _alerts_meaning(report)),
        ("Host", _host_words(report.host)),
    ]
    print_facts(console, facts)
    if report.running:
        print_heading(console, "Running", meaning_of(Status.RUNNING))
        console.table(run_columns(report.running, now), header=False)
    if report.waiting:
        print_heading(console, "Waiting")
        console.table(run_columns(report.waiting, now, reasons=reasons), header=False)
        _say_how_many_more(console, report.counts.get(Status.QUEUED, 0) - len(report.waiting), _ALL_QUEUED)
    if report.failing:
        print_heading(console, "Failed, and nothing made up for it", meaning_of(Status.FAILED))
        console.table(_failing_columns(report.failing, now), header=False)
        _say_how_many_more(console, report.failing_more, "jobctl dead")
    if report.missed:
        print_heading(console, "Missed, and not started since", meaning_of(Status.MISSED))
        console.table(missed_columns(report.missed, now), header=False)
        _say_how_many_more(console, report.missed_more, "jobctl list --failing")
    if alerts := _not_told_yet(report):
        print_heading(console, "Alerts", Meaning.BAD)
        console.table(alert_columns(alerts, now), header=False)
        told = len(report.alerts) - len(alerts)
        where = " of what failed above" if told and not report.alerts_more else ""
        _say_how_many_more(console, report.alerts_more + told, "jobctl alerts", where)
    if report.next:
        print_heading(console, "Next")
        console.table(_next_columns(report.next, now), header=False)
    elif daemon.scheduling is False:
        print_heading(console, "Next")
        console.print("nothing by itself: scheduling is off")
    elif daemon.jobs:
        console.note("Nothing is going to start by itself; `jobctl list` shows the jobs.")


def _not_told_yet(report: StatusReport) -> list[Alert]:
    """Alerts that say more than the list of what failed, which is right above them."""
    failing = {one.run.job for one in report.failing}
    return [one for one in report.alerts if one.kind not in OF_FAILURES or one.job not in failing]


def _failing_columns(failing: Sequence[Failing], now: int) -> list[Column]:
    run, job, *others = run_columns([one.run for one in failing], now)
    times = [f"×{one.dead_letters}" if one.dead_letters > 1 else "" for one in failing]
    return [run, job, Column("TIMES", times), *others]


def missed_columns(missed: Sequence[MissedStarts], now: int) -> list[Column]:
    """Jobs with how many starts they have missed in a row, and since when."""
    return [
        name_column("JOB", [one.job for one in missed]),
        Column("MISSED", [missed_words(one.missed) for one in missed], [meaning_of(Status.MISSED)] * len(missed)),
        Column("SINCE", [f"since {short_time(one.since, now)}" for one in missed]),
        Column("AGO", [relative(one.since, now) for one in missed], [Meaning.FAINT] * len(missed), rank=1),
    ]


def _say_how_many_more(console: Console, more: int, verb: str, where: str = "") -> None:
    if more > 0:
        console.print(console.style(console.writable(f"… and {more:,} more{where} (`{verb}`)"), Meaning.FAINT))


def daemon_words(daemon: DaemonState, now: int) -> str:
    """`running, up 32s (pid 26270, version 0.1.0)`, or since when it does not and whether somebody stopped it."""
    if not daemon.running and daemon.seen is None:
        return "not running"
    if not daemon.running and daemon.seen is not None:
        end = "stopped" if daemon.seen.stopped else "it died, last seen at work"
        return f"not running: {end} {short_time(daemon.seen.at, now)}"
    state = "not working" if daemon.stands_still else "running" if daemon.draining_at is None else "draining"
    since = f", up {relative(daemon.started_at, now).removesuffix(' ago')}" if daemon.started_at is not None else ""
    return f"{state}{since} (pid {daemon.pid}" + (f", version {daemon.version})" if daemon.version else ")")


def daemon_meaning(daemon: DaemonState) -> Meaning:
    """Good is one that works."""
    return Meaning.GOOD if daemon.running and not daemon.stands_still else Meaning.BAD


def _jobs_words(report: StatusReport) -> str:
    source = f" from {report.jobs_file}" if report.jobs_file else ""
    if not report.daemon.jobs:
        return "none; `jobctl init` writes a file to start from"
    return f"{counted(report.daemon.jobs, 'job')}{source}"


def _file_words(news: FileNews | None, now: int) -> str:
    """Empty while the file is as it was loaded."""
    if news is None:
        return ""
    if news.loaded_at is None:
        return f"broken: {news.problem_words}; the jobs are those from before (`jobctl check`)"
    loaded = f"loaded {short_time(news.loaded_at, now)}"
    if news.problem is None:
        mended = "refused, mended since" if news.refused else f"changed since {loaded}"
        return f"{mended}, not reloaded (`jobctl reload`)"
    fate = "reload refused" if news.refused else "a reload would be refused"
    return f"broken: {news.problem_words}; {fate}, the jobs {loaded} stay in force (`jobctl check`)"


def _alerts_words(report: StatusReport) -> str:
    count = len(report.alerts) + report.alerts_more
    high = f", {report.alerts_high} high" if report.alerts_high else ""
    return f"{count} open{high} (`jobctl alerts`)" if count else "none open"


def _alerts_meaning(report: StatusReport) -> Meaning:
    return Meaning.BAD if report.alerts_high else Meaning.DOUBTFUL if report.alerts else Meaning.PLAIN


def _pause_words(pause: Pause, now: int) -> str:
    what = f"queue {pause.queue}" if pause.queue is not None else "everything"
    until = f" until {short_time(pause.until, now)} ({relative(pause.until, now)})" if pause.until is not None else ""
    why = f": {pause.reason}" if pause.reason else ""
    return f"{what} by {pause.by} since {short_time(pause.since, now)}{until}{why}"


def _is_worth_telling(queue: QueueState) -> bool:
    limited = queue.max_concurrent is not None or queue.rate is not None
    held = limited or queue.pause is not None
    return queue.waiting >= _DEEP or bool(held and queue.waiting) or bool(limited and queue.running)


def queue_words(queue: QueueState, now: int) -> str:
    """`mail: 3 waiting, 2 of 2 running, at most 30/m`."""
    at_most = f" of {queue.max_concurrent}" if queue.max_concurrent is not None else ""
    said = [f"{queue.waiting:,} waiting", f"{queue.running}{at_most} running"]
    if queue.rate is not None:
        said.append(f"at most {queue.rate.words}")
    if queue.next_start_at is not None:
        said.append(f"next start {relative(queue.next_start_at, now)}")
    if queue.pause is not None:
        said.append("paused")
    return f"{queue.name}: {', '.join(said)}"


def counts_words(counts: dict[Status, int]) -> str:
    """`1 running, 5 succeeded`."""
    said = [f"{counts[status]:,} {status_words(status)}" for status in Status if counts.get(status)]
    return ", ".join(said) or "none yet; `jobctl run JOB` starts one"


def _host_words(host: HostState) -> str:
    memory = ""
    if host.memory_available is not None and host.memory_total is not None:
        memory = f", {format_size(host.memory_available)} of {format_size(host.memory_total)} memory free"
    cores = counted(host.cores, "core")
    return f"load {host.load[0]:.2f} on {cores}{memory}, {format_size(host.disk_free)} disk free"


def _next_columns(starts: Sequence[Start], now: int) -> list[Column]:
    return [
        Column("AT", [short_time(one.at, now) for one in starts]),
        Column("IN", [relative(one.at, now) for one in starts], [Meaning.FAINT] * len(starts)),
        name_column("JOB", [one.job for one in starts]),
        Column("WHY", [one.reason for one in starts], rank=1, least=11),
    ]
