"""What people write into crontab lines because cron has no key for it: recognised, taken out, turned into keys.

A habit is taken out only where the rest means the same without it; what is doubtful stays in the command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from jobctl.domain.units import write_duration
from jobctl.importers import wrappers
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.naming import behind_lock
from jobctl.importers.shell_text import Sort, Token, controls, in_parentheses, is_compound, literal, segments, tokens

_ASKING = ("[", "[[", "test", "command", "which", "type", "pgrep")  # and end with 1 where the answer is no
_TRUE = ("true", ":", "/bin/true", "/usr/bin/true", "exit 0")
_NOWHERE = "/dev/null"
_SLEEP = re.compile(
    r"sleep\s+[\"']?(?:\$\(\(|\$\[)\s*\(?\s*\$?\{?RANDOM\}?\s*%\s*(\d+)\s*\)?\s*(?:\)\)|\])(?:([smh])\b)?[\"']?"
    r"|sleep\s+[\"']?(?:\$\(|`)\s*(?:expr\s+\$RANDOM\s+%\s+(\d+)|shuf\s+-i\s*0-(\d+)\s+-n\s*1)\s*[)`][\"']?([smh])?"
    r"|perl\s+-e\s+(?:'|\")\s*sleep\s*\(?\s*(?:int)?\s*\(?\s*rand\s*\(?\s*(\d+)\s*\)*\s*;?\s*(?:'|\")"
    r"|python[\d.]*\s+-c\s+(?:'|\")import random; ?import time; ?time\.sleep\(random\.random\(\) ?\* ?(\d+)\)(?:'|\")"
)
_UNITS = {None: 1, "": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST_SPREAD = 31 * 86400


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
        _strip_sleep(draft, may_spread, bash=bash)
        _strip_cd(draft)
        wrappers.strip(draft, shared_locks)
        if draft.command == before:
            break
    if not bash and any(token.text.startswith("&>") for token in tokens(command) or []):
        draft.remark(Fate.CHANGED, "where /bin/sh is dash, `&>` puts the command into the background: write >FILE 2>&1")
    _remark_on_the_rest(draft)
    return draft


def lock_of(command: str) -> str | None:
    """The file that `flock` locks for a command, wherever it stands in it; what `run-one` locks is the command."""
    for part in segments(tokens(command) or []):
        if part and PurePosixPath(part[0].text).name == "run-one":
            return wrappers.lock_of_run_one(part)
        for at, token in enumerate(part):
            if PurePosixPath(token.text).name == "flock":
                return next((word.literal for word in part[at + 1 :] if word.text.startswith(("/", "$", "~"))), None)
    return None


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


def _strip_sleep(draft: CommandDraft, may_spread: Callable[[int], bool], *, bash: bool) -> None:
    """`sleep $((RANDOM % 300)) &&` before the rest."""
    rest = _behind_first(draft.command, ("&&", ";"))
    if rest is None:
        return
    first, begins = rest
    text, in_bash = first, bash
    if wrapped := re.fullmatch(r"(?:/bin/|/usr/bin/)?bash\s+-c\s+(.*)", first, re.DOTALL):
        inner = wrapped[1].strip()
        text, in_bash = inner[1:-1] if inner[:1] == inner[-1:] == "'" else inner, True
    match = _SLEEP.fullmatch(text.strip())
    if match is None:
        return
    by_shell, unit, by_expr, by_shuf, other_unit, by_perl, by_python = match.groups()
    number = int((by_shell or by_expr or by_shuf or by_perl or by_python)[:9])
    seconds = (number + bool(by_shuf)) * _UNITS[unit or other_unit]
    if may_spread(seconds - 1) and not may_spread(seconds):
        seconds -= 1  # as long as the time between two slots, which a spread must be shorter than
    if not 0 < seconds <= _LONGEST_SPREAD or not may_spread(seconds):
        draft.remark(Fate.KEPT, f"`{first}` stays: spread would have to be shorter than the time between two slots")
        return
    if "spread" in draft.keys:
        return
    draft.command = draft.command[begins:].lstrip()
    draft.became(first, "spread", write_duration(seconds), f'spread = "{write_duration(seconds)}"')
    if "RANDOM" in first and not in_bash:
        draft.remark(Fate.CHANGED, "where /bin/sh is dash, RANDOM is empty and the line never waited; the spread does")


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


def _remark_on_the_rest(draft: CommandDraft) -> None:
    found = tokens(draft.command)
    if not found:
        return
    parts, operators = segments(found), controls(found)
    if operators and not parts[-1] and operators[-1].text == "&":
        draft.remark(
            Fate.CHANGED,
            "the command ends with `&`: the run is over at once and its exit status says nothing; take the `&` away",
        )
    _remark_on_guard(draft, parts, operators)
    if match := re.match(r"(?:/usr/bin/)?sudo\s+(?:-[A-Za-z]+\s+)*-u\s*([\w-]+)\s", draft.command):
        draft.remark(Fate.KEPT, f'`sudo -u {match[1]}` stays: user = "{match[1]}" does the same with a daemon of root')
    if "run-parts" in draft.command:
        draft.remark(
            Fate.KEPT, "the scripts of the folder run as one job; each has a history of its own as a job of its own"
        )
    for token, target in pairwise(found):
        goes_to_file = token.sort is Sort.REDIRECT and re.fullmatch(r"1?>>?|&>>?|>&", token.text)
        if goes_to_file and target.sort is Sort.WORD and target in parts[-1] and target.text != _NOWHERE:
            draft.remark(
                Fate.KEPT, f"the output still goes into {target.text}; without that `jobctl logs` would show it"
            )
            return


def _remark_on_guard(draft: CommandDraft, parts: list[list[Token]], operators: list[Token]) -> None:
    if not operators or not parts[0] or parts[0][0].text not in _ASKING:
        return
    guard = draft.command[: operators[0].start].strip()
    if operators[0].text == "&&":
        draft.remark(
            Fate.CHANGED,
            f"where `{guard}` does not hold, the exit status is 1: cron minds nothing, here the run has failed; "
            "write `if …; then …; fi`, or success_on = [0, 1]",
        )
    elif "anacron" in guard:
        draft.remark(
            Fate.KEPT,
            'where anacron is installed the line does nothing; set catch_up = "once" for what anacron does',
        )
    elif "/run/systemd/system" in guard:
        draft.remark(Fate.KEPT, "where systemd runs the line does nothing: look for a timer of the same package")


def _text_for_shell(words: Sequence[str]) -> str:
    """The text of `sh -c text`, also behind `flock`; empty where the words are something else."""
    if PurePosixPath(words[0]).name == "flock":
        words = behind_lock(words[1:])
        if words[:1] in (["-c"], ["--command"]):
            return words[1] if len(words) > 1 else ""
        if not words:
            return ""
    is_shell = re.fullmatch(r"(?:ba|da|k|z|a)?sh", PurePosixPath(words[0]).name)
    given = len(words) > 2 and re.fullmatch(r"-[a-z]*c", words[1])
    return words[2] if is_shell and given else ""


def _sleeps(words: Sequence[str]) -> bool:
    """`perl -e 'sleep …'` and the like."""
    return words[1:2] in (["-e"], ["-c"]) and "sleep" in " ".join(words[2:3])


_PREPARING = (*_ASKING, "cd", "sleep", "set", "export", "umask", ".", "source", "true", ":")


def words_of(command: str) -> list[str]:
    """The words of the command that gives the job its name: the first one that does something."""
    for part in segments(tokens(command) or []):
        words = [literal(token.text) or token.text for token in part if token.sort is Sort.WORD]
        if groups := in_parentheses(part):
            return words_of(groups[0].text[1:-1])
        while words and words[0] in ("if", "then", "do", "else", "{", "!", "while", "for"):
            words = words[1:]
        if words and words[0] not in _PREPARING and not _sleeps(words):
            return words_of(text) if (text := _text_for_shell(words)) else words
    return command.split()
