"""`jobctl history`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jobctl.cli import history_options as options
from jobctl.cli.declared import Group, JobPatterns, Tag
from jobctl.cli.documents import document, documents
from jobctl.cli.invocation import Invocation, invocation
from jobctl.cli.moments import past
from jobctl.cli.render.events import event_columns
from jobctl.cli.render.json import dumps, event_document
from jobctl.cli.render.runs import is_in_order_of_starts, run_columns
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.words import counted
from jobctl.cli.seconds import seconds
from jobctl.domain.run import Run, Status
from jobctl.errors import UsageError
from jobctl.operations.freshness import refresh_runs, without_daemon
from jobctl.operations.history import follow, goes_on, history, jobs_of_history
from jobctl.operations.secrecy import with_masked_params
from jobctl.operations.trail import trail
from jobctl.operations.waiting import reasons
from jobctl.store.records import HistoryFilter

if TYPE_CHECKING:
    import typer

    from jobctl.cli.render.run_lines import RunLines

_LIMIT = 20
_WITH_A_TIME = (Status.SCHEDULED, Status.RETRYING)


def command(
    ctx: "typer.Context",
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    status: options.Statuses = None,
    origin: options.Origins = None,
    since: options.Since = None,
    until: options.Until = None,
    last: options.Last = None,
    limit: options.Limit = _LIMIT,
    offset: options.Offset = 0,
    as_csv: options.AsCsv = False,
    columns: options.Columns = None,
    following: options.Following = False,
    events: options.Events = False,
) -> None:
    """Runs, newest first.

    TIME is such as 2026-11-22T18:00Z, "2026-11-22 18:00", 18:00, yesterday, or how long ago: 2h.
    """
    call = invocation(ctx)
    call.only_looks = not following
    _refuse_both("--last", last is not None, "--since", since is not None)
    _refuse_both("--csv", as_csv, "--json", call.json)
    _refuse_both("--columns", columns is not None, "--json", call.json)
    names = options.read_columns(columns, as_csv=as_csv)
    if events and (status or origin or offset or as_csv or following or names):
        raise UsageError("--events tells of people, not of runs", "it goes with JOB, --since, --until, --last, --limit")
    selects = bool(jobs or group is not None or tag is not None)
    call.console.notes(refresh_runs(call.context, with_jobs=selects))
    now = call.context.clock.now()
    length = seconds("--last", last)
    wanted = HistoryFilter(
        jobs=jobs_of_history(call.context, jobs, group, tag),
        statuses=options.read_statuses(status or ()),
        origins=options.read_origins(origin or ()),
        since=past("--since", since, now) if length is None else now - round(1000 * length),
        until=past("--until", until, now),
        limit=limit,
        offset=offset,
    )
    if events:
        _show_events(call, wanted, now)
    elif following:
        _follow(call, wanted, names, as_csv=as_csv)
    else:
        _show(call, wanted, names, now, as_csv=as_csv)


def _refuse_both(one: str, given: bool, other: str, given_too: bool) -> None:
    if given and given_too:
        raise UsageError(f"{one} and {other} exclude each other", "give one of them")


def _show(call: Invocation, wanted: HistoryFilter, names: Sequence[str], now: int, *, as_csv: bool) -> None:
    runs = history(call.context, wanted)
    if as_csv:
        _write_csv(documents(call, runs), names, header=True)
    elif call.json:
        call.console.print(dumps(documents(call, runs)))
    elif runs:
        _show_table(call, runs, names, now)
        if goes_on(call.context, wanted, len(runs)):
            call.console.note(f"the newest {counted(len(runs), 'run')}; more with --limit or --offset")
        if call.context.daemon_pid is None and any(run.status in _WITH_A_TIME for run in runs):
            call.console.notes([without_daemon(call.context)])
    else:
        call.console.note(_nothing(wanted))


def _show_table(call: Invocation, runs: Sequence[Run], names: Sequence[str], now: int) -> None:
    why = reasons(call.context, runs)
    if names:
        from jobctl.cli.render.run_choice import chosen_columns  # for those who choose

        call.console.table(chosen_columns(names, with_masked_params(call.context, runs), now, why))
        return
    call.console.table(run_columns(runs, now, with_use=True, reasons=why))
    if not is_in_order_of_starts(runs):
        call.console.note("in the order in which they were made; WHEN is when they started, or are due")


def _show_events(call: Invocation, wanted: HistoryFilter, now: int) -> None:
    found = trail(call.context, wanted)
    if call.json:
        call.console.print(dumps([event_document(event) for event in found]))
    elif found:
        call.console.table(event_columns(found, now))
        if len(found) == wanted.limit:
            call.console.note(f"the newest {counted(len(found), 'act')}; more with --limit")
    else:
        call.console.note("Nobody did anything that leaves a trace; what ran is in `jobctl history`.")


def _nothing(wanted: HistoryFilter) -> str:
    if wanted == HistoryFilter(limit=wanted.limit):
        return "Nothing has run yet; `jobctl run JOB` starts a job, `jobctl next` says what starts by itself."
    return "No run matches; `jobctl history` without options shows the newest runs."


def _follow(call: Invocation, wanted: HistoryFilter, names: Sequence[str], *, as_csv: bool) -> None:
    from jobctl.cli.interrupts import hear  # the others are over in an instant

    hear()
    header = True
    lines = None if as_csv or call.json else _begin_lines(call, wanted, names)
    for run in follow(call.context, wanted):
        if as_csv:
            _write_csv(documents(call, [run]), names, header=header)
            header = False
        elif lines is None:
            call.console.print(dumps(document(call, run)))
        else:
            (shown,) = with_masked_params(call.context, [run])
            line = lines.line(shown, call.context.clock.now(), call.console.style)
            call.console.print(call.console.writable(line))
        sys.stdout.flush()


def _begin_lines(call: Invocation, wanted: HistoryFilter, names: Sequence[str]) -> "RunLines":
    from jobctl.cli.render.run_lines import RunLines  # for those who follow

    lines = RunLines(names, wanted.jobs or call.context.store.jobs.names(), call.console.width)
    call.console.print(call.console.style(lines.header(), Meaning.FAINT))
    sys.stdout.flush()
    return lines


def _write_csv(rows: Sequence[dict[str, Any]], names: Sequence[str], *, header: bool) -> None:
    import csv  # 3 ms, for this format only

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for whole in rows:
        row = {name: whole[name] for name in names or whole}
        if header:
            writer.writerow(row)
            header = False
        writer.writerow(dumps(value) if isinstance(value, dict | list | bool) else value for value in row.values())
