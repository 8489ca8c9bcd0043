"""One call of jobctl: its global options, where it writes, and the operations' context, opened when asked for."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.clock import Clock, SystemClock
from jobctl.config.places import at_home, find_jobs_file, find_places
from jobctl.config.safety import shown
from jobctl.presence import may_be_there

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

            missing = self._missing_state_dir() if self.only_looks else None
            self._context = open_context(
                self.config,
                self._stand_in() if missing is not None else self.state_dir,
                named_state_dir=missing,
                missing_file_serves=self.missing_file_serves,
                broken_file_serves=self.broken_file_serves,
            )
        return self._context

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
        self._closing.close()

    def _missing_state_dir(self) -> Path | None:
        """The state directory that is meant and not there, as by a slip of the fingers: somebody named it, or nobody
        named anything and there is no jobs file either. None: it is there, or the jobs file that is there makes it."""
        named = self.state_dir or os.environ.get("JOBCTL_STATE_DIR")
        if named:
            if may_be_there(at_home(Path(named))):
                return None
            self.console.note(f"there is no state directory {shown(named)} yet: nothing was ever loaded or run there")
            return Path(named)
        if self.config is not None or os.environ.get("JOBCTL_CONFIG") or may_be_there(find_jobs_file(None)):
            return None
        customary = find_places(None, None).state_dir
        return None if may_be_there(customary) else customary

    def _stand_in(self) -> Path:
        """For a verb that only looks: an empty state directory that goes with this call, so that none is made."""
        from tempfile import TemporaryDirectory  # where nothing is there, only

        return Path(self._closing.enter_context(TemporaryDirectory(prefix="jobctl-")))


def invocation(ctx: typer.Context) -> Invocation:
    """The surroundings of the running verb."""
    found = ctx.obj
    assert isinstance(found, Invocation)
    return found
