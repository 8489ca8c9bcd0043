"""One call of jobctl: its global options, where it writes, and the operations' context, opened when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.cli.render.console import Console
from jobctl.clock import Clock, SystemClock

if TYPE_CHECKING:
    from jobctl.operations.context import Context


@dataclass(slots=True)
class Invocation:
    """Filled by the global options while the command line is parsed."""

    config: Path | None = None
    state_dir: Path | None = None
    json: bool = False
    no_color: bool = False
    quiet: bool = False
    verbose: bool = False
    clock: Clock = field(default_factory=lambda: SystemClock(), repr=False)
    _context: Context | None = field(default=None, repr=False)
    _console: Console | None = field(default=None, repr=False)

    @property
    def console(self) -> Console:
        if self._console is None:
            self._console = Console(no_color=self.no_color, quiet=self.quiet)
        return self._console

    @property
    def context(self) -> Context:
        """Places, store and clock. Raises what finding the state directory raises."""
        if self._context is None:
            from jobctl.wiring import open_context  # brings in SQLite, which `explain` or `init` need not wait for

            self._context = open_context(self.config, self.state_dir)
        return self._context

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
