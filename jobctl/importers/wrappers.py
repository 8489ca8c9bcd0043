"""Programs that only run another one: `timeout`, `nice`, `ionice`, `chronic`, and those that lock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from jobctl.domain.units import write_duration
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.locks import strip_lock
from jobctl.importers.shell_text import Token
from jobctl.importers.wrapper_call import cut, read_call, words_of_single_call

_SIMPLE_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def strip(draft: CommandDraft, shared_locks: frozenset[str]) -> None:
    """Take the wrappers off a command that is nothing but one call. `ionice` has no key and stays."""
    words = words_of_single_call(draft.command)
    if len(words) < 2:
        return
    at = _past_ionice(words)
    name = PurePosixPath(words[at].text).name if at < len(words) else ""
    if name == "timeout":
        _strip_timeout(draft, words, at)
    elif name == "nice":
        _strip_nice(draft, words, at)
    elif name in ("chronic", "cronic") and at + 1 < len(words) and not words[at + 1].text.startswith("-"):
        cut(draft, words, at, 1)
        draft.remark(Fate.KEPT, f"`{name}` is gone: output is kept, and only failures are told")
    elif name:
        strip_lock(draft, words, at, shared_locks)


def _past_ionice(words: Sequence[Token]) -> int:
    if PurePosixPath(words[0].text).name != "ionice":
        return 0
    call = read_call(words, 0, "cn", "t", 0)
    return call.length if call else 0


def _strip_timeout(draft: CommandDraft, words: Sequence[Token], at: int) -> None:
    call = read_call(words, at, "ks", "v", 1)
    if call is None or at + call.length >= len(words) or "timeout" in draft.keys:
        return
    signal = call.options.get("s", call.options.get("signal", "TERM")).upper().removeprefix("SIG")
    after = _seconds(call.arguments[0])
    grace = _seconds(call.options.get("k", call.options.get("kill-after", "0")))
    known = {"k", "kill-after", "s", "signal", "foreground", "v", "verbose"}
    if after is None or grace is None or signal not in ("TERM", "15") or not call.options.keys() <= known:
        draft.remark(Fate.KEPT, "`timeout` stays: its options have no counterpart")
        return
    what = cut(draft, words, at, call.length)
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
        call = read_call(words, at, "n", "", 0)
        text = (call.options.get("n") or call.options.get("adjustment") or "10") if call else ""
        if call is None or not re.fullmatch(r"[+-]?\d{1,2}", text):
            return
        value, length = int(text), call.length
    if at + length >= len(words) or not -20 <= value <= 19 or "nice" in draft.keys:
        return
    what = cut(draft, words, at, length)
    draft.became(what, "nice", value, f"nice = {value}")
