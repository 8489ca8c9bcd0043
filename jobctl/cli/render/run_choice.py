"""The columns that `history --columns` can show, by name: those of every table of runs, and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jobctl.cli.render.runs import run_columns
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import code_words, relative, short_time, size_words
from jobctl.domain.run import Run
from jobctl.domain.units import format_duration

USUAL = (
    "run", "job", "status", "when", "took", "cpu", "memory", "read", "written", "try", "origin", "reason",
)  # fmt: skip
_TIMES: dict[str, Callable[[Run], int | None]] = {
    "made": lambda run: run.created_at,
    "due": lambda run: run.due_at if run.slot is None else 1000 * run.slot,
    "started": lambda run: run.started_at,
    "ended": lambda run: run.finished_at,
}
_TEXTS: dict[str, Callable[[Run], str]] = {
    "wait": lambda run: "" if run.wait is None else format_duration(run.wait / 1000),
    "log": lambda run: size_words(run.log_bytes),
    "exit": lambda run: code_words(run.exit_code, run.signal).removeprefix("exit "),
    "queue": lambda run: run.queue,
    "priority": lambda run: str(run.priority),
    "key": lambda run: run.key or "",
    "params": lambda run: run.params or "",
    "result": lambda run: run.result or "",
    "message": lambda run: run.message or "",
}
_NUMBERS = frozenset({"wait", "log", "priority"})
FIELDS = (
    "id", "job", "status", "origin", "reason", "scheduled_for", "created_at", "started_at", "finished_at", "duration",
    "wait", "exit_code", "signal", "attempt", "max_attempts", "priority", "queue", "params", "key", "result",
    "progress", "message", "parent_id", "cpu_seconds", "max_rss_bytes", "log_bytes", "dead_letter", "keep",
    "read_bytes", "written_bytes",
)  # fmt: skip
"""Those of the document of a run, which `--csv` writes; named before there is one."""
NAMES = (*USUAL, "age", *_TIMES, *_TEXTS)


def chosen_columns(names: Sequence[str], runs: Sequence[Run], now: int, reasons: Mapping[int, str]) -> list[Column]:
    """The named columns in their order; none of them gives way on a narrow screen, since somebody wanted it."""
    usual = dict(zip(USUAL, run_columns(runs, now, with_use=True, reasons=reasons), strict=True))
    return [usual[name]._replace(rank=0) if name in usual else _other(name, runs, now) for name in names]


def _other(name: str, runs: Sequence[Run], now: int) -> Column:
    return Column(name.upper(), [_cell(name, run, now) for run in runs], right=name in _NUMBERS)


def _cell(name: str, run: Run, now: int) -> str:
    if name in _TEXTS:
        return _TEXTS[name](run)
    at = _TIMES[name](run) if name in _TIMES else run.started_at or run.due_at
    if at is None:
        return ""
    return short_time(at, now) if name in _TIMES else relative(at, now)
