"""What `check` doubts about the machine, and about queues that are nearly the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobctl.config.load import load
from tests.config.conftest import NOW, Load, Write


def doubts(write: Write, text: str) -> list[tuple[str, str]]:
    found = load(write(text), NOW, look_around=True).warnings
    return [(problem.key, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ('user = "nobody-here"', "user", 'this machine has no user "nobody-here"'),
        ('group_name = "no-group"', "group_name", 'this machine has no group "no-group"'),
        ('cwd = "/no/such/folder"', "cwd", "there is no directory /no/such/folder"),
        ('env_file = "/no/such.env"', "env_file", "there is no file /no/such.env"),
        ('env = { A = { file = "/no/secret" } }', "env", "A: there is no file /no/secret"),
        ('env = { A = { env = "NOT_SET_HERE" } }', "env", "A: NOT_SET_HERE is not set here"),
        ('heartbeat = { file = "/no/check" }', "heartbeat", "there is no file /no/check"),
        ('heartbeat = { env = "NOT_SET_HERE" }', "heartbeat", "NOT_SET_HERE is not set here"),
    ],
)
def test_what_the_machine_does_not_have_is_doubted(write: Write, line: str, key: str, message: str) -> None:
    assert doubts(write, f'[jobs.a]\ncommand = "true"\n{line}\n') == [(f"jobs.a.{key}", message)]


@pytest.mark.parametrize("line", ['env = { A = { env = "BORROWED" } }', 'heartbeat = { env = "BORROWED" }'])
def test_a_variable_is_looked_for_where_the_daemon_has_it(
    write: Write, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(f'[jobs.a]\ncommand = "true"\n{line}\n')
    assert load(path, NOW, look_around=True, starters={"BORROWED": "here"}).warnings == ()
    monkeypatch.setenv("BORROWED", "by who asks")
    [doubt] = load(path, NOW, look_around=True, starters={}).warnings
    assert doubt.message.endswith("BORROWED is not set for the daemon that runs")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o600, []),
        (0o640, []),
        (0o644, [("can be read by everybody", "if it is a secret: `chmod o= {}`")]),
        (0o620, [("can be written by its group", "no run starts so: `chmod go-w {}`")]),
        (0o666, [("can be written by everybody", "no run starts so: `chmod go-w {}`")]),
    ],
)
def test_a_secret_that_is_none_is_doubted(write: Write, here: Path, mode: int, expected: list[tuple[str, str]]) -> None:
    secret = here / "secret"
    secret.write_text("s3cret")
    secret.chmod(mode)
    path = write(f'[jobs.a]\ncommand = "true"\nenv = {{ TOKEN = {{ file = "{secret}" }} }}\n')
    found = [(doubt.message, doubt.hint) for doubt in load(path, NOW, look_around=True).warnings]
    assert found == [(f"TOKEN: {secret} {words}", hint.format(secret)) for words, hint in expected]


@pytest.mark.parametrize(("path", "kind"), [("pipe", "a named pipe"), ("/dev/zero", "a device")])
def test_a_file_that_is_no_plain_one_is_doubted_and_not_waited_for(
    write: Write, here: Path, path: str, kind: str
) -> None:
    os.mkfifo(here / "pipe")
    path = str(here / path)
    text = f'[jobs.a]\ncommand = "true"\nenv_file = "{path}"\nenv = {{ TOKEN = {{ file = "{path}" }} }}\n'
    assert doubts(write, text) == [
        ("jobs.a.env_file", f"{path}: it is {kind}, not a plain file"),
        ("jobs.a.env", f"TOKEN: {path}: it is {kind}, not a plain file"),
    ]


def test_a_program_that_is_not_found_is_doubted_and_one_that_is_there_is_not(write: Write, here: Path) -> None:
    assert doubts(write, '[jobs.a]\ncommand = ["no-such-program", "x"]\n') == [
        ("jobs.a.command[0]", "there is no program no-such-program")
    ]
    for program in ("true", "/bin/sh"):
        assert doubts(write, f'[jobs.a]\ncommand = ["{program}"]\n') == []


def test_only_who_asks_looks_around(loaded: Load) -> None:
    assert loaded('[jobs.a]\ncommand = ["no-such-program"]\ncwd = "/no/such/folder"\n').warnings == ()


def test_a_queue_without_limits_is_doubted_where_others_are_declared(loaded: Load) -> None:
    queues = "[queues.heavy]\nmax_concurrent = 1\n"
    (doubt,) = loaded(queues + '[jobs.a]\ncommand = "x"\nqueue = "haevy"\n').warnings
    assert (doubt.key, doubt.hint) == ("jobs.a.queue", 'did you mean "heavy"?')
    (doubt,) = loaded(queues + '[jobs.a]\ncommand = "x"\nqueue = "mail"\n').warnings
    assert doubt.message == 'there is no [queues.mail], so queue "mail" has no limits'
    assert doubt.hint == "write [queues.mail] with its max_concurrent, or name a queue that has one"
    assert loaded('[jobs.a]\ncommand = "x"\nqueue = "mail"\n').warnings == ()


def test_that_nothing_is_scheduled_is_doubted(loaded: Load) -> None:
    (doubt,) = loaded('[daemon]\nenabled = false\n[jobs.a]\ncommand = "x"\n').warnings
    assert (doubt.line, doubt.message) == (2, "scheduling is off ([daemon] enabled = false)")


def test_a_line_of_an_env_file_that_sets_what_jobctl_sets_is_doubted(write: Write) -> None:
    file = write("A=1\nexport JOBCTL_RUN_ID=fake\n# JOBCTL_JOB=x\nJOBCTL_HOME=/srv\n", "some.env")
    assert doubts(write, '[jobs.a]\ncommand = "true"\nenv_file = "some.env"\n') == [
        ("jobs.a.env_file", f"{file}:2 does nothing: jobctl sets JOBCTL_RUN_ID itself")
    ]
