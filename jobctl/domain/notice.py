"""What is to be told of an alert, through which channel, and how that went."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from jobctl.domain.alert import Alert, Telling


class NoticeState(enum.IntEnum):
    """Where a notice is. The numbers are stored; they never change."""

    WAITING = 1
    SENT = 2
    FAILED = 3  # given up after the last try
    KEPT = 4  # there is no channel for it: `jobctl alerts` shows it

    @property
    def word(self) -> str:
        """The name users see."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Notice:
    """One telling of an alert through one channel. Instants are milliseconds since the epoch.

    `message` and `run_id` are those of the alert when the notice was made, `alert` is as it is now. `channel` None:
    no daemon has said yet where it goes, or there is nowhere.
    """

    id: int
    alert: Alert
    telling: Telling
    message: str
    run_id: int | None
    made_at: int
    channel: str | None
    state: NoticeState
    due_at: int  # when it is tried next
    tries: int
    done_at: int | None
    error: str | None
