"""Whether the jobs file is still the one that is in force, and what a reload would make of it. Costs a stat for each
file while nothing has changed; one that has is parsed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from jobctl.config.safety import shown, why_unusable
from jobctl.config.stamps import is_unchanged
from jobctl.errors import JobsFileError
from jobctl.operations.context import Context
from jobctl.presence import is_there


class FileNews(NamedTuple):
    """A jobs file that does not say any more what is in force."""

    path: str
    loaded_at: int | None  # by the living daemon; None: there is none
    refused: bool  # somebody asked the daemon to take it, in vain
    problem: str | None  # the first thing that is wrong with it now; None: it can be taken
    more_problems: int = 0

    @property
    def problem_words(self) -> str:
        """The first problem, and how many more there are."""
        more = f" (and {self.more_problems} more)" if self.more_problems else ""
        return f"{self.problem}{more}"


def file_news(ctx: Context) -> FileNews | None:
    """What is to be said of the file that the living daemon has loaded, without one of the file in use; None: it is as
    it was loaded, or nobody needs one (see `exec`)."""
    info = ctx.store.service.info() if ctx.daemon_pid is not None else None
    path = ctx.places.jobs_file if info is None else Path(info.config)
    stamps = ctx.store.jobs.files()
    if not (is_there(path) or ctx.places.is_named or str(path) in stamps):
        return None
    unusable = why_unusable(path)
    if unusable is None and is_unchanged(path, stamps):
        return None
    problems = [f"{shown(path)}: {unusable}"] if unusable is not None else _problems(ctx, path)
    if info is None and not problems:
        return None  # the next call reads it
    loaded_at = None if info is None else info.reloaded_at
    refused = info is not None and info.refused is not None
    return FileNews(str(path), loaded_at, refused, problems[0] if problems else None, max(0, len(problems) - 1))


def _problems(ctx: Context, path: Path) -> list[str]:
    from jobctl.config.load import load  # the parser, only for a file that changed

    try:
        load(path, ctx.clock.now())
    except JobsFileError as error:
        return [str(one._replace(hint="")) for one in error.problems] or error.message.split("\n")
    return []
