"""The short way of a payload makes what the long one makes, or leaves it to that one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.job import Param
from jobctl.domain.params import MAX_PAYLOAD, Signature, WrongParams
from jobctl.domain.plain_payload import PlainPayloads

LETTER = {
    "to": Param("string", required=True, pattern="@", max_length=20),
    "name": Param("string", min_length=2),
    "template": Param("string", choices=("welcome", "grüße", "@"), default="grüße", min_length=2),
    "copies": Param("integer", minimum=1.5, maximum=9),
    "number": Param("integer"),
    "size": Param("integer", choices=(1, 2, 2**70)),
    "ratio": Param("number", minimum=0),
    "scale": Param("number", choices=(1, 2.5)),
    "urgent": Param("boolean", default=False),
    "tags": Param("list", max_length=2, default=("a", 1)),
    "plain": Param("string", default='a "quoted" \\ text\n'),
}
TEXTS = st.text(max_size=22) | st.sampled_from(["a@b", "welcome", "grüße", "@", "\0", "a@b\udcff", '"\\\n@'])
NUMBERS = st.integers(-3, 12) | st.integers() | st.floats() | st.sampled_from([2**63, 2**63 - 1, -(2**63), 1.0, 2.5])
VALUES = TEXTS | NUMBERS | st.booleans() | st.none() | st.lists(TEXTS | NUMBERS | st.booleans(), max_size=3)
RIGHT = {
    "to": "ä@b", "name": "Ada", "template": "welcome", "copies": 2, "number": -5, "size": 2, "ratio": 0.5, "scale": 1,
    "urgent": True, "tags": ["x"], "plain": "",
}  # fmt: skip


def long_way(params: dict[str, Param], values: dict[str, Any]) -> str | None:
    try:
        return Signature("letter", params).payload(values)
    except WrongParams:
        return None


@given(st.dictionaries(st.sampled_from([*LETTER, "stranger"]), VALUES), st.sets(st.sampled_from(list(RIGHT))))
def test_what_it_makes_is_what_the_long_way_makes(changes: dict[str, Any], right: set[str]) -> None:
    values = {"to": "a@b"} | changes | {name: RIGHT[name] for name in right}
    assert PlainPayloads(LETTER).payload(values) in (None, long_way(LETTER, values))


@given(st.sets(st.sampled_from(list(RIGHT))))
def test_what_is_right_needs_no_long_way(names: set[str]) -> None:
    values = {name: RIGHT[name] for name in names | {"to"}}
    assert PlainPayloads(LETTER).payload(values) == long_way(LETTER, values) is not None


@pytest.mark.parametrize(
    ("params", "values"),
    [
        ({}, {}),
        ({}, {"to": "a@b"}),
        (LETTER, {}),
        (LETTER, {"to": "nobody"}),
        (LETTER, {"to": "a@b", "stranger": 1}),
        (LETTER, {"to": "a@b", "template": "@"}),
        ({"text": Param("string")}, {"text": "x" * MAX_PAYLOAD}),
    ],
)
def test_all_else_is_left_to_it(params: dict[str, Param], values: dict[str, Any]) -> None:
    assert PlainPayloads(params).payload(values) is None
