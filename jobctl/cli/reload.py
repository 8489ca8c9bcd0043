"""`jobctl reload`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from jobctl.cli.changed_file import tell_doubts
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import counted, short_time
from jobctl.errors import JobsFileError
from jobctl.operations.context import Context
from jobctl.operations.reload import OLD_IN_FORCE, Reload, plan_reload, reload


def command(
    ctx: typer.Context,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
) -> int:
    """Let the daemon read the jobs file again, all or nothing, and show what changed."""
    call = invocation(ctx)
    context = _context(call)
    done = plan_reload(context) if plan else reload(context)
    if call.json:
        call.console.print(dumps(_document(done, applied=not plan)))
        return ExitStatus.DONE
    call.console.table(_columns(done, context.clock.now()))
    if done.settings:
        call.console.print(f"{call.console.style('settings', Meaning.DOUBTFUL)}  {', '.join(done.settings)}")
    call.console.note(_summary(done, plan))
    if done.need_restart:
        call.console.note(f"restart the daemon for {' and '.join(done.need_restart)}")
    tell_doubts(call, done.warnings)
    return ExitStatus.DONE


def _context(call: Invocation) -> Context:
    """A file that cannot even say which daemon is meant is not reloaded either."""
    try:
        return call.context
    except JobsFileError as error:
        error.hint = f"{OLD_IN_FORCE};\n{error.hint}"
        raise


def _columns(done: Reload, now: int) -> Sequence[Column]:
    rows = [(name, "added", "", Meaning.GOOD) for name in done.plan.added]
    rows += [(name, "removed", "", Meaning.BAD) for name in done.plan.removed]
    rows += [(job.name, "changed", ", ".join(job.keys), Meaning.DOUBTFUL) for job in done.plan.changed]
    names = [name for name, *_ in rows]
    before = [_next(done.next_before.get(name), now) for name in names]
    after = [_next(done.next_after.get(name), now) for name in names]
    return [
        Column("JOB", names, least=16),
        Column("CHANGE", [word for _, word, _, _ in rows], [meaning for *_, meaning in rows]),
        Column("KEYS", [keys for _, _, keys, _ in rows], least=8, rank=1),
        Column("NEXT BEFORE", before),
        Column("NEXT AFTER", after),
    ]


def _next(at: int | None, now: int) -> str:
    return "-" if at is None else short_time(at, now)


def _summary(done: Reload, plan: bool) -> str:
    if done.plan.is_empty and done.settings:
        changed = f"{counted(len(done.settings), 'setting')} changed; {counted(done.jobs, 'job')} as before"
        return f"would be {changed}" if plan else f"reloaded: {changed}"
    if done.plan.is_empty:
        return (
            f"nothing changes: {counted(done.jobs, 'job')}"
            if plan
            else f"reloaded: {counted(done.jobs, 'job')}, as before"
        )
    counts = (
        f"{len(done.plan.added)} added, {len(done.plan.removed)} removed, {len(done.plan.changed)} changed; "
        f"{counted(done.jobs, 'job')} afterwards"
    )
    return f"would be {counts}" if plan else f"reloaded: {counts}"


def _document(done: Reload, *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "jobs": done.jobs,
        "warnings": len(done.warnings),
        "settings": [{"key": key, "needs_restart": key in done.need_restart} for key in done.settings],
        "added": [{"name": name, "next_at": instant(done.next_after[name])} for name in done.plan.added],
        "removed": [{"name": name, "next_at": instant(done.next_before[name])} for name in done.plan.removed],
        "changed": [
            {
                "name": job.name,
                "keys": list(job.keys),
                "rescheduled": job.rescheduled,
                "next_before": instant(done.next_before[job.name]),
                "next_after": instant(done.next_after[job.name]),
            }
            for job in done.plan.changed
        ],
    }
