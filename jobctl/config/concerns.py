"""Checks by the keys that they are about: a job is asked only what concerns it, and most jobs have few keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from jobctl.config.drafts import Draft

Check = Callable[[Draft], None]


class Concerns:
    """Checks of one job, each with keys of which the job has one, written in its table or in `[defaults]`."""

    def __init__(self, *checks: tuple[Check, Iterable[str]]) -> None:
        self._checks = tuple((check, frozenset(keys)) for check, keys in checks)
        self._of = lru_cache(maxsize=1024)(self._find)

    def check(self, draft: Draft) -> None:
        """Let all that concern the job note what they find."""
        for check in self._of(draft.keys):
            check(draft)

    def _find(self, present: frozenset[str]) -> tuple[Check, ...]:
        return tuple(check for check, keys in self._checks if not keys.isdisjoint(present))
