"""A copy of the database while everything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jobctl.config.places import Places
from jobctl.errors import JobctlError, Refused
from jobctl.operations.context import Context
from jobctl.presence import is_folder, is_there, may_be_there


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished copy; `size` is in bytes. `replaced` is when the older copy of that name had been made, if there was
    one."""

    path: Path
    size: int
    replaced: int | None = None


def backup(ctx: Context, target: Path) -> Backup:
    """Write a consistent copy of the database to `target`, which is complete or absent whatever happens.

    A copy of that name made earlier is replaced. Refused when `target` is the state directory's own; JobctlError when
    there is nothing to copy or it cannot be written.
    """
    path = target.absolute()
    if _nothing_has_run(ctx.places):
        raise JobctlError(
            f"there is no database in {ctx.places.state_dir}",
            "nothing has run with this state directory; name another one with --state-dir",
        )
    if is_folder(path):
        raise JobctlError(f"{path} is a directory", "name the file to write")
    if path.resolve().parent == ctx.places.state_dir.resolve():
        raise Refused(f"{path} lies among jobctl's own files", "write the copy into another directory")
    if not is_folder(path.parent):
        raise JobctlError(f"there is no directory {path.parent}", f"make it with `mkdir -p {path.parent}`")
    try:
        older = _made_at(path)
        ctx.store.backup(path)
    except OSError as error:
        raise JobctlError(f"cannot write {path}: {error.strerror}", "name a file that you may write") from error
    return Backup(path, path.stat().st_size, older)


def _nothing_has_run(places: Places) -> bool:
    """Whether a missing database is no loss. One that is lost, or cannot be looked at, is told of when it is opened."""
    if may_be_there(places.database):
        return False
    return not any(is_folder(folder) and any(folder.iterdir()) for folder in (places.keepers_dir, places.logs_dir))


def _made_at(path: Path) -> int | None:
    """When the copy was made that stands there; None for no file, and for an empty one, as `mktemp` makes them."""
    if not is_there(path) or not (status := path.stat()).st_size:
        return None
    return status.st_mtime_ns // 1_000_000
