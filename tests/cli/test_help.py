"""What `--help` and the man page say."""

from __future__ import annotations

import itertools
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.examples import EXAMPLES
from jobctl.cli.exit_status import MEANINGS, ExitStatus
from jobctl.cli.group import _ELSEWHERE, VerbGroup
from jobctl.cli.invocation import Invocation
from jobctl.cli.main import call
from jobctl.cli.verbs import PANELS, VERBS

MAN_PAGE = Path(__file__).parents[2] / "docs" / "jobctl.1"


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_ends_with_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "\nExamples:\n" in shown
    for example, says in EXAMPLES[verb]:
        assert f"  {example}\n      {says}" in shown


@pytest.mark.parametrize(("verb", "example"), [(verb, one) for verb in VERBS for one, _ in EXAMPLES.get(verb, ())])
def test_every_example_is_a_call_that_jobctl_understands(verb: str, example: str) -> None:
    lexer = shlex.shlex(example[example.index("jobctl ") :], posix=True, punctuation_chars="|>")
    lexer.whitespace_split = True
    words = list(itertools.takewhile(lambda word: word not in {"|", "||", ">"}, lexer))[1:]  # but those within quotes
    assert words[0] == verb
    command: Any = VerbGroup().get_command(None, verb)
    with command.make_context(verb, words[1:], obj=Invocation()):
        pass


def test_the_help_has_panels_and_every_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    shown = capsys.readouterr().out
    headings = re.findall(r"^(\w[\w ]*):$", shown, re.MULTILINE)
    assert headings == ["Options", *PANELS, "Exit status"]
    told = shown[shown.index("Exit status:") :]
    assert {int(number) for number in re.findall(r"^  (\d+) ", told, re.MULTILINE)} == {*map(int, ExitStatus)}
    assert set(MEANINGS) == set(ExitStatus)


@pytest.mark.parametrize(
    ("word", "meant"), [("histroy", "history"), ("ls", "list"), ("kill", "cancel"), ("validate", "check")]
)
def test_a_verb_that_is_none_names_what_was_meant(word: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([word]) == 2
    assert f"did you mean `{meant}`" in capsys.readouterr().err


def test_what_others_call_a_verb_is_none_of_ours() -> None:
    assert not set(_ELSEWHERE) & set(VERBS)
    assert set(_ELSEWHERE.values()) <= set(VERBS)


def test_an_option_that_is_none_names_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["list", "--faling"]) == 2
    assert "did you mean `--failing`" in capsys.readouterr().err


def test_of_several_options_the_nearest_is_named_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", "--parms", "{}", "backup"]) == 2
    assert "did you mean `--params` or `--param`?" in capsys.readouterr().err


def test_only_near_options_are_named_for_one_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["history", "--limt", "5"]) == 2
    assert "did you mean `--limit`?" in capsys.readouterr().err


def test_examples_cost_other_calls_nothing() -> None:
    script = (
        "import sys; from jobctl.cli.main import call; call(['schema']); print('jobctl.cli.examples' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="no mandoc here")
def test_the_man_page_is_well_formed() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(MAN_PAGE)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@pytest.mark.skipif(shutil.which("man") is None, reason="no man here")
def test_the_man_page_shows_every_verb() -> None:
    env = {"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LANG": "C.UTF-8", "MANROFFOPT": "-c"}
    done = subprocess.run(["man", "-l", str(MAN_PAGE)], env=env, capture_output=True, text=True, check=False)
    shown = re.sub(r".\x08", "", done.stdout)
    assert done.stderr == ""
    assert [verb for verb in VERBS if not re.search(rf"^ +jobctl {verb}\b", shown, re.MULTILINE)] == []
