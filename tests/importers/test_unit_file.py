"""Unit files, time spans and command lines as systemd reads them."""

from __future__ import annotations

import math
import re
import shutil
import subprocess

import pytest

from jobctl.importers.exec_line import read_exec, words
from jobctl.importers.findings import CannotKeep, Place
from jobctl.importers.specifiers import Manager, expand, known_specifiers
from jobctl.importers.time_span import read_span
from jobctl.importers.unit_file import Fragment, read_unit

KNOWN = known_specifiers("clean@var-log.service", Manager())


def test_lines_go_on_behind_a_backslash_and_over_comments() -> None:
    unit = read_unit("a", [Fragment("a", "[S]\nKey=one \\\n# no\n  two \\\n\nOther = x\n; no\nodd\n")])
    assert [(setting.key, setting.value, setting.place) for setting in unit.settings] == [
        ("Key", "one  two", Place("a", 2)),
        ("Other", "x", Place("a", 6)),
    ]


def test_an_empty_setting_takes_back_what_was_before_it_also_in_a_drop_in() -> None:
    unit = read_unit("a", [Fragment("a", "[S]\nK=1\nK=2\n"), Fragment("a.d/b.conf", "[S]\nK=\nK=3\n")])
    assert [setting.value for setting in unit.all("S", "K")] == ["3"]
    assert unit.last("S", "K", "L") == unit.settings[-1]
    assert unit.last("T", "K") is None


SPANS = ["90", "5min 20s", "1h30m", "1.5h", "2w", "1month", "1y 1d", "100ms", "3 hours", "1d2h3min"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_time_spans_are_those_of_systemd() -> None:
    said = subprocess.run(["systemd-analyze", "timespan", *SPANS], capture_output=True, text=True, check=True).stdout
    theirs = [int(micro) / 1e6 for micro in re.findall(r"[µμ]s: (\d+)", said)]
    assert [read_span("X", span) for span in SPANS] == pytest.approx(theirs)


def test_a_time_span_may_never_end_or_be_none() -> None:
    assert read_span("X", "infinity") == math.inf
    with pytest.raises(CannotKeep, match="X=5 apples is no time span"):
        read_span("X", "5 apples")


@pytest.mark.parametrize(
    ("written", "split"),
    [
        (r"""/a "b c" 'd e' f"g"h""", ["/a", "b c", "d e", "fgh"]),
        (r"/a \x41\u0042\103 \t\s \q", ["/a", "ABC", "\t ", "\\q"]),
        ('/a "b\\"c" ""', ["/a", 'b"c', ""]),
    ],
)
def test_words_are_quoted_and_escaped(written: str, split: list[str]) -> None:
    assert words(written) == split


def test_a_semicolon_of_its_own_parts_commands() -> None:
    assert [line.argv for line in read_exec(r"/a b ; /c \; d; e", KNOWN)] == [["/a", "b"], ["/c", ";", "d;", "e"]]


@pytest.mark.parametrize(
    ("written", "argv", "prefixes"),
    [
        ("-/a", ["/a"], "-"),
        ("@/a name b", ["/a", "b"], "@"),
        ("-@!!/a name", ["/a"], "-@!"),
        ("/a %i %I %p %%", ["/a", "var-log", "var/log", "clean", "%"], ""),
    ],
)
def test_prefixes_and_specifiers(written: str, argv: list[str], prefixes: str) -> None:
    (line,) = read_exec(written, KNOWN)
    assert line.argv == argv
    assert line.prefixes == frozenset(prefixes)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("/a ${B} x${B}y", '/a "${B}" x"${B}"y'),
        ("/a $B", "/a $B"),
        ("/a a$B $$ '${B} c'", "/a 'a$B' '$' \"${B}\"' c'"),
        (":/a ${B}", "/a '${B}'"),
        ("/a \"\" '$x y'", "/a '' '$x y'"),
    ],
)
def test_variables_stay_variables_and_nothing_else_does(written: str, text: str) -> None:
    (line,) = read_exec(written, KNOWN)
    assert line.shell_text() == text


def test_variables_do_in_the_shell_what_they_do_in_systemd() -> None:
    (line,) = read_exec("/usr/bin/printf '[%%s]' $SPLIT ${SPLIT} a$SPLIT $$ \"it's\"", KNOWN)
    said = subprocess.run(
        ["/bin/sh", "-c", f"set -f; exec {line.shell_text()}"], capture_output=True, text=True, check=True,
        env={"SPLIT": "one * three"},
    )  # fmt: skip
    assert said.stdout == "[one][*][three][one * three][a$SPLIT][$][it's]"


@pytest.mark.parametrize("written", ["/a 'b", "-", "/a %t %Z"])
def test_what_systemd_refuses_or_knows_alone_is_refused(written: str) -> None:
    with pytest.raises(CannotKeep):
        read_exec(written, KNOWN)


def test_a_persons_manager_has_that_persons_home() -> None:
    known = known_specifiers("a.service", Manager("/home/ada", "ada"))
    assert expand("%h/x %u %E", known) == "/home/ada/x ada /home/ada/.config"
    assert expand("%h %S", known_specifiers("a.service", Manager())) == "/root /var/lib"
