"""The options that every verb takes, in one table: typer explains and parses them, and `quick_look` reads them too."""

from pathlib import Path
from typing import NamedTuple

from jobctl.cli.invocation import Invocation


class GlobalOption(NamedTuple):
    """One option. `metavar` says that it takes a path; None: it is a flag."""

    names: tuple[str, ...]
    field: str  # of the invocation, which it fills
    help: str
    metavar: str | None = None

    def store(self, invocation: Invocation, value: str | None) -> None:
        """Keep the path, or that the flag was given."""
        setattr(invocation, self.field, True if self.metavar is None else Path(value or ""))


GLOBAL_OPTIONS = (
    GlobalOption(("-c", "--config"), "config", "The jobs file.", "FILE"),
    GlobalOption(("--state-dir",), "state_dir", "Where the database and the logs are.", "DIR"),
    GlobalOption(("--json",), "json", "Machine-readable output."),
    GlobalOption(("--no-color",), "no_color", "No colours on a terminal."),
    GlobalOption(("-q", "--quiet"), "quiet", "Nothing on stderr but errors."),
    GlobalOption(("-v", "--verbose"), "verbose", "More on stderr; errors with their traceback."),
)
