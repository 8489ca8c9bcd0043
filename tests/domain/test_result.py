"""What becomes of the file that a job leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.result import MAX_BYTES, Result, read_result


def test_json_becomes_the_result_on_one_line() -> None:
    assert read_result(b'{ "rows": 3,\n "ok": true }\n') == Result(json='{"rows":3,"ok":true}')


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_nothing_left_is_no_result_and_no_warning(content: bytes | None) -> None:
    assert read_result(content) == Result()


@pytest.mark.parametrize("content", [b"{", b"rows: 3", b"\xff\xfe", b"NaN", b"[" * 60_000, rb'"\ud800"'])
def test_what_is_no_json_is_a_warning(content: bytes) -> None:
    result = read_result(content)
    assert result.json is None
    assert result.warning is not None
    assert result.warning.startswith("its result was ignored: not JSON")


@pytest.mark.parametrize(
    ("masked", "result"),
    [
        (b'{"pin": ***, "n": -***.5}', '{"pin":"***","n":"-***.5"}'),
        (b'[***,"a ***"]', '["***","a ***"]'),
        (rb'{"a\***": "\\*** \*** \" \***"}', r'{"a***":"\\*** *** \" ***"}'),
        (b"***", '"***"'),
    ],
)
def test_what_a_keeper_has_masked_in_json_is_json_again(masked: bytes, result: str) -> None:
    assert read_result(masked) == Result(json=result)


@pytest.mark.parametrize("content", [b"{ *** ", b'"\\u00***"', b'"***' + b'\\"' * 30_000, b"a" * 63_000 + b" ***"])
def test_what_was_no_json_before_it_was_masked_is_a_warning_all_the_same(content: bytes) -> None:
    assert read_result(content).warning is not None


def test_too_large_a_result_is_a_warning_with_the_limit() -> None:
    assert read_result(b'"' + b"x" * MAX_BYTES + b'"') == Result(warning="its result was ignored: larger than 64KB")


@given(st.binary(max_size=200))
def test_no_content_raises(content: bytes) -> None:
    result = read_result(content)
    assert result.json is None or result.warning is None
