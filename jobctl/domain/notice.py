"""What is to be told of an alert, through which channel, and how that went."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

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
class Before:
    """What happened earlier, and in which run."""

    message: str
    run_id: int | None


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
    before: Before | None = None  # what it was made for, where its message and run are newer: see `up_to_date`

    @property
    def earlier(self) -> Before | None:
        """What happened before what its message says: of an alert that is over, what was wrong."""
        return Before(self.alert.message, self.alert.run_id) if self.telling.is_end else self.before


def up_to_date(notice: Notice) -> Notice:
    """With the message and the run of what happened last: another run may have ended badly since it was made, and that
    is the one to look at first."""
    alert = notice.alert
    if notice.telling.is_end or alert.run_id is None or alert.run_id == notice.run_id:
        return notice
    before = Before(notice.message, notice.run_id)
    return replace(notice, message=alert.message, run_id=alert.run_id, before=before)
