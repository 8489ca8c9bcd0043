"""Keys that are read and validated but do not act in this version. A key leaves this table when it acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobctl.config.gather import Gathered
from jobctl.config.locate import KeyPath

_OF_JOBS = (
    "wait_for_idle",
)  # fmt: skip

NOT_ACTING = (*(f"{table}.{key}" for table in ("defaults", "jobs.*") for key in _OF_JOBS),)

MESSAGE = "accepted; not acting yet in this version"


def warn_of_inert_keys(gathered: Gathered) -> None:
    """Note every key of the file that does not act yet."""
    for document in gathered.documents:
        for pattern in NOT_ACTING:
            for path in _matches(document.tables, pattern.split(".")):
                document.warn(path, MESSAGE, at_value=False)


def _matches(tables: dict[str, Any], pattern: list[str]) -> Iterator[KeyPath]:
    """The paths of the file that a pattern names: `retention`, `daemon.grace` or `jobs.*.alert`."""
    *sections, key = pattern
    if not sections:
        yield from [(key,)] if key in tables else []
    elif sections[0] not in tables:
        return
    elif sections[1:]:
        named = tables[sections[0]]
        yield from ((sections[0], name, key) for name, table in named.items() if key in table)
    elif key in tables[sections[0]]:
        yield (sections[0], key)
