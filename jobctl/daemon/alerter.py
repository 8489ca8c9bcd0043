"""What should be so and is not: late and overlong runs, missing successes, the daemon's own troubles, the host's.

How runs end is noted where they end (`settler.py`); here is what only time, or looking, tells.
"""

from __future__ import annotations

from dataclasses import dataclass

from jobctl.daemon.clock_watch import ClockWatch
from jobctl.daemon.dead_men import DeadMen
from jobctl.daemon.host_watch import HostWatch
from jobctl.daemon.paced import PacedStep
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.run_watch import RunWatch
from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.start_refusals import StartRefusals
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import Alert, AlertKind, Change, Telling, Trouble, occurred, recovered, remind_at
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.alert_rules import compare
from jobctl.domain.heartbeat import failing_for_long
from jobctl.domain.settings import Configuration
from jobctl.domain.units import format_duration
from jobctl.store.removed_jobs import close_alerts

CANNOT_START_AFTER_MS = 300_000  # SEMANTICS, section 4
_LOOKED_AT = (
    AlertKind.LATE, AlertKind.OVERRUN, AlertKind.NO_SUCCESS, AlertKind.CANNOT_START, AlertKind.DISK_LOW,
    AlertKind.CONFIG_BROKEN, AlertKind.HEARTBEAT_FAILED, AlertKind.CPU, AlertKind.MEMORY, AlertKind.DISK,
)  # fmt: skip
_CLOCK_STEP_FOR_MS = 86_400_000  # then it is over by itself: everything that it upset has been settled
_PRUNE_EVERY_MS = 3_600_000
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Signs:
    """Where the other steps leave word of their troubles."""

    refusals: StartRefusals
    disk: DiskReserve
    clock: ClockWatch
    unschedulable: Setbacks[str]  # jobs by name


class Alerter(PacedStep):
    """Compares what holds with what is open, and opens, tells again or closes. It tells nobody itself."""

    def __init__(self, around: Surroundings, signs: Signs) -> None:
        super().__init__()
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._signs = signs
        self._runs = RunWatch(around)
        self._dead_men = DeadMen(around)
        self._host = HostWatch(around)
        self._configuration: Configuration | None = None
        self._pruned_at: int | None = None
        self._step_seen: str | None = None
        self._disk_seen: str | None = None

    def look(self, now: int) -> int | None:
        closed = self._close_those_of_removed(now)
        open_alerts = self._store.alerts.open(_LOOKED_AT)
        holding = [
            *self._runs.troubles(now, open_alerts),
            *self._dead_men.troubles(now),
            *self._daemon_troubles(now),
            *self._host.troubles(now),
        ]
        changes = compare(open_alerts, holding, self._want_no_word(open_alerts), now)
        changes += self._clock(now)
        self._store.alerts.record(changes, now)
        for change in closed + changes:
            self._say(change)
        self._prune(now)
        return self._deadline(open_alerts, holding, now)

    def committed(self) -> None:
        if self._step_seen is not None and self._signs.clock.stepped == self._step_seen:
            self._signs.clock.stepped = None
        if self._disk_seen is not None:
            self._signs.disk.told()
        self._step_seen = self._disk_seen = None

    def rolled_back(self) -> None:
        super().rolled_back()
        self._configuration = self._pruned_at = self._step_seen = self._disk_seen = None

    def _daemon_troubles(self, now: int) -> list[Trouble]:
        found = []
        since = self._signs.refusals.since(now)
        if since is not None and now - since >= CANNOT_START_AFTER_MS:
            words = f"nothing can be started since {format_duration((now - since) // 1000)}"
            reason = f"{words}: {self._signs.refusals.reason}"
            found.append(Trouble(AlertKind.CANNOT_START, reason, severity="high"))
        self._disk_seen = self._signs.disk.trouble
        if self._disk_seen is not None:
            found.append(Trouble(AlertKind.DISK_LOW, self._disk_seen, severity="high"))
        info = self._store.service.info()
        if info is not None and info.refused is not None:
            first, *others = info.refused.split("\n")
            more = f" (and {len(others)} more)" if others else ""
            words = f"the changed jobs file was refused, the jobs from before stay in force: {first}{more}"
            found.append(Trouble(AlertKind.CONFIG_BROKEN, words))
        for name, reason in self._signs.unschedulable.aside().items():
            words = f"its schedule cannot be followed: {reason}"
            found.append(Trouble(AlertKind.CONFIG_BROKEN, words, job=name, subject=name, severity="high"))
        if unheard := failing_for_long(self._store.heartbeats.failing(), now):
            found.append(Trouble(AlertKind.HEARTBEAT_FAILED, unheard))
        return found

    def _clock(self, now: int) -> list[Change]:
        """A step is seen once; nothing but time makes it over."""
        known = next(iter(self._store.alerts.open([AlertKind.CLOCK_STEP])), None)
        self._step_seen = self._signs.clock.stepped
        if self._step_seen is not None:
            return [occurred(known, Trouble(AlertKind.CLOCK_STEP, self._step_seen), now)]
        if known is not None and not 0 <= now - known.last_at < _CLOCK_STEP_FOR_MS:
            return [recovered(known, now, told=False)]
        return []

    def _close_those_of_removed(self, now: int) -> list[Change]:
        """Before what is open is compared with what holds: that nothing holds any more is no recovery. Asked when the
        definitions are others, and now and then: a run may outlive its job, and fail."""
        if self._configuration is self._catalogue.configuration:
            return []
        self._configuration = self._catalogue.configuration
        return close_alerts(self._store, now)

    def _want_no_word(self, open_alerts: list[Alert]) -> frozenset[str]:
        return frozenset(alert.job for alert in open_alerts if alert.job and not self._wants_recovered(alert.job))

    def _wants_recovered(self, name: str) -> bool:
        job = self._catalogue.job(name)
        return job is not None and (job.alert or AlertPolicy()).wants("recovered")

    def _say(self, change: Change) -> None:
        alert = change.alert
        if change.telling is Telling.OPENED:
            self._journal.warning("alert opened", kind=alert.kind.word, job=alert.job, reason=alert.message)
        elif not alert.is_open:
            self._journal.info("alert over", kind=alert.kind.word, job=alert.job, how=alert.state.word)

    def _prune(self, now: int) -> None:
        if self._pruned_at is None or not 0 <= now - self._pruned_at < _PRUNE_EVERY_MS:
            self._pruned_at, self._configuration = now, None
            kept_for = self._catalogue.settings.retention.failed
            before = 0 if kept_for is None else now - round(1000 * kept_for)
            self._store.alerts.prune(before, _KEPT)
            self._store.events.forget_runs(before, _KEPT)

    def _deadline(self, open_alerts: list[Alert], holding: list[Trouble], now: int) -> int | None:
        """When something may begin, or is to be told again."""
        known = {(alert.kind, alert.subject): alert for alert in open_alerts}
        deadlines = [self._runs.next_at, self._dead_men.next_at, self._host.next_at]
        for trouble in holding:
            alert = known.get(trouble.key)
            at = now + trouble.repeat_ms if alert is None else remind_at(alert, trouble.repeat_ms)
            deadlines.append(at)
        return min((at for at in deadlines if at is not None), default=None)
