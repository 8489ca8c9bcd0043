"""Every way in which jobctl says no: one sentence and one next step.

Raised anywhere, printed in one place (`cli/main.py`), where each class has its exit status.
"""

import enum
from typing import NamedTuple


class JobctlError(Exception):
    """The thing asked for failed.

    `message` is one sentence without a final full stop's worth of doubt; `hint` says what to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(JobctlError):
    """The words of the call do not fit together (what typer cannot see by itself)."""


class Severity(enum.Enum):
    """Whether a problem stops the jobs file from being used."""

    ERROR = "error"
    WARNING = "warning"


class Problem(NamedTuple):
    """One thing wrong or doubtful in a jobs file, with its place.

    `line` and `column` count from 1, in characters; `line` 0 means the file as a whole. `key` is the dotted path.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def place(self) -> str:
        """`jobs.toml:12:1`, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        sentence = ": ".join(part for part in (self.place, self.key, self.message) if part)
        return f"{sentence}; {self.hint}" if self.hint else sentence


class JobsFileError(JobctlError):
    """The jobs file is missing, unreadable, unsafe or invalid. `message` holds one line per problem."""

    def __init__(self, message: str, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint)
        self.problems = problems


class NotFound(JobctlError):
    """No such job or run, or a run id prefix that fits several."""


class DaemonUnavailable(JobctlError):
    """The daemon is needed and not there."""


class StateBusy(JobctlError):
    """Another daemon holds the state directory."""


class Refused(JobctlError):
    """The call is understood and will not be done: duplicate, paused, forbidden."""


class TimedOut(JobctlError):
    """What was waited for has not come in the time that the caller gave it."""


class StoreUnusable(JobctlError):
    """The database is damaged, emptied, newer than this program, or cannot be opened. Nothing was changed."""


class StoreDamaged(StoreUnusable):
    """What the database holds cannot be trusted: pages of it are damaged, cut off or lost."""


class DiskFull(JobctlError):
    """A write does not fit on the disk; nothing of it was kept."""


class Interrupted(JobctlError):
    """The person pressed Ctrl-C."""


class CannotStart(JobctlError):
    """The machine refuses a new process or descriptor now; the run stays queued and is tried again."""
