"""Keys that are read and validated but do not act in this version. A key leaves this table when it acts."""

from __future__ import annotations

from jobctl.config.gather import Gathered
from jobctl.config.locate import KeyPath

_OF_JOBS = (
    "params", "stdin", "after", "after_failure", "after_any", "wait_for_idle", "heartbeat", "alert", "retention",
)  # fmt: skip

NOT_ACTING = (
    "daemon.heartbeat",
    "retention",
    "queues.*.rate_limit",
    "channels",
    "severity",
    "monitor",
    *(f"{table}.{key}" for table in ("defaults", "jobs.*") for key in _OF_JOBS),
)

MESSAGE = "accepted; not acting yet in this version"

_PATTERNS = tuple(tuple(pattern.split(".")) for pattern in NOT_ACTING)


def warn_of_inert_keys(gathered: Gathered) -> None:
    """Note every key of the file that does not act yet."""
    for document in gathered.documents:
        for pattern in _PATTERNS:
            for path in _matches(document.tables, pattern):
                document.warn(path, MESSAGE, at_value=False)


def _matches(table: object, pattern: tuple[str, ...], path: KeyPath = ()) -> list[KeyPath]:
    if not pattern:
        return [path]
    if not isinstance(table, dict):
        return []
    if pattern[0] != "*":
        return _matches(table[pattern[0]], pattern[1:], (*path, pattern[0])) if pattern[0] in table else []
    return [found for name, inner in table.items() for found in _matches(inner, pattern[1:], (*path, name))]
