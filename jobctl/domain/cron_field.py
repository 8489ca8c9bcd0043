"""One field of a cron expression: its grammar, its canonical text, its refusals.

An element of the comma-separated list is a `Piece`. `*`, `a`, `a-b`, `/n` and names are Debian's crontab(5); `L`, `LW`,
`nW`, `n#k` and `nL` are Quartz's; `H`, `H(a-b)` and `H/n` are Jenkins's. What other crons read differently or what can
only be a slip is refused with what to write instead.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from hashlib import blake2b

from jobctl.domain.schedule_problem import ScheduleProblem


@dataclass(frozen=True, slots=True)
class FieldKind:
    """What one of the five fields may hold. `names[i]` stands for `low + i`."""

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


@dataclass(frozen=True, slots=True)
class Field:
    """One parsed field. `starred`: its text begins with `*`, which decides WILD and the rule of the two day fields."""

    kind: FieldKind
    pieces: tuple[Piece, ...]

    @property
    def starred(self) -> bool:
        return self.pieces[0].form is Form.STAR

    @property
    def unrestricted(self) -> bool:
        """Whether the field is just `*`."""
        return len(self.pieces) == 1 and self.starred and self.pieces[0].step == 1

    def values(self) -> tuple[int, ...]:
        """The sorted numbers of the STAR and RANGE pieces; Sunday is 0."""
        numbers = {value for piece in self.pieces if piece.form in (Form.STAR, Form.RANGE) for value in piece.values()}
        if self.kind is WEEKDAY and 7 in numbers:
            numbers = numbers - {7} | {0}
        return tuple(sorted(numbers))

    def text(self) -> str:
        """The canonical text: numbers for names, 0 for a lone Sunday, no range or step without effect."""
        return ",".join(dict.fromkeys(_text_of(self.kind, piece) for piece in self.pieces))


_VALUE = r"(\d+|[a-z]+)"
_STAR = re.compile(r"\*(?:/(\d+))?")
_RANGE = re.compile(rf"{_VALUE}(?:-{_VALUE})?(?:/(\d+))?")
_HASHED = re.compile(r"h(?:\((\d+)-(\d+)\))?(?:/(\d+))?")
_WORKDAY = re.compile(r"(\d+|l)w")
_NTH = re.compile(rf"{_VALUE}#(\d+)")
_LAST = re.compile(r"(\d|sun|mon|tue|wed|thu|fri|sat)l")


def parse_field(kind: FieldKind, text: str) -> Field:
    """The field that `text` spells. ScheduleProblem names the field and the element."""
    return Field(kind, tuple(_parse_piece(kind, element) for element in text.lower().split(",")))


def _parse_piece(kind: FieldKind, element: str) -> Piece:
    if match := _STAR.fullmatch(element):
        return _stepped(kind, element, Form.STAR, kind.low, kind.high, match[1])
    if match := _HASHED.fullmatch(element):
        return _hashed(kind, element, match)
    special = _special_day(kind, element)
    if special is not None:
        return special
    if match := _RANGE.fullmatch(element):
        return _range(kind, element, match)
    raise _unknown(kind, element)


def _range(kind: FieldKind, element: str, match: re.Match[str]) -> Piece:
    low = _number(kind, element, match[1])
    if match[2] is None:
        if match[3] is not None:
            raise _problem(
                kind, element, "has a step without a range, which crons read differently",
                f'write "{low}-{_top(kind)}/{match[3]}" to go on to the end, or "{low}"',
            )  # fmt: skip
        return Piece(Form.RANGE, low, low)
    high = _number(kind, element, match[2])
    if kind is WEEKDAY and match[2] == "sun" and low > 0:
        high = 7  # Sunday ends a week as well as it begins one
    if low > high:
        raise _problem(kind, element, "runs backwards", f'write "{_forwards(kind, low, high)}"')
    return _stepped(kind, element, Form.RANGE, low, high, match[3])


def _stepped(kind: FieldKind, element: str, form: Form, low: int, high: int, step_text: str | None) -> Piece:
    if step_text is None:
        return Piece(form, low, high)
    step = int(step_text)
    if step == 0:
        raise _problem(kind, element, "has a step of 0, which never moves on", f'write "{element.partition("/")[0]}"')
    if step > 1 and low + step > (_top(kind) if form is Form.STAR else high):
        instead = f'write "{low}" if that is meant'
        if kind is MINUTE or kind is HOUR:
            instead += f', or every = "{step}{kind.name[0]}" for an interval'
        raise _problem(kind, element, f"has a step that reaches nothing after {low}", instead)
    return Piece(form, low, high, step)


def _hashed(kind: FieldKind, element: str, match: re.Match[str]) -> Piece:
    low, high = kind.low, kind.hash_high
    if match[1] is not None:
        low, high = _number(kind, element, match[1]), _number(kind, element, match[2])
        if low > high:
            raise _problem(kind, element, "runs backwards", f'write "H({high}-{low})"')
    if match[3] is None:
        return Piece(Form.HASHED, low, high, 0)
    step = int(match[3])
    if not 0 < step <= high - low:
        raise _problem(kind, element, f"has a step outside 1 to {high - low}", 'write "H" for one value')
    return Piece(Form.HASHED, low, high, step)


def _special_day(kind: FieldKind, element: str) -> Piece | None:
    if kind is MONTH_DAY:
        if element == "l":
            return Piece(Form.LAST_DAY, 0, 0)
        if match := _WORKDAY.fullmatch(element):
            if match[1] == "l":
                return Piece(Form.LAST_WORKDAY, 0, 0)
            day = _number(kind, element, match[1])
            return Piece(Form.NEAREST_WORKDAY, day, day)
    if kind is WEEKDAY:
        if match := _NTH.fullmatch(element):
            day, nth = _number(kind, element, match[1]) % 7, int(match[2])
            if not 1 <= nth <= 5:
                raise _problem(kind, element, "asks for a week that no month has", f'write "{day}#1" to "{day}#5"')
            return Piece(Form.NTH_WEEKDAY, day, day, nth)
        if match := _LAST.fullmatch(element):
            day = _number(kind, element, match[1]) % 7
            return Piece(Form.LAST_WEEKDAY, day, day)
    return None


def _number(kind: FieldKind, element: str, text: str) -> int:
    if text in kind.names:
        return kind.low + kind.names.index(text)
    if not text.isdecimal():
        raise _unknown(kind, element)
    number = int(text)
    if not kind.low <= number <= kind.high:
        raise _problem(kind, element, f"is outside {kind.low} to {kind.high}", _range_hint(kind, number))
    return number


def _range_hint(kind: FieldKind, number: int) -> str:
    if kind is HOUR and number == 24:
        return 'write "0" for midnight'
    if kind is MINUTE and number == 60:
        return 'write "0" for the full hour'
    return f"write a {kind.name} from {kind.low} to {kind.high}"


def _unknown(kind: FieldKind, element: str) -> ScheduleProblem:
    if not element:
        return _problem(kind, element, "is an empty element of a list", "take the superfluous comma away")
    if element == "?":
        return _problem(kind, element, "is not cron", 'write "*"')
    if element == "r" or element.startswith("r("):
        return _problem(
            kind, element, "would be random at each start", 'write "H", which is drawn once from the job\'s name'
        )
    if element == "l" and kind is WEEKDAY:
        return _problem(kind, element, "does not say which day is last", 'write "5L" for the last Friday of the month')
    if element == "l" or _WORKDAY.fullmatch(element) or "#" in element or _LAST.fullmatch(element):
        return _problem(kind, element, "belongs into a day field", f"write {_values_hint(kind)}")
    return _problem(kind, element, "is not understood", f"write {_values_hint(kind)}")


def _values_hint(kind: FieldKind) -> str:
    names = f" or {kind.names[0]} to {kind.names[-1]}" if kind.names else ""
    return f'"*", {kind.low} to {kind.high}{names}, "a-b", "a-b/n" or "*/n", in a list with commas'


def _forwards(kind: FieldKind, low: int, high: int) -> str:
    """The two ranges that a backwards range stands for."""
    if kind is WEEKDAY and high == 0:
        return f"{low}-7"
    top = _top(kind)
    upper = f"{low}-{top}" if low < top else f"{low}"
    lower = f"{kind.low}-{high}" if high > kind.low else f"{kind.low}"
    return f"{upper},{lower}"


def _top(kind: FieldKind) -> int:
    return 6 if kind is WEEKDAY else kind.high


def _problem(kind: FieldKind, element: str, what: str, hint: str) -> ScheduleProblem:
    return ScheduleProblem(f'{kind.name} "{element}" {what}', hint)


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
    if all(piece.form is not Form.HASHED for piece in field.pieces):
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
