"""The Store: what every store promises, in words that also fit a fleet. `tests/store/` holds each one to it.

All moves are conditional: they name the state they expect and return False (or None) when somebody else was
first; nothing has changed then. Every write is durable (synced) when the outermost `transaction` is left; a write
outside of any is a transaction of its own. Instants are milliseconds since the epoch, slots seconds.

Errors: `StoreUnusable` when the database is damaged, emptied, newer or cannot be opened; `DiskFull` when a
write does not fit, with nothing of its transaction kept.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from jobctl.store.alert_interface import AlertStore, OutboxStore
    from jobctl.store.attempt_interface import AttemptStore
    from jobctl.store.chain_interface import ChainStore
    from jobctl.store.heartbeat_interface import HeartbeatStore
    from jobctl.store.job_interface import JobStore
    from jobctl.store.retention import RetentionStore
    from jobctl.store.run_interface import RunStore
    from jobctl.store.service_interface import EventStore, RateStore, ServiceStore, SwitchStore
    from jobctl.store.statistics_interface import StatisticsStore


class Store(Protocol):
    """Everything that outlives a process."""

    @property
    def jobs(self) -> JobStore: ...
    @property
    def runs(self) -> RunStore: ...
    @property
    def attempts(self) -> AttemptStore: ...
    @property
    def chains(self) -> ChainStore: ...
    @property
    def switches(self) -> SwitchStore: ...
    @property
    def rates(self) -> RateStore: ...
    @property
    def service(self) -> ServiceStore: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def heartbeats(self) -> HeartbeatStore: ...

    @property
    def retention(self) -> RetentionStore: ...
    @property
    def statistics(self) -> StatisticsStore: ...

    def transaction(self, *, locked: bool = False) -> AbstractContextManager[None]:
        """All writes inside are one commit, durable on leaving; an exception undoes them all. Inner ones join
        the outer. The write lock is taken at the first write, so that a unit that writes nothing costs nothing.
        `locked`: it is taken at once, so that what is read inside is still true when it is acted upon."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """What is read inside is of one instant, whatever others write meanwhile: for figures that are to agree. To be
        left soon, and nothing is written inside."""
        ...

    def part(self) -> AbstractContextManager[None]:
        """A part of a transaction that an exception undoes alone: who catches that goes on with the rest. The write
        lock is held from here on. After `DiskFull` and its like nothing of the whole is left to go on with."""
        ...

    def version(self) -> int:
        """A number that is another one once another process has written. Costs nothing while this one writes."""
        ...

    def changed(self) -> bool:
        """Whether another process has written since the last call: cheap enough to ask every second."""
        ...

    def is_outdated(self) -> bool:
        """Whether a newer jobctl has brought the store up to date meanwhile: the next `open` of this one is refused."""
        ...

    def commits_in_log(self) -> int:
        """How many commits of this store came after its last `checkpoint`."""
        ...

    def checkpoint(self) -> None:
        """Move the log into the database. Only the daemon calls it; see also `RetentionStore.checkpoint`."""
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy while everything runs; `target` is complete or absent."""
        ...

    def verify(self) -> None:
        """Read everything that is stored. StoreDamaged names the first damage found; a big store takes seconds."""
        ...

    def close(self) -> None: ...
