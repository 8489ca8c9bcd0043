"""The part of the Store that keeps alerts and their notices; see `interface` for what holds for all of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from jobctl.domain.alert import Alert, AlertKind, AlertState, Change
from jobctl.domain.notice import Notice
from jobctl.store.records import DeadMan, WaitingRun


class AlertStore(Protocol):
    """Alerts, and what the store knows that alerts are made of."""

    def get(self, alert_id: int) -> Alert | None: ...

    def open_of(self, job: str) -> list[Alert]:
        """The open alerts of a job."""
        ...

    def open(self, kinds: Collection[AlertKind] = ()) -> list[Alert]:
        """All open alerts, of the kinds that are given, the newest first."""
        ...

    def open_of_removed(self) -> list[Alert]:
        """The open alerts of jobs that were removed from the jobs file; not those that runs of `exec` have raised,
        which go on without one."""
        ...

    def recent(self, limit: int) -> list[Alert]:
        """Open or not, the newest first."""
        ...

    def record(self, changes: Sequence[Change], now: int) -> None:
        """Keep the alerts as they are now, and a notice for each one that is to be told. What somebody acknowledged
        meanwhile stays so."""
        ...

    def acknowledge(self, alert_id: int, state: AlertState, actor: str, now: int) -> bool:
        """Somebody has seen an open alert: it is in `state` now. False: it was seen already, or is over."""
        ...

    def streak(self, job: str) -> int:
        """How many runs of the job succeeded in a row, or failed in a row below zero."""
        ...

    def dead_men(self, job: str | None = None) -> list[DeadMan]:
        """The enabled jobs that owe a success within a time, or the one."""
        ...

    def waiting_jobs(self) -> set[str]:
        """The jobs with queued runs."""
        ...

    def first_waiting(self, job: str) -> WaitingRun | None:
        """The queued run of a job that was due first, among the hundred that start next in each of its queues; only
        runs that had no attempt yet."""
        ...

    def prune(self, before: int, keep: int) -> int:
        """Forget alerts that were over before an instant, and all but the newest `keep` of those that are over, with
        their notices. Returns how many."""
        ...


class OutboxStore(Protocol):
    """Notices on their way."""

    def unaddressed(self, limit: int) -> list[Notice]:
        """Those of which nobody has said yet where they go, the oldest first."""
        ...

    def address(self, notice: Notice, channels: Sequence[str], now: int) -> None:
        """Let a notice go through these channels; without any it is kept."""
        ...

    def waiting(self, limit: int) -> list[Notice]:
        """Addressed and not sent, in the order in which they are due."""
        ...

    def sent_since(self, channel: str, since: int) -> list[Notice]:
        """What went through a channel at or after an instant."""
        ...

    def sent(self, ids: Collection[int], now: int) -> None:
        """The channel took them."""
        ...

    def put_off(self, ids: Collection[int], due_at: int, error: str) -> None:
        """The channel did not take them: they are tried again at `due_at`."""
        ...

    def give_up(self, ids: Collection[int], error: str, now: int) -> None:
        """They are not tried again."""
        ...

    def history(self, limit: int) -> list[Notice]:
        """All notices, the newest first."""
        ...
