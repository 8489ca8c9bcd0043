"""What `check` finds doubtful in a file that can be used."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.config.drafts import Draft


def warn_of_doubts(drafts: Sequence[Draft], system_zone: str, now: int) -> None:
    """Note what is allowed and probably not meant. `now` is in milliseconds."""
    for draft in drafts:
        _warn_of_past(draft, now)


def _warn_of_past(draft: Draft, now: int) -> None:
    at = draft.values.get("at")
    if isinstance(at, int) and at * 1000 < now:
        document, path = draft.place("at")
        document.warn(path, "lies in the past: the job will not start by itself", "write a later time, or take it out")
