"""The jobs in a listing."""

from collections.abc import Sequence

from jobctl.operations.context import Context
from jobctl.operations.selection import select_jobs, select_rows
from jobctl.store.records import JobListing, JobRow, trouble_of


def job_listing(
    ctx: Context, patterns: Sequence[str] | None, group: str | None, tag: str | None, *, failing_first: bool = False
) -> JobListing:
    """The selected jobs for a table, in the order of `job_rows`."""
    names = select_jobs(ctx, patterns, group, tag) if patterns or group is not None or tag is not None else None
    return ctx.store.jobs.listing(names, failing_first=failing_first)


def job_rows(
    ctx: Context, patterns: Sequence[str] | None, group: str | None, tag: str | None, *, failing_first: bool = False
) -> list[JobRow]:
    """The selected jobs by name; with `failing_first` those come first that fail or miss their starts, the longest on
    top."""
    rows = select_rows(ctx, patterns, group, tag)
    if failing_first:
        rows.sort(key=lambda row: (-trouble_of(row.streak, row.missed), row.name))
    return rows
