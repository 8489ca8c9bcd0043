"""Programs that only run another one: `flock`, `timeout`, `nice`, `ionice`, `chronic`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

from jobctl.domain.units import write_duration
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.shell_text import Sort, Token, is_compound, segments, tokens


@dataclass(frozen=True, slots=True)
class _Call:
    """A wrapper with its own words: options and their values, then plain arguments up to the wrapped command."""

    options: dict[str, str]
    arguments: list[str]
    length: int  # words that are the wrapper's


_LONG_WITH_VALUE = frozenset({"kill-after", "signal", "wait", "timeout", "conflict-exit-code", "adjustment"})
_SIMPLE_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def strip(draft: CommandDraft, shared_locks: frozenset[str]) -> None:
    """Take the wrappers off a command that is nothing but one call. `ionice` has no key and stays."""
    words = _words_of_single_call(draft.command)
    if len(words) < 2:
        return
    at = _past_ionice(words)
    name = PurePosixPath(words[at].text).name if at < len(words) else ""
    if name == "flock":
        _strip_flock(draft, words, at, shared_locks)
    elif name == "timeout":
        _strip_timeout(draft, words, at)
    elif name == "nice":
        _strip_nice(draft, words, at)
    elif name == "run-one" and at + 1 < len(words) and not words[at + 1].text.startswith("-"):
        _strip_run_one(draft, words, at, shared_locks)
    elif name in ("chronic", "cronic") and at + 1 < len(words) and not words[at + 1].text.startswith("-"):
        _cut(draft, words, at, 1)
        draft.remark(Fate.KEPT, f"`{name}` is gone: output is kept, and only failures are told")


def _words_of_single_call(command: str) -> list[Token]:
    """The words of the command before its redirections; none where it is more than one call."""
    found = tokens(command)
    if not found or len(segments(found)) != 1 or is_compound(found):
        return []
    words = list(takewhile(lambda token: token.sort is Sort.WORD, found))
    rest = found[len(words) :]
    while rest:
        has_target = rest[0].text[-1] in "<>|"
        if rest[0].sort is not Sort.REDIRECT or (has_target and (len(rest) < 2 or rest[1].sort is not Sort.WORD)):
            return []
        rest = rest[1 + has_target :]
    return words


def lock_of_run_one(words: Sequence[Token]) -> str:
    """What `run-one` locks: its command with all arguments."""
    return " ".join(token.text for token in takewhile(lambda token: token.sort is Sort.WORD, words))


def _strip_run_one(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    if lock_of_run_one(words[at:]) in shared_locks:
        draft.remark(Fate.KEPT, "`run-one` stays: other lines run the same command")
        return
    _cut(draft, words, at, 1)
    draft.became("run-one", "overlap", "skip", 'overlap = "skip"')


def _past_ionice(words: Sequence[Token]) -> int:
    if PurePosixPath(words[0].text).name != "ionice":
        return 0
    call = _call(words, 0, "cn", "t", 0)
    return call.length if call else 0


def _call(words: Sequence[Token], at: int, with_value: str, flags: str, arguments: int) -> _Call | None:
    """Read a wrapper's options: letters `with_value`, letters `flags`; then so many arguments. None: not understood."""
    texts = [token.literal for token in words]
    options: dict[str, str] = {}
    position = at + 1
    while position < len(texts) and (texts[position] or "").startswith("-") and texts[position] != "-":
        word = texts[position] or ""
        position += 1
        if word == "--":
            break
        if word.startswith("--"):
            name, given_here, value = word[2:].partition("=")
            if name in _LONG_WITH_VALUE and not given_here:
                value = texts[position] or "" if position < len(texts) else ""
                position += 1
            options[name] = value
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter in with_value:
                options[letter] = word[index + 1 :]
                if not options[letter]:
                    options[letter] = texts[position] or "" if position < len(texts) else ""
                    position += 1
                break
            if letter not in flags:
                return None
            options[letter] = ""
    given = texts[position : position + arguments]
    if len(given) < arguments or None in given:
        return None
    return _Call(options, [text for text in given if text is not None], position + arguments - at)


def _cut(draft: CommandDraft, words: Sequence[Token], at: int, length: int) -> str:
    """Take words out of the command, and return them."""
    begins, ends = words[at].start, words[at + length].start
    cut = draft.command[begins:ends].strip()
    draft.command = draft.command[:begins] + draft.command[ends:]
    return cut


_NO_WAIT = {("n", ""), ("nb", ""), ("nonblock", ""), ("w", "0"), ("wait", "0"), ("timeout", "0")}
_PLAIN_FLOCK = {(name, "") for name in ("x", "e", "exclusive", "o", "close", "F", "no-fork", "v", "verbose")}


def _strip_flock(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    call = _call(words, at, "wE", "nxeosuFv", 1)
    if call is None or at + call.length >= len(words):
        return
    lock = call.arguments[0]
    if lock in shared_locks:
        draft.remark(Fate.KEPT, f"`flock` stays: other lines lock {lock}, too")
        return
    waits = not any(option in _NO_WAIT for option in call.options.items())
    if not call.options.items() <= _PLAIN_FLOCK | _NO_WAIT or lock.isdecimal():
        draft.remark(Fate.KEPT, "`flock` stays: its options have no counterpart")
        return
    overlap = "queue" if waits else "skip"
    inner = words[at + call.length]
    if inner.literal == "-c" or inner.text == "--command":
        text = words[at + call.length + 1].literal if at + call.length + 1 < len(words) else None
        rest = draft.command[words[-1].end :]
        if text is None or len(words) != at + call.length + 2 or (rest and not _words_of_single_call(text)):
            draft.remark(Fate.KEPT, "`flock` stays: what is locked is more than one command")
            return
        what = draft.command[words[at].start : inner.end]
        draft.command = draft.command[: words[at].start] + text.strip() + rest
    else:
        what = _cut(draft, words, at, call.length)
    draft.became(what, "overlap", overlap, f'overlap = "{overlap}"; nothing outside of jobctl may need that lock')


def _strip_timeout(draft: CommandDraft, words: Sequence[Token], at: int) -> None:
    call = _call(words, at, "ks", "v", 1)
    if call is None or at + call.length >= len(words) or "timeout" in draft.keys:
        return
    signal = call.options.get("s", call.options.get("signal", "TERM")).upper().removeprefix("SIG")
    after = _seconds(call.arguments[0])
    grace = _seconds(call.options.get("k", call.options.get("kill-after", "0")))
    known = {"k", "kill-after", "s", "signal", "foreground", "v", "verbose"}
    if after is None or grace is None or signal not in ("TERM", "15") or not call.options.keys() <= known:
        draft.remark(Fate.KEPT, "`timeout` stays: its options have no counterpart")
        return
    what = _cut(draft, words, at, call.length)
    if after:
        draft.became(what, "timeout", write_duration(after), f'timeout = "{write_duration(after)}"')
    if grace:
        draft.keys["grace"] = write_duration(grace)


def _seconds(text: str) -> float | None:
    match = _SIMPLE_DURATION.fullmatch(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None


def _strip_nice(draft: CommandDraft, words: Sequence[Token], at: int) -> None:
    old = re.fullmatch(r"--?(\d{1,2})", words[at + 1].text) if at + 1 < len(words) else None
    if old:  # `nice -19`, of before there was -n; `nice --5` is -5
        value, length = (-1 if words[at + 1].text.startswith("--") else 1) * int(old[1]), 2
    else:
        call = _call(words, at, "n", "", 0)
        text = (call.options.get("n") or call.options.get("adjustment") or "10") if call else ""
        if call is None or not re.fullmatch(r"[+-]?\d{1,2}", text):
            return
        value, length = int(text), call.length
    if at + length >= len(words) or not -20 <= value <= 19 or "nice" in draft.keys:
        return
    what = _cut(draft, words, at, length)
    draft.became(what, "nice", value, f"nice = {value}")
