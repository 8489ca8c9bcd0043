"""What the keys of `top` do to runs: the same as the verbs, without waiting for the end."""

from __future__ import annotations

import enum
import signal
from dataclasses import dataclass

from jobctl.cli.render.words import withdrawn_words
from jobctl.domain.run import Run, may_move
from jobctl.domain.run import Status as RunStatus
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.cancel import Cancelled, ask_to_cancel
from jobctl.operations.context import Context
from jobctl.operations.dead_letters import refuse_those_of_removed_jobs, refuse_what_cannot_be_retried, retry
from jobctl.operations.selection import get_run


class Action(enum.Enum):
    """The value is the word that is asked."""

    CANCEL = "cancel"
    KILL = "kill"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Intent:
    """An action that waits for a yes."""

    action: Action
    run: Run

    @property
    def question(self) -> str:
        """What is asked before anything happens."""
        how = " at once (SIGKILL)" if self.action is Action.KILL else ""
        return f"{self.action.value} {self.run.job} {to_text(self.run.id)}{how}? y/n"


def intend(ctx: Context, action: Action, run: Run) -> Intent:
    """Refused, before anything is asked, where the run is not in a state for it. NotFound."""
    now = get_run(ctx, run.id)
    if action is Action.RETRY:
        refuse_what_cannot_be_retried([now])
        refuse_those_of_removed_jobs(ctx, [now])
    elif now.status.is_final:
        also = "; r retries it" if may_move(now.status, RunStatus.QUEUED) else ""
        raise Refused(f"{now.job} {to_text(now.id)} has ended already{also}", "an ended run cannot be cancelled")
    return Intent(action, now)


def carry_out(ctx: Context, intent: Intent) -> str:
    """Do it, and say what came of it. JobctlError."""
    name = f"{intent.run.job} {to_text(intent.run.id)}"
    if intent.action is Action.RETRY:
        changed = retry(ctx, [intent.run])
        return f"{name} waits for its next attempt" if changed else f"{name} was retried by somebody else"
    number = signal.SIGKILL if intent.action is Action.KILL else signal.SIGTERM
    asked = ask_to_cancel(ctx, intent.run.id, number)
    match asked.result:
        case Cancelled.WITHDRAWN:
            return f"{name} {withdrawn_words(asked.run)}"
        case Cancelled.ENDED | Cancelled.RUNNING:
            return f"{name} had ended before"
        case Cancelled.STOPPED | Cancelled.STOPPING:
            return f"{name} is being {'killed' if intent.action is Action.KILL else 'stopped'}"
