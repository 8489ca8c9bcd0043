"""`enqueue`, and the same options on `run`: ids on stdout, everything else on stderr, and the exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.store.records import HistoryFilter
from tests.cli.shell import Shell
from tests.operations.site import JOBS

LETTER = """
[jobs.letter]
command = ["printf", "%s|", "{to}", "{copies}"]
[jobs.letter.params]
to = { type = "string", required = true, pattern = "@" }
copies = { type = "integer", default = 1 }
"""
ID = r"[0-9a-z]{12}"
WAITS = "no daemon is running: it starts when one does\n"
SECRET = "hunter2"


@pytest.fixture
def letters(jobctl: Shell) -> Shell:
    jobctl.site.define(JOBS + LETTER)
    return jobctl


def test_the_id_is_all_that_stdout_gets(letters: Shell) -> None:
    said = letters("enqueue", "letter", "--param", "to=a@b")
    assert (said.status, said.err) == (0, WAITS)
    assert re.fullmatch(rf"{ID}\n", said.out)


def test_json_is_the_run(letters: Shell) -> None:
    said = letters(
        "--json", "enqueue", "letter", "--params", '{"to": "a@b"}', "--priority", "9", "--retries", "2", "--keep"
    )
    run = json.loads(said.out)
    assert (run["job"], run["status"], run["origin"]) == ("letter", "queued", "queue")
    assert (run["priority"], run["max_attempts"], run["params"]) == (9, 3, {"to": "a@b", "copies": 1})


def test_a_param_goes_before_those_of_the_object(letters: Shell, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"to": "a@b", "copies": 5}')
    said = letters("--json", "enqueue", "letter", "--params", f"@{tmp_path}/p.json", "--param", "copies=7")
    assert json.loads(said.out)["params"] == {"to": "a@b", "copies": 7}


@pytest.mark.parametrize("words", [["--delay", "5m"], ["--at", "in 5m"], ["--at", "tomorrow 09:00"]])
def test_a_run_for_later_is_scheduled_and_says_when(letters: Shell, words: list[str]) -> None:
    said = letters("--json", "enqueue", "hello", *words)
    assert json.loads(said.out)["status"] == "scheduled"
    assert re.fullmatch(rf"it starts not before \d{{4}}-\d\d-\d\d .*\n{WAITS}", said.err)


def test_a_time_that_has_passed_is_now_and_said(letters: Shell) -> None:
    said = letters("--json", "enqueue", "hello", "--at", "2020-01-01T00:00:00Z")
    assert json.loads(said.out)["status"] == "queued"
    assert said.err.startswith("that time has passed: it starts as soon as it may\n")


def test_the_same_id_gives_the_same_run_and_says_so(letters: Shell) -> None:
    first = letters("enqueue", "letter", "--param", "to=a@b", "--id", "welcome-42")
    again = letters("enqueue", "letter", "--param", "to=a@b", "--id", "welcome-42")
    assert (again.status, again.out) == (0, first.out)
    assert again.err == f"letter welcome-42 exists already: {first.out.strip()} queued\n{WAITS}"


def test_the_same_id_with_other_params_says_that_the_run_keeps_its_own(letters: Shell, tmp_path: Path) -> None:
    run = letters("enqueue", "letter", "--param", "to=a@b", "--id", "k").out.strip()
    said = letters("enqueue", "letter", "--param", "to=c@d", "--id", "k")
    assert said.out.strip() == run
    assert f"it has other params than these, and keeps them (`jobctl show {run}`)\n" in said.err
    file = tmp_path / "lines"
    file.write_text('{"params": {"to": "a@b"}, "id": "k"}\n{"params": {"to": "x@y"}, "id": "k"}\n')
    said = letters("enqueue", "letter", "--from", str(file))
    assert said.err.startswith("2 runs of letter, 2 of them existed already, 1 with other params, which stay\n")


def test_a_file_of_lines_gives_an_id_for_each(letters: Shell, tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text('{"params": {"to": "a@b"}}\n{"params": {"to": "c@d"}, "id": "k"}\n')
    said = letters("enqueue", "letter", "--from", str(file))
    assert (said.status, said.err) == (0, "2 runs of letter\nno daemon is running: they start when one does\n")
    assert re.fullmatch(rf"({ID}\n){{2}}", said.out)
    again = letters("--json", "enqueue", "letter", "--from", str(file))
    assert [run["key"] for run in json.loads(again.out)] == [None, "k"]
    assert again.err.startswith("2 runs of letter, 1 of them existed already\n")
    assert json.loads(again.out)[1]["id"] == said.out.split()[1]


def test_an_empty_file_is_no_error(letters: Shell, tmp_path: Path) -> None:
    (tmp_path / "lines").touch()
    said = letters("--json", "enqueue", "letter", "--from", str(tmp_path / "lines"))
    assert (said.status, said.out, said.err) == (0, "[]\n", "0 runs of letter\n")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["enqueue"], 2, "missing argument 'JOB'"),
        (["enqueue", "lettr"], 4, "there is no job `lettr`"),
        (["enqueue", "*e*"], 2, "`*e*` means 4 jobs"),
        (["enqueue", "letter"], 2, "letter: to: it is missing: expected a string"),
        (["enqueue", "letter", "--param", f"to={SECRET}"], 2, "letter: to: expected a match of @"),
        (["enqueue", "letter", "--param", f"copies={SECRET}"], 2, "letter: 2 things are wrong"),
        (["enqueue", "letter", "--param", SECRET], 2, "--param needs a name and a value"),
        (["enqueue", "letter", "--params", f"{{{SECRET}"], 2, "--params: expected JSON: "),
        (["enqueue", "letter", "--params", f'["{SECRET}"]'], 2, "--params: expected a JSON object"),
        (["enqueue", "letter", "--params", "@/no/such"], 2, "--params @/no/such: No such file or directory"),
        (["enqueue", "letter", "--from", "/no/such"], 2, "--from /no/such: No such file or directory"),
        (["enqueue", "letter", "--from", "-", "--id", "k"], 2, "--id and --from exclude each other"),
        (["enqueue", "hello", "--param", "a=b"], 2, "hello: it takes no params; declare them in the jobs file: "),
        (["enqueue", "hello", "--delay", "1m", "--at", "now"], 2, "--delay and --at exclude each other"),
        (["enqueue", "hello", "--at", "whenever"], 2, '--at: "whenever" is not a time'),
        (["enqueue", "hello", "--delay", "soon"], 2, '--delay "soon": expected a duration'),
        (["enqueue", "hello", "--priority", "0"], 2, "hello: priority 0 is not from 1 (lowest) to 10 (highest)"),
        (["enqueue", "hello", "--priority", "high"], 2, "invalid value for '--priority'"),
        (["enqueue", "hello", "--retries", "-1"], 2, "hello: retries -1 is not from 0 to 1,000,000"),
        (["enqueue", "hello", "--id", ""], 2, "hello: an id is 1 to 255 printable characters"),
        (["run", "letter", "--param", f"to={SECRET}"], 2, "letter: to: expected a match of @"),
        (["run", "hello", "--as-scheduled", "--id", "k"], 2, "--as-scheduled excludes --delay, --at and --id"),
    ],
)  # fmt: skip
def test_what_cannot_be_queued_is_told_and_nothing_is(
    letters: Shell, words: list[str], status: int, message: str
) -> None:
    said = letters(*words)
    assert (said.status, said.out) == (status, "")
    assert said.err.startswith(f"jobctl: {message}")
    assert SECRET not in said.err
    assert letters.site.ctx.store.runs.history(HistoryFilter()) == []


def test_run_takes_values_too(letters: Shell) -> None:
    said = letters("run", "letter", "--param", "to=a@b", "--param", "copies=3")
    assert (said.status, said.out) == (0, "a@b|3|")


def test_run_waits_for_its_time(letters: Shell) -> None:
    said = letters("run", "letter", "--params", '{"to": "a@b"}', "--delay", "300ms")
    assert (said.status, said.out) == (0, "a@b|1|")


def test_run_with_an_id_that_exists_follows_that_run(letters: Shell) -> None:
    first = letters("run", "fails", "--id", "once")
    assert first.status == 3
    again = letters("run", "fails", "--id", "once")
    assert (again.status, again.out) == (3, "bad\n")
    assert "fails once exists already: " in again.err
    assert letters.site.ctx.store.runs.counts()[Status.FAILED] == 1


def test_run_detached_takes_a_time(letters: Shell) -> None:
    said = letters("run", "hello", "-d", "--at", "in 1h")
    assert said.status == 0
    (run,) = letters.site.ctx.store.runs.history(HistoryFilter())
    assert run.status is Status.SCHEDULED


def test_show_tells_what_the_job_takes(letters: Shell) -> None:
    letters.site.define(
        '[jobs.letter]\ncommand = "true"\n[jobs.letter.params]\n'
        'to = { type = "string", required = true, pattern = "@", description = "the receiver" }\n'
        'copies = { type = "integer", minimum = 1, maximum = 9, default = 1 }\n'
        'tags = { type = "list", max_length = 3 }\nmood = { type = "string", choices = ["a", "b"] }\n'
    )
    sheet = letters("show", "letter").out.split("Params\n")[1].split("\n\n")[0].split("\n")
    assert sheet == [
        "copies  integer, 1 to 9, default 1",
        'mood    string, "a" | "b"',
        "tags    list, at most 3 elements",
        "to      string, required, a match of @: the receiver",
    ]
