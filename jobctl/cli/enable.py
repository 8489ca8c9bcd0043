"""`jobctl enable`."""

from __future__ import annotations

import typer

from jobctl.cli.chosen import chosen_starts
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.switches import switch_document
from jobctl.cli.render.words import next_words, relative
from jobctl.errors import Refused
from jobctl.operations.control import JobSwitch, Switched, enable
from jobctl.operations.freshness import without_daemon


def command(ctx: typer.Context, jobs: JobPatterns = None, group: Group = None, tag: Tag = None) -> int:
    """Let disabled jobs start by themselves again. What passed meanwhile is not caught up."""
    call = invocation(ctx)
    switches = enable(call.context, chosen_starts(call, jobs, group, tag))
    if call.json:
        call.console.print(dumps([switch_document(switch) for switch in switches]))
    else:
        for switch in switches:
            if switch.enabled:
                call.console.print(_words(switch, call.context.clock.now()))
        if call.context.daemon_pid is None and any(switch.next_at is not None for switch in switches):
            call.console.notes([without_daemon(call.context)])
    off = [switch for switch in switches if switch.result is Switched.OFF_IN_FILE]
    if off:
        places = "\n".join(f"{switch.job}: {switch.place}" for switch in off)
        names = ", ".join(switch.job for switch in off)
        raise Refused(
            f"disabled by the jobs file, which no verb overrules: {names}", f"set enabled = true at\n{places}"
        )
    return ExitStatus.DONE


def _words(switch: JobSwitch, now: int) -> str:
    words = "enabled" if switch.result is Switched.DONE else "was enabled already"
    if switch.next_at is None:
        return f"{switch.job} {words}"
    return f"{switch.job} {words}, next {next_words(relative(switch.next_at, now))}"
