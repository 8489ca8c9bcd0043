"""Keys as terminals send them: letters as they are, and sequences of bytes for the others."""

from __future__ import annotations

import codecs

UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = "up", "down", "page up", "page down", "home", "end"
ENTER, ESCAPE, BACKSPACE = "enter", "escape", "backspace"

_SEQUENCES = {
    "\x1b[A": UP, "\x1bOA": UP, "\x1b[B": DOWN, "\x1bOB": DOWN,
    "\x1b[5~": PAGE_UP, "\x1b[6~": PAGE_DOWN,
    "\x1b[H": HOME, "\x1bOH": HOME, "\x1b[1~": HOME, "\x1b[7~": HOME,
    "\x1b[F": END, "\x1bOF": END, "\x1b[4~": END, "\x1b[8~": END,
    "\x1bOP": "F1", "\x1b[11~": "F1", "\x1b[[A": "F1",
    "\x1bOS": "F4", "\x1b[14~": "F4", "\x1b[[D": "F4",
    "\x1b[17~": "F6", "\x1b[20~": "F9", "\x1b[21~": "F10",
}  # fmt: skip
_SINGLE = {"\r": ENTER, "\n": ENTER, "\x7f": BACKSPACE, "\x08": BACKSPACE, "\x1b": ESCAPE, "\x0e": DOWN, "\x10": UP}
_LONGEST = 16


class KeyDecoder:
    """Bytes in, keys out. A sequence that nobody knows is one unknown key and never a row of letters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        self._rest = ""

    def feed(self, data: bytes) -> list[str]:
        """The keys that are complete; an escape at the end may be the beginning of a sequence (see `flush`)."""
        self._rest += self._decoder.decode(data)
        keys = []
        while self._rest:
            length = _length_of_first(self._rest)
            if length is None:
                break
            keys += _key(self._rest[:length])
            self._rest = self._rest[length:]
        return keys

    @property
    def is_waiting(self) -> bool:
        """Whether a sequence has begun; one that does not go on at once is the key Escape."""
        return bool(self._rest)

    def flush(self) -> list[str]:
        """Nothing followed: what began was no sequence."""
        was_alone, self._rest = self._rest == "\x1b", ""
        return [ESCAPE] if was_alone else []


def _length_of_first(text: str) -> int | None:
    """How long the first key is; None: not all of it has come."""
    if text[0] != "\x1b":
        return 1
    if len(text) == 1:
        return None
    if text[1] == "\x1b":
        return 1
    if text[1] == "O":
        return 3 if len(text) >= 3 else None
    if text[1] != "[":
        return 2  # with Alt
    if text[2:3] == "[":
        return 4 if len(text) >= 4 else None
    for place, sign in enumerate(text[2:_LONGEST], 3):
        if "@" <= sign <= "~":
            return place
    return _LONGEST if len(text) >= _LONGEST else None


def _key(text: str) -> list[str]:
    if text in _SINGLE:
        return [_SINGLE[text]]
    if text[0] == "\x1b":
        return [_SEQUENCES[text]] if text in _SEQUENCES else []
    return [text] if text.isprintable() else []
