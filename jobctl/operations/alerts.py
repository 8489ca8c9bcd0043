"""Alerts as people look at them and take note of them."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.domain.alert import Alert
from jobctl.domain.alert_rules import state_when_seen
from jobctl.domain.notice import Notice
from jobctl.errors import CannotStart, JobctlError, NotFound, Refused
from jobctl.operations.context import Context, actor
from jobctl.operations.selection import nearest


def alerts(ctx: Context, *, only_open: bool, limit: int) -> list[Alert]:
    """Those that are not over, or all, the newest first."""
    return ctx.store.alerts.open()[:limit] if only_open else ctx.store.alerts.recent(limit)


def notices(ctx: Context, limit: int) -> list[Notice]:
    """What was to be told of alerts and how that went, the newest first."""
    return ctx.store.outbox.history(limit)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What was taken note of, as it is from now on, and what was over already."""

    seen: list[Alert]
    over: list[Alert]


def acknowledge(ctx: Context, ids: Sequence[int]) -> Acknowledgement:
    """Take note of open alerts: nobody is told of them again before they are over. One that is over already does not
    keep the others from it.

    NotFound for a number that no alert has, Refused when all of them are over: nothing is done.
    """
    found = [_get(ctx, alert_id) for alert_id in dict.fromkeys(ids)]
    still_open = [alert for alert in found if alert.is_open]
    if not still_open:
        numbers = ", ".join(str(alert.id) for alert in found)
        over = f"alert {numbers} is" if len(found) == 1 else f"alerts {numbers} are"
        raise Refused(f"{over} over already", "`jobctl alerts` lists the open ones")
    with ctx.store.transaction():
        for alert in still_open:
            seen = state_when_seen(alert.kind)
            ctx.store.alerts.acknowledge(alert.id or 0, seen, actor(), ctx.clock.now())
    ctx.ring()
    seen_now = [_get(ctx, alert.id or 0) for alert in still_open]
    return Acknowledgement(seen_now, [alert for alert in found if not alert.is_open])


def test_channel(ctx: Context, name: str) -> None:
    """Send a test message through a channel of the jobs file now, and wait until it has been taken. NotFound for a
    channel that there is not, JobctlError with the reason when it was not taken."""
    # Parser, sockets and processes, for this alone.
    from jobctl.channels.courier import PATIENCE_S, Courier
    from jobctl.channels.letter import Letter
    from jobctl.domain.alert_message import trial_message
    from jobctl.operations.definitions import load_configuration

    channels = load_configuration(ctx).settings.channels
    if name not in channels:
        known = f"the channels are {', '.join(channels)}" if channels else f"write [channels.{name}] into the jobs file"
        raise NotFound(f'there is no channel "{name}"', nearest(name, list(channels)) or known)
    message = trial_message(name, socket.gethostname(), ctx.clock.now())
    try:
        courier = Courier(Letter(channels[name], message, PATIENCE_S))
    except OSError as error:
        raise CannotStart(f"no process could be started for it: {error.strerror}") from error
    problem = courier.wait().problem
    courier.close()
    if problem is not None:
        raise JobctlError(f"channel {name} did not take the message: {problem}", "mend [channels] in the jobs file")


def _get(ctx: Context, alert_id: int) -> Alert:
    alert = ctx.store.alerts.get(alert_id)
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}", "`jobctl alerts --all` lists those there are")
    return alert
