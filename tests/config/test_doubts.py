"""What `check` doubts in files that can be used, and beside the errors of those that cannot."""

from __future__ import annotations

import json

import pytest

from jobctl.config import document
from jobctl.config.load import load
from jobctl.errors import JobsFileError, Severity
from tests.config.conftest import NOW, Load, Write

PARAMS = '[jobs.a.params]\nto = { type = "string" }\nnote = { type = "string" }\n'


def doubts(loaded: Load, command: list[str]) -> list[str]:
    text = f"[jobs.a]\ncommand = {json.dumps(command)}\n{PARAMS}"
    return [f"{one.column} {one.message}" for one in loaded(text).warnings]


@pytest.mark.parametrize(
    "command",
    [["sh", "-c", "mail {to}"], ["/bin/bash", "-euo", "pipefail", "-c", "mail '{to}'"], ["bash", "-lc", "x {to} y"]],
)
def test_a_value_in_the_text_of_a_shell_is_doubted(loaded: Load, command: list[str]) -> None:
    (warning,) = loaded(f"[jobs.a]\ncommand = {json.dumps(command)}\n{PARAMS}").warnings
    assert warning.message == "{to} inside the text of a shell lets whoever gives the value give commands"
    assert warning.hint == 'write "$JOBCTL_PARAM_TO" instead, or hand it over behind the text and write "$1"'
    assert (warning.line, warning.column) == (2, 11 + len(json.dumps(command[:-1])) + 1)


@pytest.mark.parametrize(
    "command",
    [
        ["sh", "-c", 'mail "$1"', "sh", "{to}"], ["mail", "-c", "{to}"], ["sh", "script", "{to}"],
        ["sh", "-c", "awk '{print}' ${HOME}"], ["sh", "-c"], ["sh", "{to}"],
    ],
)  # fmt: skip
def test_other_places_of_values_are_not(loaded: Load, command: list[str]) -> None:
    assert doubts(loaded, command) == []


@pytest.mark.parametrize(
    ("param", "count"),
    [
        ('type = "string"', 1), ('type = "list"', 1), ('type = "string", choices = ["a", "b"]', 0),
        ('type = "integer"', 0), ('type = "number"', 0), ('type = "boolean"', 0),
    ],
)  # fmt: skip
def test_only_values_that_can_be_commands_are_doubted_in_the_text_of_a_shell(
    loaded: Load, param: str, count: int
) -> None:
    text = f'[jobs.a]\ncommand = ["sh", "-c", "head -n {{to}} x"]\nparams.to = {{ {param} }}\n'
    assert len(loaded(text).warnings) == count


def test_a_pattern_that_no_file_matches_is_doubted(loaded: Load, write: Write) -> None:
    text = 'include = ["more/*.toml"]\n[jobs.a]\ncommand = "true"\n'
    (warning,) = loaded(text).warnings
    assert (warning.line, warning.column, warning.message) == (1, 12, "no file matches more/*.toml")
    write('[jobs.b]\ncommand = "true"\n', "more/b.toml")
    assert loaded(text).warnings == ()


def test_doubts_are_told_beside_errors_to_those_who_check(write: Write) -> None:
    path = write(
        'include = ["more/*.toml"]\n[jobs.a]\ncommand = "true"\nschedule = "0 0 31 * *"\n'
        '[jobs.b]\ncommand = "true"\nschedule = "0 0 31 * *"\ntimeuot = "1h"\n[jobs.c]\ncommand = 1\n'
    )
    with pytest.raises(JobsFileError) as caught:
        load(path, NOW, look_around=True, doubts_beside_errors=True)
    found = [(problem.line, problem.severity) for problem in caught.value.problems]
    assert found == [(1, Severity.WARNING), (4, Severity.WARNING), (8, Severity.ERROR), (10, Severity.ERROR)]
    assert len(caught.value.message.splitlines()) == 2
    with pytest.raises(JobsFileError) as caught:
        load(path, NOW)
    assert {problem.severity for problem in caught.value.problems} == {Severity.ERROR}


def test_a_value_that_a_string_for_the_shell_never_gets_is_doubted(loaded: Load) -> None:
    (warning,) = loaded(f'[jobs.a]\ncommand = "mail {{to}}"\n{PARAMS}').warnings
    assert warning.message == "{to} stays as it is in a string for the shell"
    assert warning.hint == 'write "$JOBCTL_PARAM_TO" there'
    assert loaded(f'[jobs.a]\ncommand = "mail ${{to}} {{other}}"\n{PARAMS}').warnings == ()


def test_an_overlap_that_a_limit_of_one_forbids_is_doubted(loaded: Load) -> None:
    text = '[jobs.a]\ncommand = "true"\noverlap = "allow"\n'
    (warning,) = loaded(text).warnings
    assert warning.message == "allows nothing while max_concurrent is 1: a second run waits for the first"
    assert loaded(text + "max_concurrent = 2\n").warnings == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('spread = "10m"', "does nothing: the job has no schedule"),
        ('catch_up = "all"', "does nothing: the job has no schedule"),
        ('start_deadline = "2m"', "does nothing: the job has no schedule"),
        ('calendar_exclude = ["2026-12-25"]', "does nothing: the job has no schedule"),
        ('stdin = "params"', "the job has no params: it reads {} each time"),
    ],
)
def test_a_key_that_does_nothing_is_doubted_where_it_stands(loaded: Load, line: str, message: str) -> None:
    (warning,) = loaded(f'[jobs.a]\ncommand = "true"\n{line}\n').warnings
    assert (warning.line, warning.message) == (3, message)
    assert warning.hint


def test_keys_that_have_a_use_are_not_doubted(loaded: Load) -> None:
    more = '[jobs.b]\ncommand = "true"\n'
    every = 'every = "1h"\nspread = "10m"\ncatch_up = "all"\nstart_deadline = "2m"\n'
    assert loaded(f'[jobs.a]\ncommand = "true"\n{every}').warnings == ()
    assert loaded(f'[jobs.a]\ncommand = "true"\nafter = ["b"]\nstart_deadline = "2m"\n{more}').warnings == ()
    assert loaded(f'[defaults]\nspread = "10m"\ncatch_up = "none"\n{more}').warnings == ()


def test_an_exit_code_that_is_a_success_and_is_not_to_be_retried_is_doubted(loaded: Load) -> None:
    text = '[jobs.a]\ncommand = "true"\nretries = 1\nsuccess_on = [0, 3]\nretry_never_on = [2, 3]\n'
    (warning,) = loaded(text).warnings
    assert (warning.line, warning.column) == (5, 22)
    assert warning.message.startswith("3 does nothing here: it is in success_on too")


def test_a_variable_that_jobctl_sets_itself_is_doubted_and_keeps_no_daemon_from_starting(loaded: Load) -> None:
    env = 'env = { JOBCTL_CONFIG = "mine", JOBCTL_PARAM_TO = "mine", JOBCTL_HOME = "mine", JOBCTL_PARAM_BY = "mine" }'
    for text in (f'[jobs.a]\ncommand = "true"\n{env}\n', f'[defaults]\n\n{env}\n[jobs.a]\ncommand = "true"\n'):
        found = loaded(text + 'params.to.type = "string"\n')
        assert [(one.line, one.key.rpartition(".")[2], one.message) for one in found.warnings] == [
            (3, name, "does nothing: jobctl sets this variable itself") for name in ("JOBCTL_CONFIG", "JOBCTL_PARAM_TO")
        ]
        assert found.configuration.jobs["a"].execution.env["JOBCTL_HOME"] == "mine"


def test_doubts_are_counted_without_looking_for_their_places(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "Locator", lambda _: pytest.fail("a walk over the whole text"))
    path = write('[jobs.a]\ncommand = "true"\nschedule = ["0 0 31 * *", "*/35 * * * *"]\n')
    assert load(path, NOW).configuration.warnings == 2
