"""The files that a job may leave words in, its result and its progress, with its secrets masked by its keeper.

That happens before END is written, while somebody knows the secrets: whoever stores the end may be another user, hours
later and without the daemon whose variables they were, and what they came from may be changed or gone.
"""

# ruff: noqa: PTH108
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os
import stat

MAX_READ = 128_000  # bytes: more than any result may have, so that a longer one is seen to be longer
MASK = b"***"  # shorter than any secret: to write it takes no room on a full disk
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def mask(file: bytes, secrets: tuple[bytes, ...]) -> None:
    """Put `***` in the place of each secret, the first ones first. A file that cannot be masked is removed. One that is
    too long is left as it is, and so is what is no plain file: nobody takes anything from either."""
    try:
        fd = os.open(file, _FLAGS)
    except FileNotFoundError:
        return
    except OSError:
        _remove(file)
        return
    try:
        _mask(fd, secrets)
    except OSError:
        _remove(file)
    finally:
        os.close(fd)


def _mask(fd: int, secrets: tuple[bytes, ...]) -> None:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size >= MAX_READ:
        return
    content = masked = os.read(fd, MAX_READ)
    for secret in secrets:
        masked = masked.replace(secret, MASK)
    if masked != content:
        _rewrite(fd, masked)


def _rewrite(fd: int, content: bytes) -> None:
    """Also where the job has made the file read-only: it belongs to the keeper's user, or the keeper is root."""
    os.fchmod(fd, 0o600)
    writable = os.open(b"/proc/self/fd/%d" % fd, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.pwrite(writable, content, 0)
        os.ftruncate(writable, len(content))
    finally:
        os.close(writable)


def _remove(file: bytes) -> None:
    try:
        os.unlink(file)
    except OSError:
        return
