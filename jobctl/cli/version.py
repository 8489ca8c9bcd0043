"""The version, for those who ask."""

from __future__ import annotations

from jobctl import __version__


def print_version() -> None:
    """`jobctl 1.2.3`, on stdout."""
    print(f"jobctl {__version__}")
