"""`jobctl exec --name NAME --` in front of a command, also behind `sudo`, `ionice` or the like: the job has that name,
and keeps its runs itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from pathlib import PurePosixPath

from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.shell_text import Sort, Token, segments, tokens
from jobctl.importers.wrapper_call import cut

_BEFORE = frozenset(
    {
        "chronic",
        "chrt",
        "doas",
        "env",
        "flock",
        "ionice",
        "nice",
        "nohup",
        "setsid",
        "sudo",
        "taskset",
        "time",
        "timeout",
    }
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_GIVEN = re.compile(r"-\w*c|--command")
_NAMES = ("-n", "--name")
_WITH_VALUE = ("-c", "--config", "--state-dir", *_NAMES)


def strip_exec(draft: CommandDraft) -> None:
    """Take it off the command, also in front of a pipe; where it is not read for certain it stays, which is told."""
    parts = segments(tokens(draft.command) or [])
    calls = [call for part in parts if (call := _call_in(part))]
    if not calls:
        if any(map(_call_inside, parts)):
            draft.remark(Fate.CHANGED, "`jobctl exec` stays inside the word of a shell: write the command without")
        return
    if len(calls) > 1:
        draft.remark(Fate.CHANGED, "`jobctl exec` stays, as the line has several: write a job for each")
        return
    words = list(takewhile(lambda token: token.sort is Sort.WORD, calls[0]))
    name, length = _read(words)
    if not name or length >= len(words):
        draft.remark(Fate.CHANGED, "`jobctl exec` stays, as its options are not understood: write the command without")
        return
    draft.name = draft.name or name
    draft.remark(Fate.KEPT, f"`{cut(draft, words, 0, length)}` is gone: the job keeps its runs itself")


def _call_in(words: Sequence[Token]) -> Sequence[Token]:
    """The words from `jobctl` on, where it is called to execute something; none elsewhere."""
    behind = words and (PurePosixPath(words[0].text).name in _BEFORE or _ASSIGNMENT.match(words[0].text))
    for at in range(len(words) if behind else min(1, len(words))):
        if _verb(words[at:]) == "exec":
            return words[at:]
    return ()


def _call_inside(words: Sequence[Token]) -> bool:
    """Whether a shell is given such a call as a word, as by `sh -c '…'`."""
    given = [after.literal or "" for before, after in pairwise(words) if _GIVEN.fullmatch(before.text)]
    return any(_call_in(part) for line in given for part in segments(tokens(line) or []))


def _verb(words: Sequence[Token]) -> str:
    """What the call asks jobctl for; empty where it calls something else."""
    texts = [token.text for token in words]
    if not texts or PurePosixPath(texts[0]).name != "jobctl":
        return ""
    at = 1
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in _WITH_VALUE else 1
    return texts[at] if at < len(texts) else ""


def _read(words: Sequence[Token]) -> tuple[str, int]:
    """The name, and how many words precede the command; an empty name where a word is not understood."""
    texts = [token.literal or "" for token in words]
    name, at, is_behind_verb = "", 1, False
    while at < len(texts):
        option, _, value = texts[at].partition("=")
        if texts[at] == "--":
            return name, at + 1
        if option not in _WITH_VALUE:
            if is_behind_verb or texts[at] != "exec":
                return ("" if option.startswith("-") or not option else name), at
            is_behind_verb = True
            at += 1
            continue
        if texts[at] == option:
            value, at = texts[at + 1] if at + 1 < len(texts) else "", at + 1
        name = value if option in _NAMES else name
        at += 1
    return "", at
