"""`jobctl stats`."""

from typing import TYPE_CHECKING, Annotated

from jobctl.cli.declared import Group, JobPatterns, Tag, option
from jobctl.cli.invocation import Invocation, invocation
from jobctl.cli.moments import past
from jobctl.cli.render.heat_map import heat_map
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.stats_screen import period_words, print_stats, stats_columns, stats_documents, summary
from jobctl.cli.seconds import seconds
from jobctl.domain.tally import Span
from jobctl.errors import UsageError
from jobctl.operations.freshness import refresh_runs
from jobctl.operations.selection import select_jobs
from jobctl.operations.stats import DAYS_OF_HOURS, Order, Period, calendar, courses, job_stats, latest, period

if TYPE_CHECKING:
    import typer

_USUAL_MS = 7 * int(Span.DAY)
_DAYS_OF_A_CALENDAR = 14
_MOST_BARS = 200  # rows that somebody may read to the end


def command(
    ctx: "typer.Context",
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    since: Annotated[
        str | None, option("--since", metavar="TIME", help="From this time on; else the last 7 days.")
    ] = None,
    last: Annotated[str | None, option("--last", metavar="DURATION", help="The last 24h, 30d, …")] = None,
    by: Annotated[
        str | None, option("--by", metavar="WHAT", help="The most first: cpu, mem, time, failures or wait.")
    ] = None,
    as_calendar: Annotated[bool, option("--calendar", help="A map of days and hours instead.")] = False,
) -> None:
    """How jobs do, against as long a time before: what fails more often and what gets slower comes first."""
    call = invocation(ctx)
    if last is not None and since is not None:
        raise UsageError("--last and --since exclude each other", "give one of them")
    order = _read_order(by)
    now = call.context.clock.now()
    wanted = _period(since, last, now)
    selects = bool(jobs or group is not None or tag is not None)
    call.console.notes(refresh_runs(call.context, with_jobs=selects))
    if as_calendar:
        named = select_jobs(call.context, jobs, group, tag) if selects else None
        days = _DAYS_OF_A_CALENDAR if last is None and since is None else -(-(now - wanted.since) // Span.DAY)
        _show_calendar(call, named, now, min(days, DAYS_OF_HOURS))
    else:
        _show(call, (jobs, group, tag), wanted, order)


def _period(since: str | None, last: str | None, now: int) -> Period:
    began = past("--since", since, now)
    if began is None:
        length = seconds("--last", last)
        return latest(now, _USUAL_MS if length is None else round(1000 * length))
    if began > now:
        raise UsageError(f"--since {since} is in the future", "name a time that has passed")
    return period(now, began)


def _show(
    call: Invocation, selection: tuple[list[str] | None, str | None, str | None], wanted: Period, order: Order | None
) -> None:
    found = job_stats(call.context, *selection, wanted, order)
    single = len(selection[0] or ()) == 1 and len(found) == 1 and found[0].job == (selection[0] or [""])[0]
    if call.json and single:
        call.console.print(dumps(stats_documents(found, wanted)[0]))
    elif call.json:
        from jobctl.cli.documents import print_array  # for programs

        print_array(call, found, lambda some: stats_documents(some, wanted))
    elif single:
        (course,) = courses(call.context, wanted, [found[0].job])
        print_stats(call.console, found[0], course, wanted, plain=call.console.is_plain)
    elif found:
        drawn = courses(call.context, wanted, [one.job for one in found]) if len(found) <= _MOST_BARS else []
        call.console.table(stats_columns(found, drawn, order, plain=call.console.is_plain))
        call.console.note(summary(found, wanted))
    else:
        call.console.note(f"No run has ended in {period_words(wanted)} or as long before; --last looks further back.")


def _show_calendar(call: Invocation, jobs: list[str] | None, now: int, days: int) -> None:
    found = calendar(call.context, jobs, now, days)
    if call.json:
        call.console.print(dumps([{"at": instant(at), "runs": ended, "failed": bad} for at, ended, bad in found]))
        return
    for line in heat_map(found, now, days, call.console.style, plain=call.console.is_plain):
        call.console.print(line)


def _read_order(word: str | None) -> Order | None:
    if word is None:
        return None
    try:
        return Order(word)
    except ValueError:
        known = ", ".join(order.value for order in Order)
        raise UsageError(f"--by {word}: there is no such order", f"one of: {known}") from None
