"""`enable`, `disable`, `pause`, `resume`, `backup`: what they say, twice if need be, and their exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell

EXPECTED = 'expected a duration such as "90s", "15m", "2h" or "1d12h"'


def test_disable_says_until_when_and_why(jobctl: Shell) -> None:
    said = jobctl("disable", "hello", "--for", "4h", "--reason", "moving house")
    assert said.status == 0
    assert re.fullmatch(r"hello disabled until .+ \(in 4h\): moving house\n", said.out)
    assert jobctl("disable", "hello").out == "hello was disabled already, now until further notice\n"


def test_enable_says_when_the_job_starts_next(jobctl: Shell) -> None:
    jobctl("disable", "hello")
    assert re.fullmatch(r"hello enabled, next in \S+\n", jobctl("enable", "hello").out)
    said = jobctl("enable", "hello")
    assert re.fullmatch(r"hello was enabled already, next in \S+\n", said.out)
    assert said.err == "no daemon is running: nothing starts by itself (`jobctl daemon`)\n"
    jobctl.site.pretend_daemon()
    jobctl.site.ctx.store.service.beat(jobctl.site.ctx.clock.now())
    assert jobctl("enable", "hello").err == ""


def test_globs_and_groups_select(jobctl: Shell) -> None:
    assert jobctl("disable", "*s").out.count("disabled until further notice") == 3
    assert jobctl("enable", "--group", "evening").out == "reports enabled\n"


def test_a_switch_is_told_in_json(jobctl: Shell) -> None:
    (document,) = json.loads(jobctl("--json", "disable", "hello", "--reason", "x").out)
    assert document == {
        "job": "hello",
        "enabled": False,
        "result": "done",
        "disabled_reason": "x",
        "disabled_until": None,
        "next_at": None,
    }


def test_what_the_file_disables_cannot_be_enabled_and_its_place_is_named(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.off]\ncommand = "true"\nenabled = false\n')
    said = jobctl("enable", "off")
    assert (said.status, said.out) == (6, "")
    assert "disabled by the jobs file, which no verb overrules: off" in said.err
    assert f"off: {jobctl.site.jobs_file}:1" in said.err


def test_pause_and_resume_say_what_they_found(jobctl: Shell) -> None:
    assert jobctl("pause", "--for", "30m").out.startswith("all starts held until ")
    assert (
        jobctl("pause", "--reason", "longer").out == "all starts were held already, now until further notice: longer\n"
    )
    assert jobctl("resume").out == "all starts go on\n"
    assert jobctl("resume").out == "nothing held all starts\n"


def test_a_queue_is_held_apart_and_what_stays_held_is_told(jobctl: Shell) -> None:
    jobctl("enable", "hello")  # reads the jobs file
    assert jobctl("pause", "--queue", "mail").out == "queue mail held until further notice\n"
    assert jobctl("pause", "--queue", "mail").out == "queue mail was held already, now until further notice\n"
    jobctl("pause")
    said = jobctl("resume")
    assert said.out == "all starts go on\n"
    assert re.fullmatch(r"queue mail is still paused by \S+ \(`jobctl resume --queue mail`\)\n", said.err)


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (["pause", "mail"], 2, "`jobctl pause --queue mail` holds the starts of a queue, `jobctl disable mail`"),
        (["resume", "mail", "x"], 2, "`jobctl resume --queue mail` lets the starts of a queue go on, `jobctl enable"),
        (["pause", "--queue", "hello"], 4, "it is a job, of the queue default; `jobctl disable hello` and"),
        (["disable", "mail"], 4, "it is a queue: `jobctl pause --queue mail` and `jobctl resume --queue mail`"),
        (["enable", "mail"], 4, "it is a queue: `jobctl pause --queue mail`"),
        (["history", "--job", "hello"], 2, "jobs are named without an option: `jobctl history JOB`"),
        (["stats", "--job", "hello"], 2, "jobs are named without an option: `jobctl stats JOB`"),
        (["retry"], 2, "or select with --dead, --job, --group, --tag, --status or --since"),
        (["dismiss"], 2, "or select with --dead, --job, --group, --tag or --since"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_a_word_of_another_kind_names_what_it_is_for(jobctl: Shell, words: list[str], status: int, hint: str) -> None:
    jobctl("enable", "hello")  # reads the jobs file
    said = jobctl(*words)
    assert (said.status, said.out) == (status, "")
    assert hint in said.err


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["next"], ["top", "--once"]], ids=" ".join)
def test_who_shows_coming_starts_says_that_they_are_held(jobctl: Shell, words: list[str]) -> None:
    by = "are held now (`jobctl status` says by whom, `jobctl resume"
    assert "held" not in jobctl(*words).err
    jobctl("pause", "--queue", "mail")
    assert f"starts of queue mail {by} --queue mail` lets them go on)\n" in jobctl(*words).err
    jobctl("pause")
    assert f"starts {by}` lets them go on)\n" in jobctl(*words).err
    jobctl("resume")
    jobctl("pause", "--queue", "default")
    several = f"starts of queues default, mail {by} --queue default` lets them go on, a queue at a time)\n"
    assert several in jobctl(*words).err


def test_a_pause_is_told_in_json(jobctl: Shell) -> None:
    held = json.loads(jobctl("--json", "pause", "--reason", "x").out)
    assert (held["paused"], held["queue"], held["reason"]) == (True, None, "x")
    assert json.loads(jobctl("--json", "resume").out)["paused"] is False


def test_a_backup_says_where_and_how_large(jobctl: Shell, tmp_path: Path) -> None:
    jobctl("run", "hello", "-d")
    target = tmp_path / "copy.db"
    said = jobctl("backup", str(target))
    assert said.status == 0
    assert re.fullmatch(rf"{target} \d+(\.\d+)?[KM]B\n", said.out)
    assert said.err == ""


def test_a_backup_says_which_older_copy_it_replaced(jobctl: Shell, tmp_path: Path) -> None:
    jobctl("run", "hello", "-d")
    target = tmp_path / "copy.db"
    target.touch()  # as `mktemp` does
    assert json.loads(jobctl("--json", "backup", str(target)).out)["replaced"] is None
    os.utime(target, (1_795_374_309, 1_795_374_309))
    assert jobctl("backup", str(target)).err.startswith("it replaced an older copy, of 2026-11-22 ")
    os.utime(target, (1_795_374_309, 1_795_374_309))
    assert json.loads(jobctl("--json", "backup", str(target)).out) == {
        "path": str(target),
        "size": target.stat().st_size,
        "replaced": "2026-11-22T19:05:09Z",
    }


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["enable"], 2, "which job?"),
        (["disable"], 2, "which job?"),
        (["enable", "helo"], 4, "there is no job `helo`"),
        (["disable", "hello", "helo"], 4, "there is no job `helo`"),
        (["disable", "hello", "--for", "4x"], 2, f'--for "4x": {EXPECTED}'),
        (["disable", "hello", "--for", ""], 2, f'--for "": {EXPECTED}'),
        (["disable", "hello", "--for", "0s"], 2, "--for 0s is no time at all"),
        (["pause", "--for", "-5m"], 2, f'--for "-5m": {EXPECTED}'),
        (
            ["pause", "--for", "9999999w"],
            2,
            "--for 9999999w is longer than 100 years\n  write a shorter one, or leave it out",
        ),
        (["pause", "--queue", "mial"], 4, 'no job uses a queue "mial"'),
        (["resume", "--queue", "mial"], 4, 'no job uses a queue "mial"'),
        (["pause", "all"], 2, "got unexpected extra argument(s) (all)"),
        (["backup"], 2, "missing argument 'FILE'"),
        (["backup", "/nonexistent/copy.db"], 1, "there is no directory /nonexistent"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(jobctl: Shell, words: list[str], status: int, message: str) -> None:
    jobctl("enable", "hello")
    said = jobctl(*words)
    assert (said.status, said.out) == (status, "")
    assert said.err.startswith(f"jobctl: {message}\n")
    assert jobctl.site.ctx.store.jobs.rows(["hello"])[0].enabled
    assert jobctl.site.ctx.store.switches.pauses(jobctl.site.ctx.clock.now()) == []


@pytest.mark.parametrize(
    "words", ["enable hello", "disable hello", "pause", "resume", "run hello -d", "wait 0", "cancel 0"]
)
def test_no_parser_is_loaded_while_the_jobs_file_is_unchanged(jobctl: Shell, words: str) -> None:
    jobctl("disable", "hello")
    jobctl.site.pretend_daemon()
    heavy = {"rtoml", "msgspec", "croniter", "zoneinfo", "platformdirs", "asyncio", "rich", "psutil"}
    if words.startswith("enable"):  # it tells when the job starts next
        heavy.remove("zoneinfo")
    program = (
        "import sys; from jobctl.cli.main import call; call(sys.argv[1:]); "
        f"sys.stderr.write('loaded: ' + ' '.join({heavy} & sys.modules.keys()))"
    )
    places = ["-c", str(jobctl.site.jobs_file), "--state-dir", str(jobctl.site.state_dir)]
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *words.split(), *places], capture_output=True, text=True, check=True
    )
    assert done.stderr.endswith("loaded: ")
