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


@lru_cache(maxsize=64)  # the lines of a log share their secrets
def _pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    forms = {form for value in values for part in (value, *value.splitlines()) for form in _forms(part)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))  # a value may begin with another one
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _forms(value: str) -> set[str]:
    bare = value.strip()
    if len(bare) < SHORTEST:
        return set()
    encoded = bare.encode("utf-8", "surrogateescape")
    return {bare, json.dumps(bare)[1:-1], json.dumps(bare, ensure_ascii=False)[1:-1], quote(encoded, safe="")}
