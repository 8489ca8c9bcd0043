"""The ends of outputs that a message has room for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.excerpt import but_for_numbers, excerpts

LINES = st.lists(st.text("ab ", max_size=700) | st.integers(0, 700).map("x".__mul__), max_size=20)


def numbered(count: int, width: int = 10) -> list[str]:
    return [f"{number:<{width}}" for number in range(count)]


def test_few_outputs_are_shown_as_they_are() -> None:
    outputs = [numbered(20) for _ in range(5)]
    assert excerpts(outputs) == outputs


def test_many_share_the_room_and_what_is_shown_is_the_end() -> None:
    assert excerpts([numbered(20) for _ in range(20)]) == [numbered(20)[-5:]] * 20


def test_what_short_outputs_leave_the_long_ones_get() -> None:
    traceback = numbered(20)
    assert excerpts([traceback, *[["refused"]] * 19]) == [traceback, *[["refused"]] * 19]


def test_lines_that_are_too_long_for_a_share_are_cut_with_a_mark() -> None:
    shown = excerpts([["x" * 1000] * 20 for _ in range(20)])
    assert [[line.lstrip("x") for line in lines] for lines in shown] == [["…"] * 3] * 20
    assert all(130 < len(line) < 140 for lines in shown for line in lines)


@given(st.lists(LINES, max_size=20))
def test_the_room_is_never_passed_and_nobody_gets_fewer_than_three_lines(outputs: list[list[str]]) -> None:
    shown = excerpts(outputs)
    assert sum(map(len, shown)) <= 100
    assert sum(len(line) for lines in shown for line in lines) <= 8_000
    for output, lines in zip(outputs, shown, strict=True):
        assert min(3, len(output)) <= len(lines) <= 20
        assert all(line.rstrip("…") == whole[: len(line.rstrip("…"))] for line, whole in zip(
            reversed(lines), reversed(output), strict=False))  # fmt: skip


def test_outputs_that_differ_in_numbers_only_are_alike() -> None:
    assert but_for_numbers(["12:00:01 [77] refused"]) == but_for_numbers(["3:59:59 [1234] refused"])
    took = [f"failed with exit code 1 after {words}" for words in ("0s", "12ms", "9.8s", "1m05s", "2h", "1d12h")]
    assert len({but_for_numbers([words]) for words in took}) == 1
    assert but_for_numbers(["refused"]) != but_for_numbers(["reset"])
    assert but_for_numbers(["3seen"]) != but_for_numbers(["3more"])
