"""How far a running attempt says that it is: a percentage and a few words, kept as one line of text.

Nothing is imported here: a job may call `jobctl progress` in a loop, and each call pays for its imports.
"""

from __future__ import annotations

Progress = tuple[float, str | None]  # percent from 0 to 100, and what the job is at

EXPECTED = "a number from 0 to 100, such as 40, 40% or 3/10"
MAX_MESSAGE = 500  # characters; a longer message is cut
MAX_LINE = 4 * MAX_MESSAGE + 100  # bytes
_DIGITS = frozenset("0123456789.")


def read_amount(text: str) -> float:
    """Percent for `40`, `40%`, `12.5` and `3/10`. ValueError for everything else."""
    words = text.strip()
    done, slash, whole = words.partition("/")
    if slash:
        return _percent(100 * _number(done) / (_number(whole) or -1))
    return _percent(_number(words.removesuffix("%").rstrip()))


def one_line(message: str) -> str:
    """The message as it is kept: on one line, cut where it is too long."""
    words = " ".join(message.split())
    return words if len(words) <= MAX_MESSAGE else words[: MAX_MESSAGE - 1] + "…"


def encode(progress: Progress) -> bytes:
    """The line that `decode` reads back."""
    percent, message = progress
    return f"{percent:.6g} {one_line(message or '')}\n".encode("utf-8", "replace")


def decode(content: bytes) -> Progress | None:
    """What the first line says; None when it says nothing, since whoever has the job's rights can write it."""
    first = content[:MAX_LINE].split(b"\n", 1)[0].decode("utf-8", "replace")
    amount, _, message = first.partition(" ")
    try:
        return read_amount(amount), one_line(message) or None
    except ValueError:
        return None


def _number(text: str) -> float:
    text = text.strip()
    if not text or not _DIGITS.issuperset(text):
        raise ValueError(f"expected {EXPECTED}")
    return float(text)


def _percent(value: float) -> float:
    if not 0 <= value <= 100:
        raise ValueError(f"expected {EXPECTED}")
    return value
