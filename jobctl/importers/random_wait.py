"""`sleep $((RANDOM % 300)) &&` and its like before a command: what `spread` does without a process that waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jobctl.domain.units import write_duration
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.shell_text import Token, controls, segments, tokens

_WAIT = re.compile(
    r"(?:(?:/usr)?/bin/)?(?:"
    r"sleep\s+[\"']?(?:\$\(\(|\$\[)\s*\(?\s*\$?\{?RANDOM\}?\s*%\s*(\d+)\s*\)?\s*(?:\)\)|\])(?:([smh])\b)?[\"']?"
    r"|sleep\s+[\"']?(?:\$\(|`)\s*(?:expr\s+\$RANDOM\s+%\s+(\d+)|shuf\s+-i\s*0-(\d+)\s+-n\s*1)\s*[)`][\"']?([smh])?"
    r"|perl\s+-e\s+(?:'|\")\s*sleep\s*\(?\s*(?:int)?\s*\(?\s*rand\s*\(?\s*(\d+)\s*\)*\s*;?\s*(?:'|\")"
    r"|python[\d.]*\s+-c\s+(?:'|\")import random; ?import time; ?time\.sleep\(random\.random\(\) ?\* ?(\d+)\)(?:'|\")"
    r")"
)
_UNITS = {None: 1, "": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST_SPREAD = 31 * 86400


def strip_wait(draft: CommandDraft, may_spread: Callable[[int], bool], *, bash: bool) -> None:
    """Take the wait out of the command, where the schedule allows to spread as much."""
    place = _wait_in(draft.command)
    if place is None:
        return
    begins, ends, rest = place
    wait = draft.command[begins:ends].strip()
    text, in_bash = _in_shell(wait, bash=bash)
    match = _WAIT.fullmatch(text)
    if match is None or "spread" in draft.keys:
        return
    by_shell, unit, by_expr, by_shuf, other_unit, by_perl, by_python = match.groups()
    number = int((by_shell or by_expr or by_shuf or by_perl or by_python)[:9])
    seconds = (number + bool(by_shuf)) * _UNITS[unit or other_unit]
    if may_spread(seconds - 1) and not may_spread(seconds):
        seconds -= 1  # as long as the time between two slots, which a spread must be shorter than
    if not 0 < seconds <= _LONGEST_SPREAD or not may_spread(seconds):
        draft.remark(Fate.KEPT, f"`{wait}` stays: spread would have to be shorter than the time between two slots")
        return
    draft.command = draft.command[:begins] + draft.command[rest:].lstrip()
    draft.became(wait, "spread", write_duration(seconds), f'spread = "{write_duration(seconds)}"')
    if "$RANDOM" in text and not in_bash:
        draft.remark(Fate.CHANGED, "where /bin/sh is dash, $RANDOM is empty and the line failed here; now it runs")
    elif "RANDOM" in text and not in_bash:
        draft.remark(Fate.CHANGED, "where /bin/sh is dash, RANDOM is empty and the line never waited; the spread does")


def _in_shell(wait: str, *, bash: bool) -> tuple[str, bool]:
    """The wait without a `bash -c` around it, and whether the shell that reads it knows RANDOM."""
    wrapped = re.fullmatch(r"(?:/bin/|/usr/bin/)?bash\s+-c\s+(.*)", wait, re.DOTALL)
    if wrapped is None:
        return wait, bash
    inner = wrapped[1].strip()
    return (inner[1:-1] if inner[:1] == inner[-1:] == "'" else inner).strip(), True


def _wait_in(command: str) -> tuple[int, int, int] | None:
    """Where the wait begins and ends, and where the rest begins: first of all, or behind tests of files."""
    found = tokens(command)
    if not found:
        return None
    begins = found[0].start
    for part, operator in zip(segments(found), controls(found), strict=False):
        wait, _ = _in_shell(command[begins : operator.start].strip(), bash=True)
        is_first = begins == found[0].start
        if _WAIT.fullmatch(wait):
            goes_on = operator.text == "&&" or (operator.text == ";" and is_first)
            return (begins, operator.start, operator.end) if goes_on and command[operator.end :].strip() else None
        if operator.text != "&&" or not _holds_for_long(part):
            return None
        begins = operator.end + len(command[operator.end :]) - len(command[operator.end :].lstrip())
    return None


def _holds_for_long(part: Sequence[Token]) -> bool:
    """Whether a command is a test that gives the same answer after the wait."""
    return bool(part) and part[0].text in ("test", "[") and all(token.literal is not None for token in part[1:])
