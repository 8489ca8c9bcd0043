"""The options that say which runs are meant and how they are shown, for `history` and verbs that choose as it does."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from jobctl.cli.declared import option
from jobctl.domain.run import Origin, Status
from jobctl.errors import UsageError
from jobctl.operations.selection import nearest

_STATUSES = ", ".join(status.word for status in Status)
_ORIGINS = ", ".join(origin.word for origin in Origin)
T = TypeVar("T", Status, Origin, str)

Statuses = Annotated[
    list[str] | None,
    option("--status", metavar="STATUS", help=f"Only runs in this status, several with commas: {_STATUSES}."),
]
Origins = Annotated[
    list[str] | None,
    option("--origin", metavar="ORIGIN", help=f"Only runs made for this reason, several with commas: {_ORIGINS}."),
]
Since = Annotated[str | None, option("--since", metavar="TIME", help="Made at this time or later.")]
Until = Annotated[str | None, option("--until", metavar="TIME", help="Made before this time.")]
Last = Annotated[str | None, option("--last", metavar="DURATION", help="Made within the last 2h, 7d, …")]
Limit = Annotated[int, option("-n", "--limit", least=1, metavar="N", help="At most so many.")]
Offset = Annotated[int, option("--offset", least=0, metavar="N", help="Leave out the newest N.")]
AsCsv = Annotated[bool, option("--csv", help="Comma-separated values with every field.")]
Columns = Annotated[
    str | None,
    option("--columns", metavar="NAMES", help="These columns, with commas; with --csv fields of its header."),
]
Following = Annotated[bool, option("-f", "--follow", help="Go on with each run as it ends.")]
Events = Annotated[
    bool,
    option("--events", help="Instead of runs: who did what and when; with JOB also what its overlap rule replaced."),
]


def read_columns(text: str | None, *, as_csv: bool) -> tuple[str, ...]:
    """The columns that are wanted. UsageError names the nearest of one that is not there."""
    if text is None:
        return ()
    from jobctl.cli.render.run_choice import FIELDS, NAMES  # for those who choose

    known = {name: name for name in (FIELDS if as_csv else NAMES)}
    chosen = tuple(dict.fromkeys(_named("column", word, known) for word in _separate([text])))
    if not chosen:
        raise UsageError("--columns names no column", f"some of: {', '.join(known)}")
    return chosen


def read_statuses(words: Sequence[str]) -> tuple[Status, ...]:
    """The statuses that `--status` names. UsageError names the nearest."""
    return _read("status", words, {status.word: status for status in Status})


def read_origins(words: Sequence[str]) -> tuple[Origin, ...]:
    """The same for `--origin`."""
    return _read("origin", words, {origin.word: origin for origin in Origin})


def _read(what: str, words: Sequence[str], known: dict[str, T]) -> tuple[T, ...]:
    named = _separate(words)
    if words and not named:  # an empty variable of a script: it must not select everything
        raise UsageError(f"--{what} names none", f"one of: {', '.join(known)}")
    return tuple(_named(what, word, known) for word in named)


def _separate(words: Sequence[str]) -> list[str]:
    return [part.strip().lower().replace("-", "_") for word in words for part in word.split(",") if part.strip()]


def _named(what: str, word: str, known: dict[str, T]) -> T:
    if word not in known:
        raise UsageError(f"there is no {what} `{word}`", nearest(word, known) or f"one of: {', '.join(known)}")
    return known[word]
