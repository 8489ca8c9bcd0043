"""How one field of a cron expression is read, and what is refused.

`*`, `a`, `a-b`, `/n` and names are Debian's crontab(5); `L`, `LW`, `nW`, `n#k` and `nL` are Quartz's; `H`, `H(a-b)` and
`H/n` are Jenkins's. What other crons read differently, or what can only be a slip, is refused with what to write
instead.
"""

from __future__ import annotations

import re
from functools import lru_cache

from jobctl.domain.cron_field import HOUR, MINUTE, MONTH_DAY, WEEKDAY, Field, FieldKind, Form, Piece
from jobctl.domain.schedule_problem import ScheduleProblem

_VALUE = r"(\d+|[a-z]+)"
_STAR = re.compile(r"\*(?:/(\d+))?", re.ASCII)
_RANGE = re.compile(rf"{_VALUE}(?:-{_VALUE})?(?:/(\d+))?", re.ASCII)
_HASHED = re.compile(r"h(?:\((\d+)-(\d+)\))?(?:/(\d+))?", re.ASCII)
_WORKDAY = re.compile(r"(\d+|l)w", re.ASCII)
_NTH = re.compile(rf"{_VALUE}#(\d+)", re.ASCII)
_LAST = re.compile(r"(\d|sun|mon|tue|wed|thu|fri|sat)l", re.ASCII)


@lru_cache(maxsize=4_096)
def parse_field(kind: FieldKind, text: str) -> Field:
    """The field that `text` spells, shared. ScheduleProblem names the field and the element."""
    return Field(kind, tuple(_parse_piece(kind, element) for element in text.split(",")))


def _parse_piece(kind: FieldKind, element: str) -> Piece:
    word = element.lower()
    if match := _STAR.fullmatch(word):
        return _stepped(kind, element, Form.STAR, kind.low, kind.high, match[1])
    if match := _HASHED.fullmatch(word):
        return _hashed(kind, element, match)
    special = _special_day(kind, element, word)
    if special is not None:
        return special
    if match := _RANGE.fullmatch(word):
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
        if form is Form.STAR and (kind is MINUTE or kind is HOUR):
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


def _special_day(kind: FieldKind, element: str, word: str) -> Piece | None:
    if kind is MONTH_DAY:
        if word == "l":
            return Piece(Form.LAST_DAY, 0, 0)
        if match := _WORKDAY.fullmatch(word):
            if match[1] == "l":
                return Piece(Form.LAST_WORKDAY, 0, 0)
            day = _number(kind, element, match[1])
            return Piece(Form.NEAREST_WORKDAY, day, day)
    if kind is WEEKDAY:
        if match := _NTH.fullmatch(word):
            day, nth = _number(kind, element, match[1]) % 7, int(match[2])
            if not 1 <= nth <= 5:
                raise _problem(kind, element, "asks for a week that no month has", f'write "{day}#1" to "{day}#5"')
            return Piece(Form.NTH_WEEKDAY, day, day, nth)
        if match := _LAST.fullmatch(word):
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
    article = "an" if kind.name == "hour" else "a"
    return f"write {article} {kind.name} from {kind.low} to {kind.high}"


def _unknown(kind: FieldKind, element: str) -> ScheduleProblem:
    word = element.lower()
    if not word:
        return _problem(kind, element, "is an empty element of a list", "take the superfluous comma away")
    if word == "?":
        return _problem(kind, element, "is not cron", 'write "*"')
    if word == "r" or word.startswith("r("):
        return _problem(
            kind, element, "would be random at each start", 'write "H", which is drawn once from the job\'s name'
        )
    if word == "l" and kind is WEEKDAY:
        return _problem(kind, element, "does not say which day is last", 'write "5L" for the last Friday of the month')
    for home, its_own in ((MONTH_DAY, _WORKDAY.fullmatch(word) or word == "l"), (WEEKDAY, _counted_day(word))):
        if its_own and kind is not home:
            return _problem(kind, element, f"belongs into the {home.name} field", f"write {_values_hint(kind)}")
    return _problem(kind, element, "is not understood", f"write {_values_hint(kind)}")


def _counted_day(word: str) -> bool:
    return bool(_NTH.fullmatch(word) or _LAST.fullmatch(word))


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
