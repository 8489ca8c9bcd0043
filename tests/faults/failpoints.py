"""The failpoints that the package has, found in its source: a new one is covered without being listed anywhere."""

from __future__ import annotations

import re

from tests.end_to_end.installation import REPOSITORY

_HIT = re.compile(r'\bhit\("([a-z_.]+)"\)')

# A keeper that dies between BEGIN and END leaves nobody who saw the end of its job.
_LOSING = {"keeper.after_begin", "keeper.after_exec", "keeper.before_end"}

# Passed only where runs start others.
OF_CHAINS = ("daemon.before_follow_commit", "daemon.followed")


# What is pruned would be missing for the oracle: tests/faults/test_killed_prunings.py strikes there.
_ELSEWHERE = "prune."


def names() -> list[str]:
    """Every name that is given to `failpoint.hit`, sorted, without those of pruning."""
    found: set[str] = set()
    for path in (REPOSITORY / "jobctl").rglob("*.py"):
        if path.name != "failpoint.py":
            found |= set(_HIT.findall(path.read_text()))
    return sorted(name for name in found if not name.startswith(_ELSEWHERE))


def loses_its_run(name: str) -> bool:
    """Whether a run is rightly `lost` where this failpoint strikes."""
    return name in _LOSING
