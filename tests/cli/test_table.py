"""Tables fit the screen by giving up what matters least."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from jobctl.cli.render.console import Console
from jobctl.cli.render.style import Meaning, coloured
from jobctl.cli.render.table import Column, Style, name_column, render
from jobctl.cli.render.text import cell_width, cut, printable, wrapped, wrapped_list

ROOT = Path(__file__).parents[2]
NAMES = Column("NAME", ["alpha", "beta-the-long"], least=6)
SIZES = Column("SIZE", ["1", "1000"], right=True, rank=1)
WORDS = Column("WORDS", ["some words that are long", ""], rank=2, least=8)


def test_a_wide_screen_shows_everything() -> None:
    assert render([NAMES, SIZES, WORDS], 80) == [
        "NAME           SIZE  WORDS",
        "alpha             1  some words that are long",
        "beta-the-long  1000",
    ]


@pytest.mark.parametrize(
    ("width", "shown"),
    [(43, "NAME SIZE WORDS"), (30, "NAME SIZE WORDS"), (26, "NAME SIZE"), (19, "NAME SIZE"), (18, "NAME")],
)
def test_the_least_important_is_cut_then_left_out(width: int, shown: str) -> None:
    lines = render([NAMES, SIZES, WORDS], width)
    assert max(map(len, lines)) <= width
    assert lines[0].split() == shown.split()


def test_a_single_long_name_costs_no_column() -> None:
    names = name_column("NAME", ["alpha", "a-name-that-is-much-too-long-for-a-table-on-a-small-screen"])
    lines = render([names, SIZES, WORDS], 60)
    assert lines[0].split() == ["NAME", "SIZE", "WORDS"]
    assert lines[2].split()[0].startswith("a-name-that-is-much-too-lon")
    assert max(map(len, lines)) <= 60


def test_a_long_text_is_cut_before_a_long_name() -> None:
    names = name_column("NAME", ["alpha", "a-name-that-is-much-too-long-for-a-table-on-a-small-screen"])
    lines = render([names, WORDS._replace(cells=["a description " * 10, ""])], 80)
    assert lines[2] == names.cells[1]
    assert lines[1].endswith("…")


def test_what_always_stays_is_cut_to_its_least() -> None:
    assert render([NAMES], 8) == ["NAME", "alpha", "beta-th…"]
    assert render([NAMES], 3) == ["NAME", "alpha", "beta-…"]


def test_room_that_is_left_goes_back_to_what_was_cut() -> None:
    lines = render([NAMES, WORDS, Column("LAST", ["x" * 30, ""], rank=3)], 36)
    assert lines[1] == "alpha          some words that are …"


def test_a_column_with_nothing_to_say_is_not_shown() -> None:
    assert render([NAMES, Column("EMPTY", ["", ""])], 80)[0] == "NAME"
    assert render([Column("EMPTY", [])], 80) == []


@pytest.mark.parametrize("style", [None, coloured])
def test_cells_that_are_equal_and_cells_that_all_differ_are_laid_out_alike(style: Style | None) -> None:
    differ = Column("A", ["b", "a", "ccc"], [Meaning.PLAIN] * 3, right=True)
    equal = Column("B", ["x", "x", "y"], [Meaning.PLAIN] * 3, right=True)
    assert render([differ, equal, differ], 80, style, header=False) == ["  b  x    b", "  a  x    a", "ccc  y  ccc"]


def test_wide_characters_keep_the_columns_straight() -> None:
    lines = render([Column("NAME", ["日本語", "abc"]), Column("N", ["1", "2"])], 80)
    assert [cell_width(line) for line in lines] == [9, 9, 9]
    assert cut("日本語", 4) == "日…"
    assert cut("cafe\u0301s", 4) == "caf…"


def test_colour_does_not_count_as_width() -> None:
    column = Column("S", ["ok", "failed"], [Meaning.GOOD, Meaning.BAD])
    lines = render([column, Column("N", ["1", "2"])], 80, coloured, header=False)
    assert lines == ["\x1b[32mok\x1b[0m      1", "\x1b[31mfailed\x1b[0m  2"]


def test_control_characters_are_made_visible() -> None:
    assert printable("a\nb\tc\x1b[2J\x07") == "a b c\\x1b[2J\\x07"
    assert render([Column("N", ["x\x1bc"])], 80)[1] == "x\\x1bc"


def test_a_text_goes_on_in_the_next_line_between_words() -> None:
    assert wrapped("held until noon: the printer is moved", 16) == ["held until noon:", "the printer is", "moved"]
    assert wrapped("/a/path/that/is/longer/than/the/screen", 10) == ["/a/path/that/is/longer/than/the/screen"]
    assert wrapped("日本語 日本語", 7) == ["日本語", "日本語"]
    assert wrapped("", 10) == [""]


def test_a_list_goes_on_in_the_next_line_between_its_items() -> None:
    assert wrapped_list("8 timed out, 57 cancelled", 20) == ["8 timed out,", "57 cancelled"]
    assert wrapped_list("1 lost, 57 timed out", 14) == ["1 lost,", "57 timed out"], "not within the second"
    assert wrapped_list("6GB of 8GB memory, 2 cores", 12) == ["6GB of 8GB", "memory,", "2 cores"]
    assert wrapped_list("none", 10) == ["none"]


def test_a_screen_without_the_signs_gets_others_that_are_as_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setenv("COLUMNS", "24")
    Console().table([Column("MESSAGE", ["Größe", "a message that is too long"], least=8), Column("N", ["×2", ""])])
    stream.flush()
    assert stream.buffer.getvalue().decode("ascii").splitlines() == [
        "MESSAGE               N",
        "Gr\\xf6\\xdfe           x2",
        "a message that is t~",
    ]


def test_a_locale_that_says_c_gets_ascii_also_where_python_would_write_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, beside = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", beside)
    monkeypatch.setenv("LC_ALL", "POSIX")
    console = Console()
    console.table([Column("MESSAGE", ["Größe"]), Column("N", ["×2"])], header=False)
    console.print('{"name": "Größe"}')  # data stays what it is
    console.complain("… and more")
    stream.flush()
    beside.flush()
    assert stream.buffer.getvalue().decode() == 'Gr\\xf6\\xdfe  x2\n{"name": "Größe"}\n'
    assert beside.buffer.getvalue() == b"~ and more\n"


_ASKED = "from jobctl.cli.render.signs import locale_is_ascii as asked; print(asked())"


@pytest.mark.parametrize(
    ("variables", "is_ascii"),
    [
        ({}, False),
        ({"LANG": "C"}, True),  # Python sets LC_CTYPE to C.UTF-8 here, as if the caller had
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "POSIX"}, True),
        ({"LANG": "C.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, False),
    ],
)
def test_the_first_variable_that_is_set_decides_as_the_caller_set_it(
    variables: dict[str, str], *, is_ascii: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", _ASKED], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{is_ascii}\n"
