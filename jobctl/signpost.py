"""What the shells complete from: the names in the jobs file and the runs to name, in two small text files of the state
directory, so that a TAB costs no start of Python. The scripts in `completions/` read them.

A file is replaced in one stroke. Completion is a convenience: what keeps a file from being written is no error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text

if TYPE_CHECKING:
    from jobctl.domain.settings import Configuration

RECENT_RUNS = 100  # of each kind, see RunStore.to_name


def put_up_names(state_dir: Path, configuration: Configuration) -> None:
    """Replace `names`: lines of a kind, a tab and a name, by kind and name."""
    jobs, settings = configuration.jobs.values(), configuration.settings
    names = {
        "channel": set(settings.channels),
        "group": {job.group for job in jobs if job.group},
        "job": set(configuration.jobs),
        "queue": {*settings.queues, *(job.queue for job in jobs)},
        "tag": {tag for job in jobs for tag in job.tags},
    }
    _replace(state_dir / "names", [f"{kind}\t{name}" for kind, found in names.items() for name in sorted(found)])


def put_up_recent(state_dir: Path, runs: Iterable[Run]) -> None:
    """Replace `recent`: lines of the word `run`, an id, its status, its job, and with commas what it is for the verbs
    (`_traits`). Those that run come first, else the order is the given one: of very many a shell shows the first."""
    lines = [
        f"run\t{to_text(run.id)}\t{run.status.word}\t{run.job}\t{','.join(_traits(run))}"
        for run in sorted(runs, key=_is_idle)
    ]
    _replace(state_dir / "recent", lines)


def _is_idle(run: Run) -> bool:
    return run.status is not Status.RUNNING


def _traits(run: Run) -> Iterator[str]:
    """By these words the verbs choose, see `cli.reference.table`."""
    yield "ended" if run.status.is_final else "active"
    if run.can_be_retried:
        yield "retryable"
    if run.dead_letter:
        yield "dead"


def _replace(path: Path, lines: list[str]) -> None:
    """The lines as the whole content. A name that holds a control character is left out: it would end a line."""
    text = "".join(f"{line}\n" for line in lines if line.replace("\t", "").isprintable())
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
