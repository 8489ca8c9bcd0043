"""Bytes of a terminal become keys."""

from __future__ import annotations

import pytest

from jobctl.cli.live.keyboard import KeyDecoder


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"qc?", ["q", "c", "?"]),
        (b"\x1b[A\x1bOB", ["up", "down"]),
        (b"\x1b[5~\x1b[6~\x1b[1~\x1b[4~", ["page up", "page down", "home", "end"]),
        (b"\x1bOP\x1b[20~\x1b[21~", ["F1", "F9", "F10"]),
        (b"\r\x7f \x0e\x10", ["enter", "backspace", " ", "down", "up"]),
        ("é".encode(), ["é"]),
        (b"\x1b[1;5A", []),  # Ctrl-Up: unknown, and no letters of it either
        (b"\x1b[200~", []),
        (b"\x1bq", []),  # Alt-q quits nothing
        (b"\x00\x01\xff", []),
        (b"\x1b\x1b[A", ["escape", "up"]),
    ],
)
def test_keys_are_told_by_their_names(data: bytes, keys: list[str]) -> None:
    assert KeyDecoder().feed(data) == keys


@pytest.mark.parametrize("data", ["é".encode(), b"\x1b[A", b"\x1b[5~", b"\x1bOP", b"\x1b[[A"])
def test_a_key_may_come_in_pieces(data: bytes) -> None:
    decoder, found = KeyDecoder(), []
    for byte in data:
        found += decoder.feed(bytes([byte]))
    assert found == KeyDecoder().feed(data) != []


def test_escape_is_a_key_when_nothing_follows() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.is_waiting
    assert decoder.flush() == ["escape"]
    assert decoder.feed(b"q\x1b[") == ["q"]
    assert decoder.flush() == []
