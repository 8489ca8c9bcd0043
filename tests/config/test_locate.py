"""The places of keys, values and elements, against documents whose values tell where they stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import rtoml
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.config.locate import KeyPath, Locator, Position, job_lines
from tests.config.samples import COMPLETE

TEXT = '''\
# a comment with [brackets] and = signs
top = 1

[a."b.c"]   # header
x = [ 1, [2, 3], { y = "]" } ]
"quoted \\u00e9" = """
[not.a.header]
key = 1
"""
p.q = { r = 1, s.t = 'it''s' }
when = 2026-12-24 18:00:00

[[list]]
n = 1
[[list]]
n = 2
[list.sub]
m = 3
'''.replace("'it''s'", "'its'")


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (2, 1), (2, 7)),
        (("a", "b.c"), (4, 1), (4, 1)),
        (("a", "b.c", "x", 1), (5, 10), (5, 10)),
        (("a", "b.c", "x", 1, 1), (5, 14), (5, 14)),
        (("a", "b.c", "x", 2, "y"), (5, 20), (5, 24)),
        (("a", "b.c", "quoted é"), (6, 1), (6, 19)),
        (("a", "b.c", "p", "q"), (10, 1), (10, 7)),
        (("a", "b.c", "p", "q", "s", "t"), (10, 16), (10, 22)),
        (("a", "b.c", "when"), (11, 1), (11, 8)),
        (("list", 0, "n"), (14, 1), (14, 5)),
        (("list", 1, "n"), (16, 1), (16, 5)),
        (("list", 1, "sub", "m"), (18, 1), (18, 5)),
        (("list", 1, "sub", "absent", "below"), (17, 1), (17, 1)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_the_place_of_a_key_and_of_its_value(path: KeyPath, key: tuple[int, int], value: tuple[int, int]) -> None:
    locator = Locator(TEXT)
    assert locator.key(path) == Position(*key)
    assert locator.value(path) == Position(*value)


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: not any(0xD800 <= ord(sign) <= 0xDFFF for sign in name))
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | NAMES | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150)
@given(document=st.dictionaries(NAMES, VALUES, max_size=6), multiline=st.booleans())
def test_every_value_of_any_document_is_found_where_it_stands(document: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline)
    lines = text.split("\n")
    locator = Locator(text)
    for path, value in _leaves(rtoml.loads(text)):
        place = locator.value(path)
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        assert _first_value(rest) == value


@pytest.mark.parametrize("end", range(0, len(COMPLETE), 13))
def test_a_text_that_is_cut_is_walked_as_far_as_it_goes(end: int) -> None:
    assert Locator(COMPLETE[:end]).key(("include",)).line == 1


def test_the_lines_of_jobs_are_those_of_their_headers() -> None:
    text = "[jobs.a]\n [ jobs . \"b.c\" ] # x\n#[jobs.d]\n[jobs.a.env]\n[jobs.'e']\n[jobsx.f]\n"
    assert job_lines(text, {"a", "b.c", "e"}) == {"a": 1, "b.c": 2, "e": 5}


def test_a_header_within_a_string_is_none() -> None:
    text = '[jobs.a]\ncommand = """\n[jobs.b]\n"""\n[jobs.b]\n'
    assert job_lines(text, {"a", "b"}) == {"a": 1, "b": 5}


@pytest.mark.parametrize("text", ["[jobs]\na.command = 1\n", "[jobs]\na = { command = 1 }\n", "\njobs.a.command = 1\n"])
def test_jobs_without_headers_have_the_line_of_their_key(text: str) -> None:
    assert job_lines(text, {"a"}) == {"a": 2}


def _leaves(value: object, path: KeyPath = ()) -> list[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in _leaves(inner, (*path, name))]
    if isinstance(value, list) and value:
        return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, (*path, index))]
    return [(path, value)]


def _first_value(text: str) -> object:
    """The value that a text begins with: the shortest beginning that parses and that a separator follows."""
    for end in range(1, len(text) + 1):
        if text[end : end + 1] not in ("", ",", "\n", " ", "]", "}"):
            continue
        try:
            value = rtoml.loads("x = " + text[:end])["x"]
        except ValueError:
            continue
        if type(value) is not dt.date:  # the first half of a date-time
            return value
    raise AssertionError(f"no value at {text[:40]!r}")
