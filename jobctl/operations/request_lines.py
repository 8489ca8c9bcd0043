"""Requests as JSON Lines: one object a line, `{"params": {…}, "id": …, "priority": …, "retries": …, "delay": …,
"at": …, "keep": …}`, each key optional, an empty line nothing. The objects mean what the options of the same names do.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, BinaryIO, NoReturn

from jobctl.domain.params import MAX_PAYLOAD
from jobctl.domain.units import DURATION_EXPECTED, parse_duration
from jobctl.operations.request import Request

MAX_LINE = 6 * MAX_PAYLOAD + 10_000  # bytes: a payload that writes each of its letters as \\u00e9
_LONGEST_DELAY = 100 * 365.25 * 86400
_TYPES: dict[str, tuple[type, str]] = {
    "params": (dict, "an object"), "id": (str, "a string"), "priority": (int, "a whole number"),
    "retries": (int, "a whole number"), "delay": (str, DURATION_EXPECTED), "at": (str, "a time in a string"),
    "keep": (bool, "true or false"),
}  # fmt: skip
_UNKNOWN = (None, "")


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"expected JSON, which has no {word}")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise ValueError(f"the key {json.dumps(twice[:40], ensure_ascii=False)} is there twice")
    return found


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_once_each)
_decode, _decode_beginning = _decoder.decode, _decoder.raw_decode


class WrongLine(ValueError):
    """What a line cannot mean; `problems` are sentences."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_requests(lines: BinaryIO, common: Request, now: int) -> Iterator[tuple[int, Request | WrongLine]]:
    """Each line that is not empty, with its number from 1: what it asks for, or what is wrong with it as it stands."""
    for number, line in _numbered(lines):
        try:
            yield number, _request(line, common, now)
        except WrongLine as wrong:
            yield number, wrong


def json_value(text: str | bytes) -> Any:
    """Strict JSON, each key of an object once. ValueError says what is wrong in words that show no value."""
    try:
        return _decode(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"expected JSON: {error.msg.lower()} at character {error.pos + 1}") from None
    except UnicodeDecodeError:
        raise ValueError("expected text in UTF-8") from None
    except RecursionError:
        raise ValueError("expected JSON that is not nested so deeply") from None


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None for one that is too long, of which no more than the limit is held."""
    number = 0
    while line := lines.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := lines.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif stripped := line.strip():
            yield number, stripped


def _plain_value(line: bytes) -> Any:
    """As `json_value`, in half the time; None: what only that one can read, or say what is wrong with."""
    try:
        text = line.decode()
        value, end = _decode_beginning(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _request(line: bytes | None, common: Request, now: int) -> Request:
    if line is None:
        raise WrongLine(f"longer than {MAX_LINE:,} bytes")
    try:
        document = _plain_value(line) or json_value(line)
    except ValueError as error:
        raise WrongLine(str(error)) from None
    if not isinstance(document, dict):
        raise WrongLine('expected an object such as {"params": {}}')
    if problems := _problems(document):
        raise WrongLine(*problems)
    params, texts = common.params, common.texts
    if "params" in document:
        params = {**params, **document["params"]} if params else document["params"]
        texts = {name: text for name, text in texts.items() if name not in params} if texts else texts
    return Request(
        params=params,
        texts=texts,
        due_at=_due_at(document, now) if "delay" in document or "at" in document else common.due_at,
        priority=document.get("priority", common.priority),
        retries=document.get("retries", common.retries),
        key=document.get("id", common.key),
        keep=document.get("keep", common.keep),
    )


def _problems(document: dict[str, Any]) -> list[str]:
    strangers, others = [], []
    for name, value in document.items():
        kind, expected = _TYPES.get(name, _UNKNOWN)
        if kind is None:
            strangers.append(_stranger(name))
        elif type(value) is not kind:  # of JSON there are no others, and true is no number
            others.append(f"{name}: expected {expected}")
    if "delay" in document and "at" in document:
        others.append("delay and at exclude each other")
    return strangers + others


def _stranger(name: str) -> str:
    near = get_close_matches(name, _TYPES, n=1)
    meant = f'did you mean "{near[0]}"?' if near else f'params go into {{"params": {{{json.dumps(name)}: …}}}}'
    return f"{json.dumps(name[:40], ensure_ascii=False)}: unknown key; {meant}"


def _due_at(document: dict[str, Any], now: int) -> int:
    if "delay" in document:
        try:
            seconds = parse_duration(document["delay"])
        except ValueError as error:
            raise WrongLine(f"delay: {error}") from None
        if seconds > _LONGEST_DELAY:
            raise WrongLine("delay: longer than 100 years")
        return now + round(1000 * seconds)
    # Zones and their clock changes, for those who give a time.
    from jobctl.config.system_zone import system_zone
    from jobctl.domain.when import EXPECTED, NotAnInstant, Toward, parse_instant

    try:
        return parse_instant(document["at"], now, system_zone(), Toward.FUTURE)
    except NotAnInstant:
        raise WrongLine(f"at: expected {EXPECTED}") from None
