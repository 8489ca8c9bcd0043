"""What `check` finds doubtful in a file that can be used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from jobctl.config.concerns import Concerns
from jobctl.config.drafts import Draft
from jobctl.config.idle_keys import IDLE_KEYS
from jobctl.config.job_rules import index_of
from jobctl.domain.cron_expression import is_drawn
from jobctl.domain.cron_lint import lint
from jobctl.domain.own_variables import VARIABLE_PREFIX, is_set_by_jobctl
from jobctl.domain.policies import Overlap

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "fish"})
_TAKES_TEXT = re.compile(r"-[a-zA-Z]*c")
_THRESHOLDS = ("late", "overrun", "too_fast", "no_success")  # of an alert: both a key and a word of `on`


def warn_of_doubts(drafts: Sequence[Draft], system_zone: str, now: int) -> None:
    """Note what is allowed and probably not meant. `now` is in milliseconds."""
    known: dict[tuple[str, str, str], list[str]] = {}  # most jobs share their expressions with others
    for draft in drafts:
        _CONCERNS.check(draft)
        _warn_of_past(draft, now)
        for text in draft.values.get("schedule", ()):
            zone = draft.values.get("timezone") or system_zone
            asked = (text, zone, draft.name if is_drawn(text) else "")
            if asked not in known:
                known[asked] = lint(text, zone, now, asked[2])
            for sentence in known[asked]:
                draft.warn("schedule", sentence, element=index_of(draft, "schedule", text))


def _warn_of_past(draft: Draft, now: int) -> None:
    at = draft.values.get("at")
    if isinstance(at, int) and at * 1000 < now:
        draft.warn("at", "lies in the past: the job will not start by itself", "write a later time, or take it out")


def _warn_of_alerts_that_never_come(draft: Draft) -> None:
    """Words of `on` without their threshold, thresholds without their word, and what is missed before it is late."""
    alert = draft.values.get("alert", {})
    late, deadline = alert.get("late"), draft.values.get("start_deadline")
    if late is not None and deadline is not None and late >= deadline:
        draft.warn("alert", "never comes: start_deadline makes the run missed before", "make it shorter", ("late",))
    words = alert.get("on")
    if words is None:
        return
    for key in _THRESHOLDS:
        if key in words and key not in alert:
            draft.warn("alert", f"`on` names {key} and nothing says when that is", f'write {key} = "10m"', ("on",))
        elif key in alert and key not in words:
            draft.warn("alert", f"does nothing, since `on` does not name {key}", f'add "{key}" to `on`', (key,))


def _warn_of_unknown_secrets(draft: Draft) -> None:
    values = draft.values
    if "env_file" in values:
        return
    for name in sorted(values.get("secrets", ())):
        if name not in values.get("env", {}):
            hint = f'write env = {{ {name} = {{ file = "…" }} }}, or take it out'
            draft.warn("secrets", f'the job has no variable "{name}"', hint, index_of(draft, "secrets", name))


def _warn_of_own_variables(draft: Draft) -> None:
    """What jobctl tells a job of itself is not for `env` to say."""
    for name in draft.values.get("env", {}):
        if is_set_by_jobctl(name, draft.values.get("params", {})):
            hint = "take another name, or leave it out"
            draft.warn("env", "does nothing: jobctl sets this variable itself", hint, (name,))


def _warn_of_one_at_a_time(draft: Draft) -> None:
    if draft.values.get("overlap") is Overlap.ALLOW and draft.values.get("max_concurrent", 1) == 1:
        hint = "write max_concurrent = 4, say; it is 1 when left out"
        draft.warn("overlap", "allows nothing while max_concurrent is 1: a second run waits for the first", hint)


def _warn_of_shell_text(draft: Draft) -> None:
    """A value that is written into the text of a shell is read by that shell, quotes, semicolons and all."""
    command = draft.values.get("command")
    if isinstance(command, str):
        _warn_of_literal_params(draft, command)
    params = draft.values.get("params", {})
    if not params or not isinstance(command, tuple) or (place := _shell_text(command)) is None:
        return
    for name, rules in params.items():
        if f"{{{name}}}" in command[place] and _takes_any_text(rules):
            variable = f'"${VARIABLE_PREFIX}{name.upper()}"'
            draft.warn(
                "command",
                f"{{{name}}} inside the text of a shell lets whoever gives the value give commands",
                f'write {variable} instead, or hand it over behind the text and write "$1"',
                (place,),
            )


def _takes_any_text(rules: Mapping[str, object]) -> bool:
    """Numbers have no signs that a shell reads, and choices are those of the jobs file."""
    return rules.get("type", "string") in ("string", "list") and not rules.get("choices")


def _warn_of_literal_params(draft: Draft, command: str) -> None:
    for name in draft.values.get("params", {}):
        if re.search(rf"(?<!\$)\{{{name}\}}", command):
            variable = f'"${VARIABLE_PREFIX}{name.upper()}"'
            draft.warn("command", f"{{{name}}} stays as it is in a string for the shell", f"write {variable} there")


def _shell_text(command: Sequence[str]) -> int | None:
    """Where the text stands in `["sh", "-euc", "text", …]`; None where it is no shell that is given one."""
    if PurePath(command[0]).name not in _SHELLS:
        return None
    for at, word in enumerate(command[1:-1], 1):
        if _TAKES_TEXT.fullmatch(word):
            return at + 1
    return None


_CONCERNS = Concerns(
    (_warn_of_unknown_secrets, ("secrets",)),
    (_warn_of_own_variables, ("env",)),
    (_warn_of_shell_text, ("params",)),
    (_warn_of_one_at_a_time, ("overlap",)),
    (_warn_of_alerts_that_never_come, ("alert",)),
    *IDLE_KEYS,
)
