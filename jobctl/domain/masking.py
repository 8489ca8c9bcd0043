"""Values of secrets taken out of what people and programs get to see."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import quote

MASK = "***"
SHORTEST = 4  # a shorter value is no secret, and masking each `1` or `on` would leave nothing to read


def mask(text: str, values: Collection[str]) -> str:
    """The text with every occurrence of every value as `***`; also as JSON or a URL spells the value, and each line
    of a value of several lines. Values of fewer than four characters stay."""
    pattern = _pattern(frozenset(values))
    return text if pattern is None else pattern.sub(MASK, text)


def mask_bytes(data: bytes, values: Collection[str]) -> bytes:
    """The same for what may be no text; bytes that are none stay as they are."""
    return mask(data.decode("utf-8", "surrogateescape"), values).encode("utf-8", "surrogateescape")


def mask_end(data: bytes, values: Collection[str], most: int) -> bytes:
    """`mask_bytes` for the last `most` bytes of something, or all of it. So many may begin within a value, whose rest
    nobody knows for a secret: as much as that could be is left out."""
    masked = mask_bytes(data, values)
    return masked if len(data) < most else masked[max(map(len, byte_forms(values)), default=0) :]


def mask_document(value: object, values: Collection[str]) -> object:
    """The same for all texts, keys and numbers of a JSON document; what is masked in it becomes text."""
    if isinstance(value, str):
        return mask(value, values)
    if isinstance(value, (list, tuple)):
        return [mask_document(one, values) for one in value]
    if isinstance(value, dict):
        return {mask(str(name), values): mask_document(one, values) for name, one in value.items()}
    if isinstance(value, (int, float)):
        written = json.dumps(value)
        masked = mask(written, values)
        return value if masked == written else masked
    return value


def byte_forms(values: Collection[str]) -> tuple[bytes, ...]:
    """What is to be masked, in all spellings. To be looked for in this order: one may begin with another."""
    return tuple(form.encode("utf-8", "surrogateescape") for form in _longest_first(frozenset(values)))


class Masker:
    """`mask_bytes` for what comes in pieces: a value that is cut in two is masked as well."""

    def __init__(self, values: Collection[str]) -> None:
        self._forms = byte_forms(values)
        self._pattern = re.compile(b"|".join(map(re.escape, self._forms))) if self._forms else None
        self._initials = {form[0] for form in self._forms}
        self._held = b""

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """What can be shown by now. The end is held back while it may be the beginning of a value, until `final`."""
        if self._pattern is None:
            return data
        text, position = self._held + data, 0
        shown: list[bytes] = []
        while True:
            match = self._pattern.search(text, position)
            end = len(text) if match is None else match.start()
            held_from = None if final else self._unfinished(text, position, end)
            if held_from is not None or match is None:
                cut = end if held_from is None else held_from
                self._held = text[cut:]
                return b"".join((*shown, text[position:cut]))
            shown += [text[position:end], MASK.encode()]
            position = match.end()

    def _unfinished(self, text: bytes, first: int, last: int) -> int | None:
        """The first place from `first` to `last` from which all that is left is the beginning of a longer form."""
        for place in range(max(first, len(text) - len(self._forms[0]) + 1), min(last + 1, len(text))):
            if text[place] in self._initials:
                left = text[place:]
                if any(len(left) < len(form) and form.startswith(left) for form in self._forms):
                    return place
        return None


@lru_cache(maxsize=64)  # the lines of a log share their secrets
def _pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    forms = _longest_first(values)
    return re.compile("|".join(map(re.escape, forms))) if forms else None


def _longest_first(values: frozenset[str]) -> list[str]:
    """All spellings of all values; a value may begin with another one."""
    forms = {form for value in values for part in (value, *value.splitlines()) for form in _forms(part)}
    return sorted(forms, key=lambda form: (-len(form.encode("utf-8", "surrogateescape")), form))


def _forms(value: str) -> set[str]:
    bare = value.strip()
    if len(bare) < SHORTEST:
        return set()
    encoded = bare.encode("utf-8", "surrogateescape")
    in_json = {json.dumps(bare)[1:-1], json.dumps(bare, ensure_ascii=False)[1:-1]}
    with_slashes = {form.replace("/", "\\/") for form in in_json}  # as PHP writes them
    return {bare, *in_json, *with_slashes, quote(encoded, safe="")}
