"""`jobctl alerts`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.alerts import alert_columns, alert_document, notice_columns, notice_document
from jobctl.cli.render.json import dumps
from jobctl.domain.alert import Alert
from jobctl.errors import UsageError
from jobctl.operations.alerts import acknowledge, alerts, notices, test_channel
from jobctl.operations.freshness import conclude_what_has_ended

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ack ID... | test CHANNEL | history",
        help="ack: take note of alerts, so that nobody is told again before they are over. test: send a message "
        "through a channel now. history: what was told of alerts, through which channel, and whether it arrived.",
    ),
]


def command(
    ctx: typer.Context,
    words: Words = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that are not over; this is the default.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, metavar="N", help="At most so many.")] = 100,
) -> int:
    """What is wrong and not over yet: failed, lost, late and overlong runs, missing successes, the daemon and the host.

    `jobctl alerts ack 12` takes note of one, `jobctl alerts test ops` tries a channel, `jobctl alerts history` shows
    what was told.
    """
    call = invocation(ctx)
    if only_open and everything:
        raise UsageError("--open and --all exclude each other", "give one of them")
    verb, *rest = words or [""]
    if verb == "ack":
        return _acknowledge(call, rest)
    if verb == "test":
        return _test(call, rest)
    if verb not in ("", "history"):
        raise UsageError(f"`alerts {verb}` is not known", "write `jobctl alerts`, or one of: ack, test, history")
    if rest:
        raise UsageError("`alerts history` takes nothing more", "--limit and --json are its options")
    if verb == "history":
        return _show_notices(call, limit)
    return _show_alerts(call, everything=everything, limit=limit)


def _show_alerts(call: Invocation, *, everything: bool, limit: int) -> int:
    call.console.notes(conclude_what_has_ended(call.context))  # it may be worth an alert
    found = alerts(call.context, only_open=not everything, limit=limit)
    if call.json:
        call.console.print(dumps([alert_document(alert) for alert in found]))
    elif found:
        call.console.table(alert_columns(found, call.context.clock.now()))
    else:
        call.console.note("there are no alerts" if everything else "there are no open alerts")
    return ExitStatus.DONE


def _show_notices(call: Invocation, limit: int) -> int:
    found = notices(call.context, limit)
    if call.json:
        call.console.print(dumps([notice_document(notice) for notice in found]))
    elif found:
        call.console.table(notice_columns(found, call.context.clock.now()))
    else:
        call.console.note("nobody was told anything yet")
    return ExitStatus.DONE


def _acknowledge(call: Invocation, words: list[str]) -> int:
    ids = [_number(word) for word in words]
    if not ids:
        raise UsageError("`alerts ack` wants the number of an alert", "`jobctl alerts` lists them")
    done = acknowledge(call.context, ids)
    if call.json:
        call.console.print(dumps([alert_document(alert) for alert in (*done.seen, *done.over)]))
        return ExitStatus.DONE
    for alert in done.seen:
        call.console.print(f"{_name_of(alert)} {alert.state.word}")
    for alert in done.over:
        call.console.note(f"{_name_of(alert)} was over already")
    return ExitStatus.DONE


def _name_of(alert: Alert) -> str:
    return f"alert {alert.id}" + (f" ({alert.subject})" if alert.subject else "")


def _test(call: Invocation, words: list[str]) -> int:
    if not words:
        raise UsageError("`alerts test` wants the name of a channel", "[channels] in the jobs file has them")
    for name in words:
        test_channel(call.context, name)
        call.console.print(dumps({"channel": name, "sent": True}) if call.json else f"channel {name} took the message")
    return ExitStatus.DONE


def _number(word: str) -> int:
    if not word.isdecimal():
        raise UsageError(f"`{word}` is not the number of an alert", "`jobctl alerts` lists them")
    return int(word)
