"""Alerts as people look at them and take note of them."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.domain.alert import Alert
from jobctl.domain.alert_rules import state_when_seen
from jobctl.domain.notice import Notice
from jobctl.errors import NotFound, Refused
from jobctl.operations.context import Context, actor


def alerts(ctx: Context, *, only_open: bool, limit: int) -> list[Alert]:
    """Those that are not over, or all, the newest first."""
    return ctx.store.alerts.open()[:limit] if only_open else ctx.store.alerts.recent(limit)


def notices(ctx: Context, limit: int) -> list[Notice]:
    """What was to be told of alerts and how that went, the newest first."""
    return ctx.store.outbox.history(limit)


def acknowledge(ctx: Context, ids: Sequence[int]) -> list[Alert]:
    """Take note of open alerts: nobody is told of them again before they are over. All or none.

    NotFound for a number that no alert has, Refused for an alert that is over.
    """
    found = [_get(ctx, alert_id) for alert_id in ids]
    for alert in found:
        if not alert.is_open:
            raise Refused(f"alert {alert.id} is over already", "`jobctl alerts` lists the open ones")
    with ctx.store.transaction():
        for alert in found:
            seen = state_when_seen(alert.kind)
            ctx.store.alerts.acknowledge(alert.id or 0, seen, actor(), ctx.clock.now())
    ctx.ring()
    return [_get(ctx, alert_id) for alert_id in ids]


def _get(ctx: Context, alert_id: int) -> Alert:
    alert = ctx.store.alerts.get(alert_id)
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}", "`jobctl alerts --all` lists those there are")
    return alert
