"""One call of jobctl: its global options, where it writes, and the operations' context, opened when asked for."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.clock import Clock, SystemClock
from jobctl.config.places import at_home, may_be_there
from jobctl.config.safety import shown

if TYPE_CHECKING:
    import typer

    from jobctl.cli.render.console import Console
    from jobctl.operations.context import Context


class Invocation:
    """Filled by the global options while the command line is parsed."""

    def __init__(self, *, json: bool = False) -> None:
        self.config: Path | None = None
        self.state_dir: Path | None = None
        self.json = json
        self.no_color = False
        self.quiet = False
        self.verbose = False
        self.only_looks = False  # the verb changes nothing, and is over in an instant
        self.missing_file_serves = False  # the verb has a use for a named jobs file that is not there
        self.broken_file_serves = False  # the verb has a use for a jobs file that is no TOML
        self.clock: Clock = SystemClock()
        self._context: Context | None = None
        self._console: Console | None = None
        self._closing = ExitStack()

    @property
    def console(self) -> Console:
        if self._console is None:
            from jobctl.cli.render.console import Console  # and tables; a command that is recorded says nothing else

            self._console = Console(no_color=self.no_color, quiet=self.quiet)
        return self._console

    @property
    def context(self) -> Context:
        """Places, store and clock. Raises what finding them raises."""
        if self._context is None:
            from jobctl.wiring import open_context  # brings in SQLite, which `explain` or `init` need not wait for

            stand_in = self._stand_in()
            named = self._named_state_dir() if stand_in is not None else None
            self._context = open_context(
                self.config,
                stand_in or self.state_dir,
                named_state_dir=named,
                missing_file_serves=self.missing_file_serves,
                broken_file_serves=self.broken_file_serves,
            )
        return self._context

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
        self._closing.close()

    def _named_state_dir(self) -> Path | None:
        if self.state_dir is not None:
            return self.state_dir
        named = os.environ.get("JOBCTL_STATE_DIR")
        return Path(named) if named else None

    def _stand_in(self) -> Path | None:
        """For a verb that only looks, where somebody named a state directory that is not there, as by a slip of the
        fingers: an empty one that goes with this call, so that none is made. None: the directory is there."""
        named = self._named_state_dir()
        if not self.only_looks or named is None or may_be_there(at_home(named)):
            return None
        from tempfile import TemporaryDirectory  # for this mistake only

        self.console.note(f"there is no state directory {shown(named)} yet: nothing was ever loaded or run there")
        return Path(self._closing.enter_context(TemporaryDirectory(prefix="jobctl-")))


def invocation(ctx: typer.Context) -> Invocation:
    """The surroundings of the running verb."""
    found = ctx.obj
    assert isinstance(found, Invocation)
    return found
