"""Bytes of unknown origin made safe to show on a terminal: nothing in them can move the cursor, change colours, set
the title, reorder text or end the line early. What is not text is shown as `\\x1b`."""

from __future__ import annotations

import codecs

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SEPARATORS = (0x2028, 0x2029)
_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
_VISIBLE |= {code: f"\\u{code:04x}" for code in (*_BIDI, *_SEPARATORS)}


class Neutraliser:
    """For text that comes in pieces: characters and line ends may be split between them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="backslashreplace")
        self._carriage_return = ""

    def feed(self, piece: bytes, *, final: bool = False) -> str:
        """The safe text of the next piece; `final` when none follows."""
        text = self._carriage_return + self._decoder.decode(piece, final)
        self._carriage_return = ""
        if text.endswith("\r") and not final:
            text, self._carriage_return = text[:-1], "\r"
        return text.replace("\r\n", "\n").translate(_VISIBLE)


def neutralise(data: bytes) -> str:
    """The safe text of `data`: control characters and invalid UTF-8 visible, newlines and tabs as they are."""
    return Neutraliser().feed(data, final=True)
