"""What becomes of the alerts of a job that is removed from the jobs file: the same for the daemon and for whoever takes
a file into force without one."""

from __future__ import annotations

from jobctl.domain.alert import Change, closed
from jobctl.domain.alert_policy import AlertPolicy, policy_of
from jobctl.store.interface import Store

_WHY = "the job was removed from the jobs file"


def close_alerts(store: Store, now: int) -> list[Change]:
    """Close the open alerts of removed jobs, since no run of theirs will make up for anything: whoever would have heard
    of a recovery hears that. Belongs into the caller's transaction."""
    changes = []
    for alert in store.alerts.open_of_removed():
        policy = policy_of_removed(store, alert.job or "") or AlertPolicy()
        changes.append(closed(alert, _WHY, now, told=policy.wants("recovered")))
    store.alerts.record(changes, now)
    return changes


def policy_of_removed(store: Store, name: str) -> AlertPolicy | None:
    """What the job said of its alerts when it was removed; None: it was not."""
    removed = store.jobs.removed(name)
    return None if removed is None or removed.removed_at is None else policy_of(removed.definition)
