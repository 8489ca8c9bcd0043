"""The five fields of a crontab line as Debian's cron reads them, written so that jobctl's slots are the same.

Debian's cron takes much that jobctl refuses: ranges that run backwards (no value at all), a step on a single number
(without effect), steps that reach nothing. Each is replaced by what it means there, and told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jobctl.domain.cron_expression import parse
from jobctl.domain.cron_field import KINDS, MINUTE, MONTH_DAY, WEEKDAY, FieldKind
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.importers.findings import CannotKeep, Fate, Remark

_ELEMENT = re.compile(r"(\*|\d{1,9}|[a-z]+)(?:-(\d{1,9}|[a-z]+))?(?:/(\d{1,9}))?", re.ASCII | re.IGNORECASE)
_RANDOM = re.compile(r"(\d{1,9})?~(\d{1,9})?", re.ASCII)


@dataclass(slots=True)
class _Field:
    """A field on its way: `elements` are what jobctl reads; `lost_star` when it began with `*` and cannot any more."""

    kind: FieldKind
    original: str
    elements: list[str] = field(default_factory=list)
    lost_star: bool = False

    @property
    def starred(self) -> bool:
        return self.original.startswith("*")

    @property
    def text(self) -> str:
        text = ",".join(self.elements)
        if not self.starred and text.startswith("*"):  # what stood before it is gone, and it must not become wild
            text = f"{self.kind.low}-{self.kind.high}{text[1:]}"
        return text


def read_fields(words: list[str]) -> tuple[str, list[Remark]]:
    """The expression with the same slots, and what was noticed. CannotKeep: it never fires, or is no cron."""
    remarks: list[Remark] = []
    fields = [_read(kind, word, remarks) for kind, word in zip(KINDS, words, strict=True)]
    for one in fields:
        if not one.elements:
            raise CannotKeep(f'{one.kind.name} "{one.original}" runs backwards: cron takes it and never fires')
    _judge_lost_stars(fields, remarks)
    expression = " ".join(one.text for one in fields)
    try:
        parse(expression)
    except ScheduleProblem as problem:
        never = ": cron takes it and never fires" if "never come" in problem.message else ""
        raise CannotKeep(f"{problem.message}{never}; {problem.hint}") from None
    _remark_on_days(fields[2], fields[4], remarks)
    return expression, remarks


def _read(kind: FieldKind, word: str, remarks: list[Remark]) -> _Field:
    read = _Field(kind, word)
    for position, element in enumerate(word.split(",")):
        if match := _RANDOM.fullmatch(element):
            read.elements.append(_drawn(kind, element, match, remarks))
        else:
            _read_element(read, element, position, remarks)
    return read


def _read_element(read: _Field, element: str, position: int, remarks: list[Remark]) -> None:
    kind = read.kind
    match = _ELEMENT.fullmatch(element)
    if match is None or (match[1] == "*" and match[2]):
        raise CannotKeep(f'{kind.name} "{element}" is nothing that cron understands')
    step = int(match[3]) if match[3] else 1
    if step == 0:
        raise CannotKeep(f'{kind.name} "{element}" has a step of 0, which cron refuses')
    if match[1] == "*":
        if step > 1 and kind.low + step > _top(kind):
            read.lost_star = read.lost_star or position == 0
            remarks.append(_kept(f'{kind.name} "{element}" reaches {kind.low} alone'))
            read.elements.append(str(kind.low))
        else:
            read.elements.append(element)
        return
    low = _number(kind, match[1])
    high = _number(kind, match[2]) if match[2] else low
    if match[2] is None:
        if step > 1:
            remarks.append(
                _kept(f'{kind.name} "{element}" is {low} alone: Debian\'s cron ignores a step without a range')
            )
        read.elements.append(match[1])
    elif low > high:
        remarks.append(_kept(f'{kind.name} "{element}" runs backwards and never fires in Debian\'s cron: left out'))
    elif low == high or low + step > high:
        remarks.append(_kept(f'{kind.name} "{element}" is {low} alone'))
        read.elements.append(str(low))
    else:
        read.elements.append(element)


def _kept(message: str) -> Remark:
    return Remark(Fate.KEPT, message)


def _top(kind: FieldKind) -> int:
    return 6 if kind is WEEKDAY else kind.high


def _number(kind: FieldKind, text: str) -> int:
    word = text.lower()
    if word in kind.names:
        return kind.low + kind.names.index(word)
    if not word.isdecimal() or not kind.low <= int(word) <= kind.high:
        raise CannotKeep(f'{kind.name} "{text}" is outside {kind.low} to {kind.high}: cron refuses the line')
    return int(word)


def _drawn(kind: FieldKind, element: str, match: re.Match[str], remarks: list[Remark]) -> str:
    """`a~b` of OpenBSD's cron and cronie: drawn when the crontab is read, here once from the job's name."""
    if kind not in (MINUTE, KINDS[1], MONTH_DAY):
        raise CannotKeep(f'{kind.name} "{element}" is random: write "H" for a value drawn from the job\'s name')
    low, high = int(match[1] or kind.low), int(match[2] or kind.hash_high)
    if not kind.low <= low < high <= kind.high:
        raise CannotKeep(f'{kind.name} "{element}" is nothing that cron understands')
    drawn = "H" if match[1] is None and match[2] is None else f"H({low}-{high})"
    remarks.append(
        Remark(Fate.CHANGED, f'{kind.name} "{element}" became "{drawn}": drawn once, from the name of the job')
    )
    return drawn


def _judge_lost_stars(fields: list[_Field], remarks: list[Remark]) -> None:
    """A leading `*` also decides about clock changes (time fields) and about "and" or "or" (day fields)."""
    for one, other in ((fields[2], fields[4]), (fields[4], fields[2])):
        if one.lost_star and not other.starred:
            raise CannotKeep(
                f'{one.kind.name} "{one.original}" beside {other.kind.name} "{other.original}" means both at once, '
                'which cannot be said here; "1#1" is a first Monday'
            )
    if any(one.lost_star for one in fields[:2]) and not any(one.starred and not one.lost_star for one in fields[:2]):
        remarks.append(
            Remark(Fate.CHANGED, "in the night when clocks are set it is a fixed time here, where cron had a wildcard")
        )


def _remark_on_days(date: _Field, weekday: _Field, remarks: list[Remark]) -> None:
    if date.text == "*" or weekday.text == "*":
        return
    both = date.starred or weekday.starred
    said = "both must match" if both else "either may match"
    remarks.append(_kept(f"day of month and day of week are both given: {said}, as in Debian's cron"))
