"""`flock` and its kind in front of a command: what they lock, and the `overlap` that takes their place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePosixPath

from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.findings import Fate
from jobctl.importers.shell_text import Sort, Token, segments, tokens
from jobctl.importers.wrapper_call import Call, cut, read_call, words_of_single_call

_NO_WAIT = {("n", ""), ("nb", ""), ("nonblock", ""), ("w", "0"), ("wait", "0"), ("timeout", "0")}
_PLAIN_FLOCK = {(name, "") for name in ("x", "e", "exclusive", "o", "close", "F", "no-fork", "v", "verbose")}
_FILE_LOCKS = ("flock", "setlock", "lckdo", "lockf")


def lock_of(command: str) -> str | None:
    """The file that a command locks, wherever that stands in it; what `run-one` locks is the command."""
    for part in segments(tokens(command) or []):
        if part and PurePosixPath(part[0].text).name == "run-one":
            return _lock_of_run_one(part)
        for at, token in enumerate(part):
            if PurePosixPath(token.text).name in _FILE_LOCKS:
                return next((word.literal for word in part[at + 1 :] if word.text.startswith(("/", "$", "~"))), None)
    return None


def strip_lock(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    """Take the lock at this word off the command, where `overlap` says the same."""
    name = PurePosixPath(words[at].text).name
    if name == "flock":
        _strip_flock(draft, words, at, shared_locks)
    elif name == "run-one" and at + 1 < len(words) and not words[at + 1].text.startswith("-"):
        _strip_run_one(draft, words, at, shared_locks)
    elif name in _FILE_LOCKS:
        _strip_other(draft, words, at, shared_locks)


def _lock_of_run_one(words: Sequence[Token]) -> str:
    """Its command with all arguments."""
    return " ".join(token.text for token in takewhile(lambda token: token.sort is Sort.WORD, words))


def _strip_run_one(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    if _lock_of_run_one(words[at:]) in shared_locks:
        draft.remark(Fate.KEPT, "`run-one` stays: other lines run the same command")
        return
    cut(draft, words, at, 1)
    draft.became("run-one", "overlap", "skip", 'overlap = "skip"')


def _strip_flock(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    call = read_call(words, at, "wE", "nxeosuFv", 1)
    if call is None or at + call.length >= len(words) or _is_shared(draft, "flock", call.arguments[0], shared_locks):
        return
    lock = call.arguments[0]
    waits = not any(option in _NO_WAIT for option in call.options.items())
    if not call.options.items() <= _PLAIN_FLOCK | _NO_WAIT or lock.isdecimal():
        draft.remark(Fate.KEPT, "`flock` stays: its options have no counterpart")
        return
    inner = words[at + call.length]
    if inner.literal == "-c" or inner.text == "--command":
        text = words[at + call.length + 1].literal if at + call.length + 1 < len(words) else None
        rest = draft.command[words[-1].end :]
        if text is None or len(words) != at + call.length + 2 or (rest and not words_of_single_call(text)):
            draft.remark(Fate.KEPT, "`flock` stays: what is locked is more than one command")
            return
        what = draft.command[words[at].start : inner.end]
        draft.command = draft.command[: words[at].start] + text.strip() + rest
    else:
        what = cut(draft, words, at, call.length)
    _became_overlap(draft, what, waits=waits)


def _strip_other(draft: CommandDraft, words: Sequence[Token], at: int, shared_locks: frozenset[str]) -> None:
    """`setlock` of daemontools, `lckdo` of moreutils, `lockf` of FreeBSD."""
    name = PurePosixPath(words[at].text).name
    values, flags = {"setlock": ("", "nNxX"), "lckdo": ("W", "wqEex"), "lockf": ("t", "knpsw")}[name]
    call = read_call(words, at, values, flags, 1)
    if call is None or at + call.length >= len(words) or _is_shared(draft, name, call.arguments[0], shared_locks):
        return
    waits = _waits(name, call)
    if waits is None:
        draft.remark(Fate.KEPT, f"`{name}` stays: its options have no counterpart")
        return
    _became_overlap(draft, cut(draft, words, at, call.length), waits=waits)


def _waits(name: str, call: Call) -> bool | None:
    """Whether it waits for the lock; None where it does so for a time, or locks otherwise."""
    options = call.options
    if name == "setlock":
        return "n" not in options
    if name == "lockf":
        return None if options.get("t", "0") != "0" or "n" in options else "t" not in options
    return None if "W" in options else "w" in options


def _is_shared(draft: CommandDraft, name: str, lock: str, shared_locks: frozenset[str]) -> bool:
    if lock in shared_locks:
        draft.remark(Fate.KEPT, f"`{name}` stays: other lines lock {lock}, too")
    return lock in shared_locks


def _became_overlap(draft: CommandDraft, what: str, *, waits: bool) -> None:
    overlap = "queue" if waits else "skip"
    draft.became(what, "overlap", overlap, f'overlap = "{overlap}"; nothing outside of jobctl may need that lock')
