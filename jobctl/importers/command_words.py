"""Which words of a crontab's command give its job the name: those of the first command that does something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from jobctl.importers.naming import CHANGES_USER, behind_lock, behind_user
from jobctl.importers.shell_text import Sort, in_parentheses, literal, segments, tokens

_PREPARING = (
    "[", "[[", "test", "command", "which", "type", "pgrep", "cd", "sleep", "set", "export", "umask", ".", "source",
    "true", ":", "exit", "ulimit", "shopt",
)  # fmt: skip
_TALKING = ("echo", "printf", "date", "yes")  # beside others they are not what the line is for
_GRAMMAR = ("if", "then", "do", "else", "{", "!", "while", "for", "exec")
_MOST_SHELLS = 8  # a shell in a shell in a shell


def words_of(command: str, depth: int = 0) -> list[str]:
    """The words of the first command that does something; of one that only talks where there is no other."""
    spare: list[str] = []
    for part in segments(tokens(command) or []):
        words = [literal(token.text) or token.text for token in part if token.sort is Sort.WORD]
        if (groups := in_parentheses(part)) and depth < _MOST_SHELLS:
            return words_of(groups[0].text[1:-1], depth + 1)
        while words and words[0] in _GRAMMAR:
            words = words[1:]
        if not words or _prepares(words):
            continue
        if PurePosixPath(words[0]).name in _TALKING:
            spare = spare or words
            continue
        text = _text_for_shell(words) if depth < _MOST_SHELLS else ""
        return words_of(text, depth + 1) if text else words
    return spare or command.split()


def _prepares(words: Sequence[str]) -> bool:
    name = PurePosixPath(words[0]).name
    looks = name in ("grep", "egrep", "fgrep") and any(re.fullmatch(r"-[A-Za-z]*q[A-Za-z]*", word) for word in words)
    sleeps = words[1:2] in (["-e"], ["-c"]) and "sleep" in " ".join(words[2:3])
    return words[0] in _PREPARING or name in _PREPARING or looks or sleeps


def _text_for_shell(words: Sequence[str]) -> str:
    """The text of `sh -c text`, also behind `flock` and for another user; empty where the words are something else."""
    name = PurePosixPath(words[0]).name
    if name == "flock":
        words = behind_lock(words[1:])
    elif name in CHANGES_USER:
        words = behind_user(words)
    elif name == "mispipe":
        return _unquoted(words[1]) if len(words) > 1 else ""
    if not words:
        return ""
    name = PurePosixPath(words[0]).name
    takes_text = re.fullmatch(r"(?:ba|da|k|z|a)?sh", name) or (name in ("su", "runuser") and "-u" not in words)
    for at, word in enumerate(words[:-1]):
        is_option = word in ("-c", "--command") or re.fullmatch(r"-[a-z]*c", word)
        if is_option and (at == 0 or (takes_text and at > 0)):
            return _unquoted(words[at + 1])
        belongs_to_option = at > 0 and re.fullmatch(r"-[a-z]*o", words[at - 1])
        if at > 0 and not (word.startswith("-") or belongs_to_option or name in ("su", "runuser")):
            break
    return ""


def _unquoted(text: str) -> str:
    """A text whose quotes stayed because the shell would expand something in it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
