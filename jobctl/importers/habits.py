"""What people write into crontab lines because cron has no key for it: recognised, taken out, turned into keys.

A habit is taken out only where the rest means the same without it; what is doubtful stays in the command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jobctl.importers import doubts, wrappers
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.exec_call import strip_exec
from jobctl.importers.findings import Fate
from jobctl.importers.guards import guard_of
from jobctl.importers.random_wait import strip_wait
from jobctl.importers.shell_text import Sort, Token, controls, is_compound, segments, tokens

_TRUE = ("true", ":", "/bin/true", "/usr/bin/true", "exit 0")
_NOWHERE = "/dev/null"


def recognise(
    command: str, may_spread: Callable[[int], bool], shared_locks: frozenset[str], *, bash: bool
) -> CommandDraft:
    """The command without its habits, and the keys that take their place.

    `may_spread` tells whether the schedule allows so many seconds, `shared_locks` are files that other lines lock too,
    `bash` that the shell knows RANDOM.
    """
    draft = CommandDraft(command.strip())
    while True:
        before = draft.command
        _strip_tail(draft)
        strip_wait(draft, may_spread, bash=bash)
        _strip_cd(draft)
        wrappers.strip(draft, shared_locks)
        strip_exec(draft)
        if draft.command == before:
            break
    if not bash and any(token.text.startswith("&>") for token in tokens(command) or []):
        draft.remark(Fate.CHANGED, doubts.BACKGROUND)
    guard = guard_of(draft.command)
    doubts.remark(draft, bash=bash, guarded=guard is not None)
    if guard is not None:
        draft.command = f"if {guard[0]}; then {guard[1]}; fi"
        draft.remark(Fate.KEPT, f"`{guard[0]} &&` became `if …; then`: where it does not hold nothing has failed")
    return draft


def _strip_tail(draft: CommandDraft) -> None:
    """`|| true` and redirections into nowhere."""
    found = tokens(draft.command)
    if not found:
        return
    parts, operators = segments(found), controls(found)
    said = " ".join(token.text for token in parts[-1])
    if operators and said in _TRUE and operators[-1].text in ("||", ";") and len(parts[-2]) > 0:
        if operators[-1].text == "||" and said == "exit 0":
            return
        _ignore_failures(draft, operators[-1], said)
        return
    if operators and not parts[-1] and operators[-1].text == ";":
        draft.command = draft.command[: operators[-1].start].rstrip()
        return
    _strip_redirections(draft, parts[-1])


def _ignore_failures(draft: CommandDraft, operator: Token, said: str) -> None:
    draft.command = draft.command[: operator.start].rstrip()
    draft.keys["alert"] = {"on": []}
    draft.remark(
        Fate.CHANGED,
        f"`{operator.text} {said}` became alert = {{ on = [] }}: a failure is seen in the history and nobody is told",
    )


def _strip_redirections(draft: CommandDraft, part: Sequence[Token]) -> None:
    """Output that goes nowhere at the end of the command; the log of the run keeps it now."""
    start = len(part)
    nowhere = False
    while start > 0:
        token = part[start - 1]
        if token.sort is Sort.REDIRECT and re.fullmatch(r"[12]?>&[12]", token.text):
            start -= 1
        elif start > 1 and token.text == _NOWHERE and re.fullmatch(r"[12]?>>?|&>>?|>&", part[start - 2].text):
            start -= 2
            nowhere = True
        else:
            break
    if not nowhere or start == 0:
        return
    if any(token.sort is Sort.REDIRECT and ">" in token.text for token in part[:start]):
        return
    what = draft.command[part[start].start : part[-1].end]
    draft.command = draft.command[: part[start].start].rstrip()
    draft.remark(Fate.KEPT, f"`{what}` is gone: the output is kept with the run, `jobctl logs` shows it")


def _behind_first(command: str, operators: tuple[str, ...]) -> tuple[str, int] | None:
    """The first command and where the rest begins, when one of the operators follows it."""
    found = tokens(command)
    first = next(iter(controls(found or [])), None)
    if not found or first is None or first.text not in operators or not command[first.end :].strip():
        return None
    return command[: first.start].strip(), first.end


def _strip_cd(draft: CommandDraft) -> None:
    """`cd /srv/app &&` before the rest; not where the rest also runs when the directory is missing."""
    split = _behind_first(draft.command, ("&&",))
    found = tokens(draft.command)
    if split is None or not found or "cwd" in draft.keys:
        return
    words = segments(found)[0]
    if [word.text for word in words[:1]] != ["cd"] or len(words) != 2 or is_compound(found):
        return
    folder = words[1].literal
    if folder is None or not folder.startswith("/") or any(token.text == "||" for token in controls(found)):
        return
    draft.command = draft.command[split[1] :].lstrip()
    draft.became(split[0], "cwd", folder, f'cwd = "{folder}"')
