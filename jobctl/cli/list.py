"""`jobctl list`."""

from collections.abc import Iterable
from itertools import repeat
from typing import TYPE_CHECKING, Annotated

from jobctl.cli.declared import Group, JobPatterns, Tag, option
from jobctl.cli.invocation import Invocation, invocation
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import (
    counted,
    durations,
    each,
    held_notes,
    meaning_of,
    missed_words,
    next_words,
    relatives,
    status_words,
)
from jobctl.domain.run import Status
from jobctl.operations.freshness import refresh
from jobctl.operations.jobs import job_listing, job_rows
from jobctl.presence import is_there
from jobctl.store.records import JobListing

if TYPE_CHECKING:
    import typer

_OF_MISSED = meaning_of(Status.MISSED)


def command(
    ctx: "typer.Context",
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    failing: Annotated[bool, option("--failing", help="Those that fail or miss their starts first.")] = False,
) -> None:
    """Jobs with their schedule, next and last run."""
    call = invocation(ctx)
    notes = refresh(call.context)
    if call.json:
        from jobctl.cli.render.json import dumps, job_document, last_run_document  # for programs

        rows = job_rows(call.context, jobs, group, tag, failing_first=failing)
        call.console.print(dumps([job_document(row, last_run_document(row)) for row in rows]))
    else:
        _show(call, job_listing(call.context, jobs, group, tag, failing_first=failing))
    call.console.notes(held_notes(call.context.store.switches.pauses(call.context.clock.now())))
    call.console.notes(notes)


def _show(call: Invocation, listing: JobListing) -> None:
    call.console.table(_columns(listing, call.context.clock.now()))
    if not listing.names and is_there(call.context.places.jobs_file):  # that it is not there is said already
        call.console.note("The jobs file defines no job yet; `jobctl init` writes one to start from.")
    off = listing.enabled.count(False)
    if off:
        call.console.note(f"{counted(off, 'job')} disabled; `jobctl show JOB` says why")


def _columns(jobs: JobListing, now: int) -> list[Column]:
    return [
        name_column("JOB", jobs.names, map(_of_name, jobs.enabled), least=16),
        Column("SCHEDULE", jobs.schedules, rank=3, least=11, cut_rank=6),
        Column("NEXT", _next(jobs, now)),
        Column("NOW", _now(jobs), repeat(Meaning.BUSY, len(jobs.names)), rank=2),
        Column("LAST", relatives(jobs.last_finished_at, now), rank=1),
        _results(jobs),
        Column("TOOK", durations(jobs.last_took), right=True, rank=4),
        Column(
            "STREAK",
            each(jobs.streaks, lambda streak: f"{streak:+d}" if streak else ""),
            map(_of_streak, jobs.streaks),
            right=True,
            rank=5,
        ),
        Column("GROUP", jobs.groups, rank=7, least=5),
        Column("DESCRIPTION", jobs.descriptions, rank=8, least=16),
    ]


def _results(jobs: JobListing) -> Column:
    """How the last run ended, unless what came since is that the job was not started."""
    words = each(jobs.last_statuses, lambda status: status_words(status) if status else "")
    meanings: Iterable[Meaning] = map(_of_result, jobs.last_statuses)
    if any(jobs.missed):
        words = [missed_words(count) or word for word, count in zip(words, jobs.missed, strict=True)]
        meanings = [_OF_MISSED if count else meant for meant, count in zip(meanings, jobs.missed, strict=True)]
    return Column("RESULT", words, meanings)


def _of_name(enabled: bool) -> Meaning:
    return Meaning.STRONG if enabled else Meaning.FAINT


def _of_result(status: Status | None) -> Meaning:
    return meaning_of(status) if status else Meaning.PLAIN


def _of_streak(streak: int) -> Meaning:
    return Meaning.BAD if streak < 0 else Meaning.FAINT


def _next(jobs: JobListing, now: int) -> list[str]:
    words = relatives(jobs.next_at, now)
    if not all(jobs.enabled):
        words = [said if on else "disabled" for said, on in zip(words, jobs.enabled, strict=True)]
    late = {said: next_words(said) for said in set(words) if said.endswith(" ago")}
    return [late.get(said, said) for said in words] if late else words


def _now(jobs: JobListing) -> list[str]:
    if not any(jobs.running) and not any(jobs.queued):
        return [""] * len(jobs.names)
    return each(tuple(zip(jobs.running, jobs.queued, strict=True)), _activity)


def _activity(counts: tuple[int, int]) -> str:
    running, queued = counts
    parts = [f"{running} running" if running else "", f"{queued} queued" if queued else ""]
    return ", ".join(part for part in parts if part)
