"""What is left in a crontab's command and behaves otherwise than people think: told, never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate, Remark
from jobctl.importers.shell_text import Sort, Token, controls, segments, tokens

_ASKING = ("[", "[[", "test", "command", "which", "type", "pgrep")  # and end with 1 where the answer is no
BACKGROUND = "where /bin/sh is dash, `&>` puts the command into the background: write >FILE 2>&1"
_NOWHERE = "/dev/null"
_TAKES_OUTPUT = ("logger", "systemd-cat", "mail", "mailx", "s-nail", "mutt", "sendmail", "tee", "ts", "cat")
_OTHER_USER = re.compile(
    r"(?:\S*/)?(?:(?:sudo|doas)\s+(?:-[A-Za-z]+\s+)*-u\s*([\w-]+)\s|(?:gosu|su-exec)\s+([\w-]+)\s"
    r"|runuser\s+-u\s*([\w-]+)\s|(?:su|runuser)\s+(?:-\s+|-l\s+|--login\s+)?([a-z_][\w-]*)\s.*-c\s)"
)


def remark(draft: CommandDraft, *, bash: bool, guarded: bool) -> None:
    """Say what is to be known of the rest of a command.

    `bash`: the shell knows what dash does not; `guarded`: the test before it has been seen to.
    """
    found = tokens(draft.command)
    if not found:
        return
    parts, operators = segments(found), controls(found)
    if not bash:
        _remark_on_dash(draft, parts)
    if operators and not parts[-1] and operators[-1].text == "&":
        draft.remark(
            Fate.CHANGED,
            "the command ends with `&`: the run is over at once and its exit status says nothing; take the `&` away",
        )
    _remark_on_guards(draft, parts, operators, guarded=guarded)
    if not operators and (match := _OTHER_USER.match(draft.command)):
        user = next(name for name in match.groups() if name)
        program = PurePosixPath(draft.command.split()[0]).name
        draft.remark(Fate.KEPT, f'`{program} … {user}` stays: user = "{user}" does the same with a daemon of root')
    if "run-parts" in draft.command:
        draft.remark(
            Fate.KEPT, "the scripts of the folder run as one job; each has a history of its own as a job of its own"
        )
    _remark_on_output(draft, found, parts, operators)


def about_seconds(keys: Mapping[str, object], command: str) -> list[Remark]:
    """What is to be said of a line that waits within its minute, because cron starts nothing more often."""
    wait = re.match(r"sleep\s+(\d{1,2})s?\s*(?:;|&&)", command)
    if wait is None or keys.get("schedule") != "* * * * *":
        return []
    return [
        Remark(Fate.KEPT, f'`sleep {wait[1]}` stays: every = "{wait[1]}s", say, starts a job more often than cron can')
    ]


def _remark_on_dash(draft: CommandDraft, parts: Sequence[Sequence[Token]]) -> None:
    if re.search(r"\$\(\([^)]*\$\{?RANDOM\b", draft.command):
        draft.remark(Fate.KEPT, "where /bin/sh is dash, $RANDOM is empty, and the line fails there in cron, too")
    if any(part and part[0].text == "source" for part in parts):
        draft.remark(Fate.KEPT, "where /bin/sh is dash, there is no `source`, in cron neither: write `. FILE`")


def _remark_on_guards(draft: CommandDraft, parts: list[list[Token]], operators: list[Token], *, guarded: bool) -> None:
    if not operators or not parts[0] or parts[0][0].text not in (*_ASKING, "if"):
        return
    guard = draft.command[: operators[0].start].strip()
    leaves = [token.text for token in parts[1]] if len(parts) > 1 else []
    leaves_as_failed = leaves[:1] == ["exit"] and leaves[1:] != ["0"]
    if parts[0][0].text != "if" and not guarded and (operators[0].text == "&&" or leaves_as_failed):
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
    if re.search(r"\bdate\s+[\"']?\+[\"']?%[udwe]\b", draft.command[: operators[-1].start]):
        message = 'a test of the date may be the schedule: "0 3 * * 1#1" is a first Monday, "0 3 L * *" the last day'
        draft.remark(Fate.KEPT, message)
    if "/run/systemd/system" in draft.command:
        draft.remark(Fate.KEPT, "where systemd runs the line does nothing: look for a timer of the same package")


def _remark_on_output(
    draft: CommandDraft, found: Sequence[Token], parts: Sequence[Sequence[Token]], operators: Sequence[Token]
) -> None:
    for token, target in pairwise(found):
        goes_to_file = token.sort is Sort.REDIRECT and re.fullmatch(r"1?>>?|&>>?|>&", token.text)
        if goes_to_file and target.sort is Sort.WORD and target in parts[-1] and target.text != _NOWHERE:
            draft.remark(
                Fate.KEPT, f"the output still goes into {target.text}; without that `jobctl logs` would show it"
            )
            return
    if not operators or operators[-1].text not in ("|", "|&") or not parts[-1]:
        return
    if any(operator.text == "||" for operator in operators):
        return  # it minds failures in its own way
    taker = PurePosixPath(parts[-1][0].text).name
    if taker in _TAKES_OUTPUT:
        draft.remark(
            Fate.KEPT,
            f"the output goes to `{taker}`, and its exit status is that of the run: a failure before it is not seen; "
            "without the pipe jobctl keeps both",
        )
