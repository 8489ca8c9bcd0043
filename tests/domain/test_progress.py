"""What a job says of its progress, read, kept and read again."""

from __future__ import annotations

import pytest

from jobctl.domain.progress import MAX_LINE, MAX_MESSAGE, decode, encode, read_amount


@pytest.mark.parametrize(
    ("text", "percent"),
    [("40", 40), ("40%", 40), (" 12.5 ", 12.5), ("0", 0), ("100", 100), ("3/10", 30), ("0/7", 0), ("7 / 7", 100)],
)
def test_an_amount_is_a_percentage_or_a_share(text: str, percent: float) -> None:
    assert read_amount(text) == percent


@pytest.mark.parametrize(
    "text", ["", "%", "-1", "101", "100.1%", "nan", "inf", "1e2", "3/0", "4/3", "3/", "/3", "3/10%", "half", "1..2"]
)
def test_all_else_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"40%|could not convert"):
        read_amount(text)


@pytest.mark.parametrize("progress", [(0.0, None), (33.3333, "reading"), (100.0, "größer 漢字")])
def test_what_is_kept_is_read_back(progress: tuple[float, str | None]) -> None:
    assert decode(encode(progress)) == progress


def test_a_message_is_one_line_of_limited_length() -> None:
    assert decode(encode((1.0, " a\nb\t c "))) == (1.0, "a b c")
    long = decode(encode((1.0, "漢" * 2000)))
    assert long is not None
    assert long[1] == "漢" * (MAX_MESSAGE - 1) + "…"
    assert len(encode((1.0, "漢" * 2000))) <= MAX_LINE


def test_half_a_character_of_a_command_line_is_no_error() -> None:
    assert decode(encode((1.0, "a\udcff"))) == (1.0, "a?")


@pytest.mark.parametrize("content", [b"", b"\n", b"x 1\n", b"\xff\xfe", b"\0" * 10, b" 40\n", b"9" * 10_000])
def test_what_is_no_progress_says_nothing(content: bytes) -> None:
    assert decode(content) is None


def test_the_end_of_a_longer_line_before_is_not_read() -> None:
    assert decode(b"50 b\nrest of a longer message\n") == (50, "b")
