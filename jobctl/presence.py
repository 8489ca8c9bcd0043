"""Whether a file is there, told apart from whether it can be seen.

From Python 3.14 on `Path.exists` and its like take whatever goes wrong for absence. A jobs file in a folder that the
caller may not enter would be missing to them, and a state directory that cannot be reached a new one.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def is_there(path: Path) -> bool:
    """Whether something is there, of whatever kind. OSError where the system does not let the caller know."""
    return _mode(path) is not None


def is_file(path: Path) -> bool:
    """Whether a regular file is there, or a link to one. OSError as for `is_there`."""
    return stat.S_ISREG(_mode(path) or 0)


def is_folder(path: Path, *, follow_links: bool = True) -> bool:
    """Whether a directory is there, or a link to one. OSError as for `is_there`."""
    return stat.S_ISDIR(_mode(path, follow_links=follow_links) or 0)


def may_be_there(path: Path) -> bool:
    """Whether something is there; where the caller may not look, it is not said to be missing."""
    try:
        return is_there(path)
    except PermissionError:
        return True


def _mode(path: Path, *, follow_links: bool = True) -> int | None:
    try:
        return os.stat(path, follow_symlinks=follow_links).st_mode  # noqa: PTH116  # Path's costs every verb more
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    except ValueError:  # a name that no file can have
        return None
