"""stdin, stdout and stderr, which a caller may have closed: `2>&-`."""

from __future__ import annotations

import os


def open_standard_streams() -> None:
    """Put /dev/null in the place of each that is closed, lest it be taken by what is opened next."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
