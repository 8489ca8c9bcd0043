"""Where operations and the daemon leave each other word in the Store: switches, rates, the service, events.

See `interface` for what holds for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from jobctl.store.records import Event, Pause, ReloadRequest, ServiceInfo

if TYPE_CHECKING:
    from jobctl.domain.last_seen import LastSeen
    from jobctl.domain.rate_limit import Bucket


class SwitchStore(Protocol):
    """`pause` and `resume`."""

    def pause(self, pause: Pause) -> None: ...

    def resume(self, queue: str | None, actor: str, now: int) -> bool:
        """False: it was not paused."""
        ...

    def pauses(self, now: int) -> list[Pause]:
        """Those in force at `now`."""
        ...


class RateStore(Protocol):
    """What is left of the rate limits of queues, see domain.rate_limit. `AttemptStore.withdraw` gives back the token
    that the start had taken."""

    def buckets(self) -> dict[str, Bucket]:
        """The buckets of all queues that ever had a limit, by the name of the queue."""
        ...

    def keep(self, queue: str, bucket: Bucket) -> None:
        """Replace a bucket; belongs into one transaction with the start that took from it."""
        ...


class ServiceStore(Protocol):
    """Where operations and the daemon leave each other word."""

    def started(self, info: ServiceInfo) -> None:
        """A daemon begins: it neither drains nor has refused a file yet."""
        ...

    def adopted(self, now: int, settings: str, *, scheduling: bool) -> None:
        """The jobs file was taken into force again; a refusal before is forgotten."""
        ...

    def refused(self, error: str) -> None:
        """A changed jobs file cannot be used, and the old one stays in force."""
        ...

    def draining(self, now: int) -> None:
        """From now on this daemon starts nothing."""
        ...

    def info(self) -> ServiceInfo | None: ...

    def beat(self, now: int) -> None:
        """One small durable commit: the proof behind the watchdog."""
        ...

    def last_beat(self) -> int | None:
        """When the daemon last proved to be at work; None before its first beat."""
        ...

    def stopped(self, now: int) -> None:
        """The daemon has ended because it was told to; the next beat forgets it."""
        ...

    def last_seen(self) -> LastSeen | None:
        """When the last daemon was at work, once it is gone: its end where it was told to end, else the latest of its
        last beat and of the runs that it made after it; None where none has ever worked."""
        ...

    def raise_clock_epoch(self, now: int) -> int:
        """After a clock correction slots may come again: from now on they are new ones. Returns the epoch."""
        ...

    def request_reload(self, actor: str, now: int) -> int: ...

    def reload_request(self, request_id: int) -> ReloadRequest | None: ...

    def open_reloads(self) -> list[int]:
        """Ids of reloads asked for and not yet done."""
        ...

    def reloaded(self, request_ids: Sequence[int], now: int, error: str | None) -> None: ...


class EventStore(Protocol):
    """The audit trail: who did what when."""

    def record(self, event: Event) -> None: ...

    def recent(
        self, limit: int, job: str | None = None, since: int | None = None, until: int | None = None
    ) -> list[Event]:
        """Those of one job, or those of all but for what overlap rules replaced; at `since` or later and before
        `until`, newest first."""
        ...

    def forget_runs(self, before: int, limit: int) -> int:
        """Forget who ran what and what overlap rules replaced before an instant, the oldest first; returns how many
        acts went. The rest of the trail stays: people are not as fast as the scripts that they write."""
        ...

    def of_run(self, job: str, run_id: int, limit: int) -> list[Event]:
        """What people did to a run of the job, newest first."""
        ...
