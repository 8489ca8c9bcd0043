"""The table of verbs, the global options and the words for wrong usage."""

from __future__ import annotations

import pytest

from jobctl import __version__
from jobctl.cli.main import call
from jobctl.cli.verbs import PANELS, VERBS


def test_help_shows_every_verb_under_its_panel(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    screen = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert f"\n  {name} " in screen
        assert verb.panel in PANELS
        assert f"\n{verb.panel}:\n" in screen


@pytest.mark.parametrize("arguments", [["--version"], ["--json", "--version"]])
def test_the_version_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(arguments) == 0
    assert capsys.readouterr().out == f"jobctl {__version__}\n"


def test_an_unknown_verb_is_wrong_usage_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["histroy"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "jobctl: there is no verb `histroy`\n  did you mean `history`?\n"


def test_an_unknown_option_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["list", "--gruop", "x"]) == 2
    assert capsys.readouterr().err == "jobctl: there is no option `--gruop`\n  did you mean `--group`?\n"


def test_errors_are_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["histroy", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        '{"error": {"code": 2, "message": "there is no verb `histroy`", "hint": "did you mean `history`?"}}\n'
    )


def test_without_a_verb_the_help_comes_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert call([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: jobctl ")


def test_help_is_asked_for_in_either_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == call(["help"]) == 0
    first, second = capsys.readouterr().out.split("Usage: ")[1:]
    assert first == second
    assert call(["history", "--help"]) == call(["help", "history"]) == 0
    first, second = capsys.readouterr().out.split("Usage: ")[1:]
    assert first == second
    assert call(["help", "histroy"]) == 2
    assert "did you mean `history`?" in capsys.readouterr().err
