"""How everything about time in the jobs file says no."""

from __future__ import annotations


class ScheduleProblem(ValueError):
    """A schedule, zone or date that cannot be used: `message` is one sentence, `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
