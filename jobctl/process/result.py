"""The file that a job may leave its result in (`$JOBCTL_RESULT`).

Below the state directory when the job runs as the daemon's user. Another user cannot reach that directory (0700):
such an attempt gets a folder of its own under /run, which belongs to that user, as only root can give files away.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from jobctl.process.spec import Owner

FOREIGN = Path("/run/jobctl")
MAX_READ = 128_000  # bytes: more than any result may have, so that a longer one is seen to be longer


def path(state_dir: Path, run_id: str, attempt: int, *, foreign: bool) -> Path:
    """Where the attempt finds its result file; `foreign` when its user is not the daemon's."""
    name = f"{run_id}-{attempt}"
    return FOREIGN / name / "result.json" if foreign else state_dir / "results" / f"{name}.json"


def prepare(state_dir: Path, run_id: str, attempt: int, owner: Owner | None) -> Path:
    """Make the folder that the file goes into; the path of the file, which is not made. OSError."""
    file = path(state_dir, run_id, attempt, foreign=owner is not None)
    if owner is None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return file
    FOREIGN.mkdir(mode=0o711, exist_ok=True)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    os.chown(file.parent, owner.uid, owner.gid)
    return file


def collect(state_dir: Path, run_id: str, attempt: int) -> bytes | None:
    """What the attempt left, at most its first MAX_READ bytes; None when there is nothing or it is no plain file.

    The content is whatever the job wrote. Links are not followed: the folder may belong to somebody whom root must
    not read files for.
    """
    for foreign in (False, True):
        try:
            fd = os.open(path(state_dir, run_id, attempt, foreign=foreign), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with os.fdopen(fd, "rb") as file:
            content = file.read(MAX_READ) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
        return content or None
    return None


def remove(state_dir: Path, run_id: str, attempt: int) -> None:
    """Remove the file and, for another user, its folder."""
    path(state_dir, run_id, attempt, foreign=False).unlink(missing_ok=True)
    file = path(state_dir, run_id, attempt, foreign=True)
    with contextlib.suppress(OSError):  # a job that filled its folder keeps it until the next boot
        file.unlink(missing_ok=True)
        file.parent.rmdir()
