"""One parsed field of a cron expression: its values and its canonical text. `cron_grammar` reads it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b


@dataclass(frozen=True, slots=True, eq=False)
class FieldKind:
    """What one of the five fields may hold. `names[i]` stands for `low + i`. There are the five below and no others."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    hash_high: int = 0  # the largest value that H takes: every month has a day 28


MINUTE = FieldKind("minute", 0, 59, hash_high=59)
HOUR = FieldKind("hour", 0, 23, hash_high=23)
MONTH_DAY = FieldKind("day of month", 1, 31, hash_high=28)
MONTH = FieldKind(
    "month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), hash_high=12
)
WEEKDAY = FieldKind("day of week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"), hash_high=6)
KINDS = (MINUTE, HOUR, MONTH_DAY, MONTH, WEEKDAY)


class Form(enum.Enum):
    """How a piece picks its values."""

    STAR = enum.auto()  # `*`, `*/n`
    RANGE = enum.auto()  # `a-b`, `a-b/n`; a single value has low == high
    HASHED = enum.auto()  # `H`, `H(a-b)`, `H/n`, `H(a-b)/n`
    LAST_DAY = enum.auto()  # `L` in day of month
    LAST_WORKDAY = enum.auto()  # `LW`
    NEAREST_WORKDAY = enum.auto()  # `nW`, n in low
    NTH_WEEKDAY = enum.auto()  # `n#k`, n in low, k in step
    LAST_WEEKDAY = enum.auto()  # `nL` in day of week, n in low


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of a field. `low` to `high` by `step`; `step` is 0 where a HASHED piece is a single value."""

    form: Form
    low: int
    high: int
    step: int = 1

    def values(self) -> range:
        """The numbers of a STAR or RANGE piece."""
        return range(self.low, self.high + 1, self.step)


@dataclass(frozen=True)
class Field:
    """One parsed field. `starred`: its text begins with `*`, which decides WILD and the rule of the two day fields.

    Expressions share their fields (`cron_grammar.parse_field`), so what each asks for is worked out once.
    """

    kind: FieldKind
    pieces: tuple[Piece, ...]

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def starred(self) -> bool:
        return self.pieces[0].form is Form.STAR

    @cached_property
    def hashed(self) -> bool:
        """Whether something in it is drawn from the name of a job."""
        return any(piece.form is Form.HASHED for piece in self.pieces)

    @property
    def unrestricted(self) -> bool:
        """Whether the field is just `*`."""
        return len(self.pieces) == 1 and self.starred and self.pieces[0].step == 1

    def values(self) -> tuple[int, ...]:
        """The sorted numbers of the STAR and RANGE pieces; Sunday is 0."""
        return self._values

    @cached_property
    def _values(self) -> tuple[int, ...]:
        numbers = {value for piece in self.pieces if piece.form in (Form.STAR, Form.RANGE) for value in piece.values()}
        if self.kind is WEEKDAY and 7 in numbers:
            numbers = numbers - {7} | {0}
        return tuple(sorted(numbers))

    @cached_property
    def text(self) -> str:
        """The canonical text: numbers for names, 0 for a lone Sunday, no range or step without effect."""
        return ",".join(dict.fromkeys(_text_of(self.kind, piece) for piece in self.pieces))


def _text_of(kind: FieldKind, piece: Piece) -> str:
    if piece.form is Form.STAR:
        return "*" if piece.step == 1 else f"*/{piece.step}"
    if piece.form is Form.RANGE:
        if piece.low == piece.high:
            return str(piece.low % 7 if kind is WEEKDAY else piece.low)
        return f"{piece.low}-{piece.high}" + (f"/{piece.step}" if piece.step > 1 else "")
    if piece.form is Form.HASHED:
        whole = (piece.low, piece.high) == (kind.low, kind.hash_high)
        return ("H" if whole else f"H({piece.low}-{piece.high})") + (f"/{piece.step}" if piece.step else "")
    if piece.form is Form.NTH_WEEKDAY:
        return f"{piece.low}#{piece.step}"
    simple = {Form.LAST_DAY: "L", Form.LAST_WORKDAY: "LW", Form.NEAREST_WORKDAY: f"{piece.low}W"}
    return simple.get(piece.form, f"{piece.low}L")


def resolve_hashes(field: Field, job_name: str) -> Field:
    """The field with each H replaced by what the job's name draws; a field without H is returned as it is.

    The draw is BLAKE2b(`field name` NUL `job name`), 8 bytes, big-endian, modulo the number of choices. It never
    changes between starts, hosts or versions.
    """
    if not field.hashed:
        return field
    digest = blake2b(f"{field.kind.name}\0{job_name}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big")
    return Field(field.kind, tuple(_drawn(piece, number) for piece in field.pieces))


def _drawn(piece: Piece, number: int) -> Piece:
    if piece.form is not Form.HASHED:
        return piece
    if piece.step:
        return Piece(Form.RANGE, piece.low + number % piece.step, piece.high, piece.step)
    value = piece.low + number % (piece.high - piece.low + 1)
    return Piece(Form.RANGE, value, value)
