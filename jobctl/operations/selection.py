"""Which jobs and which run a person means: names, globs, groups, tags, and the beginning of a run's id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import LENGTH, prefix_range, to_text
from jobctl.errors import NotFound, UsageError
from jobctl.operations.context import Context
from jobctl.store.records import HistoryFilter, JobLabels, JobRow

_CANDIDATES_SHOWN = 8
_RECENT_IDS = 100
_ONE_SLIP = 0.9  # of a whole id: one character is wrong, left out or too many, or two have changed places
_MANY = 10_000  # more do not run at once
_READ_ONE_BY_ONE = 100  # of more jobs it is quicker to read all


def select_jobs(
    ctx: Context, patterns: Sequence[str] | None = None, group: str | None = None, tag: str | None = None
) -> list[str]:
    """Names of the defined jobs that match a pattern and, where given, the group and the tag; all without any.

    Sorted, each once. NotFound names what matches nothing, with the nearest names.
    """
    if group is None and tag is None:
        names = ctx.store.jobs.names()
        return sorted(_chosen(patterns, names)) if patterns else names
    everywhere = ctx.store.jobs.labels()
    inside = [job.name for job in _within(everywhere, group, tag)]
    return sorted(_chosen(patterns, inside, [job.name for job in everywhere])) if patterns else inside


def select_rows(
    ctx: Context, patterns: Sequence[str] | None = None, group: str | None = None, tag: str | None = None
) -> list[JobRow]:
    """The same selection with what a listing knows of the jobs, by name."""
    if not patterns and group is None and tag is None:
        return ctx.store.jobs.rows()
    names = select_jobs(ctx, patterns, group, tag)
    if len(names) <= _READ_ONE_BY_ONE:
        return ctx.store.jobs.rows(names)
    wanted = set(names)
    return [row for row in ctx.store.jobs.rows() if row.name in wanted]


def only_job(ctx: Context, pattern: str) -> str:
    """The one job that a name or a glob stands for, where a verb takes no more. UsageError names them when there are
    several."""
    found = matching(pattern, ctx.store.jobs.names())
    if len(found) > 1:
        shown = ", ".join(found[:_CANDIDATES_SHOWN]) + (" …" if len(found) > _CANDIDATES_SHOWN else "")
        raise UsageError(f"`{pattern}` means {len(found)} jobs", f"name one of them: {shown}")
    return found[0]


def matching(pattern: str, names: Sequence[str], everywhere: Sequence[str] = ()) -> list[str]:
    """The names that a pattern stands for. NotFound when there is none; `everywhere` are names that a group or a tag
    has left out."""
    if pattern in names:
        return [pattern]
    found = [name for name in names if fnmatchcase(name, pattern)] if is_glob(pattern) else []
    if not found and any(fnmatchcase(name, pattern) for name in everywhere):
        raise NotFound(f"`{pattern}` is none of the jobs of that group or tag", "leave one of the two out")
    if not found:
        raise no_such_job(pattern, everywhere or names)
    return found


def _chosen(patterns: Sequence[str], names: Sequence[str], everywhere: Sequence[str] = ()) -> set[str]:
    return {name for pattern in patterns for name in matching(pattern, names, everywhere)}


def no_such_job(text: str, names: Sequence[str]) -> NotFound:
    """The error for a job that is not there, with the nearest names."""
    if is_glob(text):
        return NotFound(f"no job matches `{text}`", "`jobctl list` shows all jobs")
    return NotFound(f"there is no job `{text}`", nearest(text, names) or "`jobctl list` shows all jobs")


def nearest(text: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """`did you mean …?`, or nothing when no name is near: 1 is alike in all."""
    from difflib import get_close_matches  # for mistakes

    near = get_close_matches(text, names, n=3, cutoff=likeness)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""


def find_run(ctx: Context, text: str) -> Run:
    """The one run whose id begins with `text`. NotFound when there is none, or lists the candidates."""
    ids = prefix_range(text)
    if ids is None:
        raise NotFound(
            f"`{text}` is no run id", f"ids are {LENGTH} letters and digits; `jobctl history` shows the latest"
        )
    found = ctx.store.runs.find(ids, _CANDIDATES_SHOWN + 1)
    if len(found) > 1:
        raise _ambiguous(text, found)
    if not found:
        raise NotFound(f"there is no run `{text}`", _nearest_run(ctx, text) or "`jobctl history` shows the latest runs")
    return found[0]


def _nearest_run(ctx: Context, text: str) -> str:
    """Of ids typed wrong: those of runs made soon after one another begin alike, and say nothing of one another."""
    recent = ctx.store.runs.history(HistoryFilter(limit=_RECENT_IDS))
    return nearest(text.lower(), [to_text(run.id) for run in recent], _ONE_SLIP)


def get_run(ctx: Context, run_id: int) -> Run:
    """The run as the store has it now. NotFound when it was deleted meanwhile."""
    run = ctx.store.runs.get(run_id)
    if run is None:
        raise NotFound(f"there is no run `{to_text(run_id)}` any more", "`jobctl history` shows those that are kept")
    return run


def running_of(ctx: Context, job: str) -> list[Run]:
    """Those of its runs that run, oldest first; asked of them alone, however many wait behind them."""
    return ctx.store.runs.history(HistoryFilter(jobs=(job,), statuses=(Status.RUNNING,), limit=_MANY))[::-1]


def find_job_or_run(ctx: Context, text: str, *, with_removed: bool = False) -> str | Run:
    """The name of the defined job `text` or of the one that a glob means, else the run whose id begins so. A job goes
    before a run; with `with_removed` the name of a job that was defined once is found last."""
    names = ctx.store.jobs.names()
    if text in names:
        return text
    if is_glob(text):
        return only_job(ctx, text)
    if prefix_range(text) is not None:
        found = ctx.store.runs.find(prefix_range(text) or range(0), _CANDIDATES_SHOWN + 1)
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(text, found)
    if with_removed and ctx.store.jobs.removed(text) is not None:
        return text
    raise NotFound(
        f"there is no job and no run `{text}`",
        nearest(text, names)
        or (_nearest_run(ctx, text) if prefix_range(text) is not None else "")
        or "`jobctl list` shows all jobs, `jobctl history` the latest runs",
    )


def _within(jobs: Sequence[JobLabels], group: str | None, tag: str | None) -> list[JobLabels]:
    found = list(jobs)
    if group == "" or tag == "":
        raise UsageError(f"--{'group' if group == '' else 'tag'} is empty", "name one, or leave the option out")
    if group is not None:
        found = [job for job in found if fnmatchcase(job.group, group)]
        if not found:
            raise NotFound(f"no job is in the group `{group}`", _known("groups", group, {job.group for job in jobs}))
    if tag is not None:
        tagged = [job for job in found if any(fnmatchcase(own, tag) for own in job.tags)]
        if not tagged:
            known = _known("tags", tag, {own for job in jobs for own in job.tags})
            raise NotFound(f"no job{' of that group' if group else ''} has the tag `{tag}`", known)
        found = tagged
    return found


def _known(what: str, asked: str, words: Iterable[str]) -> str:
    shown = sorted(word for word in words if word)
    near = nearest(asked, shown)
    all_of = f"the {what} are: {', '.join(shown)}" if shown else f"the jobs file has no {what}"
    return near if near and len(shown) > _CANDIDATES_SHOWN else f"{near} {all_of}".strip()


def _ambiguous(text: str, found: Sequence[Run]) -> NotFound:
    first = found[:_CANDIDATES_SHOWN]
    wide = max(len(run.job) for run in first)
    shown = [f"{to_text(run.id)}  {run.job:{wide}}  {run.status.word.replace('_', ' ')}" for run in first]
    if len(found) > _CANDIDATES_SHOWN:
        shown.append("…")
    return NotFound(f"`{text}` fits several runs; type more of the id", "\n".join(shown))


def is_glob(pattern: str) -> bool:
    """Whether it may stand for several names."""
    return any(sign in pattern for sign in "*?[")
