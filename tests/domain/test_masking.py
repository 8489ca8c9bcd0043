"""What is secret does not come out, in whatever spelling it went in."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.masking import Masker, mask, mask_bytes, mask_document, mask_end


@pytest.mark.parametrize(
    ("text", "values", "masked"),
    [
        ("password=hunter22!", ["hunter22"], "password=***!"),
        ("hunter22 and hunter22", ["hunter22"], "*** and ***"),
        ("a longer one wins: secret-long", ["secret", "secret-long"], "a longer one wins: ***"),
        ("nothing here", ["hunter22"], "nothing here"),
        ("level 1 is on", ["1", "on", ""], "level 1 is on"),
        ("no values", [], "no values"),
        ("the file's newline: hunter22", ["hunter22\n"], "the file's newline: ***"),
        ("smtp://me:p%40ss%2Fword@host", ["p@ss/word"], "smtp://me:***@host"),
        ('{"token": "say \\"hi\\""}', ['say "hi"'], '{"token": "***"}'),
        ("key line two", ["key line one\nkey line two"], "***"),
        ("a.c is no pattern: abc a.cd", ["a.cd"], "a.c is no pattern: abc ***"),
    ],
)
def test_values_are_masked(text: str, values: list[str], masked: str) -> None:
    assert mask(text, values) == masked


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    assert mask_bytes(b"\xff\x00 hunter22 \xfe", ["hunter22"]) == b"\xff\x00 *** \xfe"


@given(st.text(), st.text(min_size=4).filter(lambda value: len(value.strip()) >= 4 and "*" not in value), st.text())
def test_no_spelling_of_a_value_is_left(before: str, value: str, after: str) -> None:
    for spelled in (value, json.dumps(value), quote(value, safe="")):
        assert value.strip() not in mask(before + spelled + after, [value])


@given(
    st.lists(st.text("abc*", min_size=4, max_size=7), max_size=4),
    st.lists(st.binary(max_size=3) | st.text("abc", max_size=6).map(str.encode), max_size=12),
)
def test_pieces_are_masked_as_the_whole_is(values: list[str], pieces: list[bytes]) -> None:
    masker = Masker(values)
    shown = b"".join([masker.feed(piece) for piece in pieces] + [masker.feed(b"", final=True)])
    assert shown == mask_bytes(b"".join(pieces), values)


def test_the_end_of_something_does_not_begin_with_the_rest_of_a_value() -> None:
    output = b"hunter22 said hunter22"
    assert [mask_end(output[-most:], ["hunter22"], most) for most in (22, 18, 3)] == [b" ***", b"d ***", b""]
    assert mask_end(output, ["hunter22"], len(output) + 1) == b"*** said ***"
    assert mask_end(output, [], 3) == output


def test_no_piece_shows_the_beginning_of_a_value_too_early() -> None:
    masker = Masker(["hunter22"])
    assert [masker.feed(b"my hun"), masker.feed(b"ter22 is"), masker.feed(b" hunt"), masker.feed(b"", final=True)] == [
        b"my ", b"*** is", b" ", b"hunt",
    ]  # fmt: skip


def test_a_document_is_masked_in_texts_keys_and_numbers() -> None:
    document = {"hunter22": ["a hunter22", 12345678, 3, True, None]}
    assert mask_document(document, ["hunter22", "12345678"]) == {"***": ["a ***", "***", 3, True, None]}
