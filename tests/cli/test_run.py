"""`run`: the output on stdout, the exit status the job's own, everything else on stderr."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobctl.domain.run import Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.store.records import HistoryFilter
from tests.cli.shell import Shell
from tests.operations.site import Site, wait_until

ROOT = Path(__file__).parents[2]
NO_CLOCK = "leave out --as-scheduled"
ID = r"[0-9a-z]{12}"


def test_the_output_goes_to_stdout_and_the_story_to_stderr(jobctl: Shell) -> None:
    said = jobctl("run", "hello")
    assert (said.status, said.out) == (0, "hello\n")
    assert re.fullmatch(rf"hello {ID}\nhello {ID} succeeded after \S+\n", said.err)


def test_quiet_leaves_only_the_output(jobctl: Shell) -> None:
    said = jobctl("run", "hello", "--quiet")
    assert (said.out, said.err) == ("hello\n", "")


@pytest.mark.parametrize(
    ("definition", "status", "words"),
    [
        ('command = "exit 7"', 7, "failed (exit 7)"),
        ('command = "kill -9 $$"', 137, "failed (SIGKILL)"),
        ('command = ["sleep", "60"]\ntimeout = "100ms"', 124, "timed out"),
        ('command = ["/nonexistent"]', 127, "failed (exit 127)"),
        ('command = "exit 3"\nsuccess_on = [3]', 3, "succeeded (exit 3)"),
    ],
)
def test_the_exit_status_is_that_of_the_job(jobctl: Shell, definition: str, status: int, words: str) -> None:
    jobctl.site.define(f"[jobs.odd]\n{definition}\n")
    said = jobctl("run", "odd")
    assert said.status == status
    assert words in said.err


def test_json_is_the_run_at_its_end_and_the_output_goes_to_stderr(jobctl: Shell) -> None:
    said = jobctl("--json", "run", "fails")
    run = json.loads(said.out)
    assert said.status == 3
    assert (run["job"], run["status"], run["exit_code"], run["origin"]) == ("fails", "failed", 3, "manual")
    assert "bad\n" in said.err


def test_retries_are_told(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.flaky]\ncommand = "[ $JOBCTL_ATTEMPT = 2 ]"\nretries = 2\nretry_delay = "10ms"\n')
    said = jobctl("run", "flaky")
    assert said.status == 0
    assert "attempt 1 of 3 failed, the next one in " in said.err


def test_several_jobs_run_and_one_failure_makes_it_1(jobctl: Shell) -> None:
    said = jobctl("run", "hello", "fails")
    assert (said.status, said.out) == (1, "hello | hello\nfails | bad\n")


def test_several_jobs_that_succeed_make_it_0_and_json_a_list(jobctl: Shell) -> None:
    said = jobctl("--json", "run", "re*", "hello")
    assert said.status == 0
    assert [run["job"] for run in json.loads(said.out)] == ["hello", "reports"]


def test_a_group_is_run(jobctl: Shell) -> None:
    said = jobctl("run", "--group", "evening")
    assert said.status == 0
    assert said.err.startswith("reports ")


def test_detached_the_id_is_all_that_stdout_gets(jobctl: Shell) -> None:
    said = jobctl("run", "hello", "--detach")
    assert said.status == 0
    assert re.fullmatch(rf"{ID}\n", said.out)
    assert said.err == "no daemon is running: it starts when one does\n"
    (run,) = jobctl.site.ctx.store.runs.active("hello")
    assert to_text(run.id) == said.out.strip()
    assert run.status is Status.QUEUED


def test_detached_json_is_the_run(jobctl: Shell) -> None:
    run = json.loads(jobctl("--json", "run", "hello", "-d").out)
    assert (run["status"], run["attempt"]) == ("queued", 0)


def test_the_same_slot_is_not_taken_twice(jobctl: Shell) -> None:
    assert jobctl("run", "hello", "--as-scheduled").status == 0
    said = jobctl("run", "hello", "--as-scheduled")
    assert said.status == 6
    assert "jobctl: the next slot of hello has a run already" in said.err


def test_while_everything_is_paused_a_run_is_refused_unless_it_may_wait(jobctl: Shell) -> None:
    jobctl("pause", "--reason", "upgrade")
    said = jobctl("run", "hello")
    assert (said.status, said.out) == (6, "")
    assert "everything is paused by" in said.err
    assert "(upgrade)" in said.err
    assert jobctl("run", "hello", "--detach").status == 0


@pytest.mark.parametrize(
    ("words", "status", "message", "hint"),
    [
        (["run"], 2, "which job?", "name one, or select with --group or --tag; `jobctl list` shows them"),
        (["run", "helo"], 4, "there is no job `helo`", "did you mean `hello`?"),
        (["run", "x*"], 4, "no job matches `x*`", "`jobctl list` shows all jobs"),
        (
            ["run", "fails", "--as-scheduled"],
            2,
            "fails has no next slot: no clock starts it",
            "leave out --as-scheduled",
        ),
    ],
)
def test_what_cannot_be_run_is_told_with_a_next_step(
    jobctl: Shell, words: list[str], status: int, message: str, hint: str
) -> None:
    said = jobctl(*words)
    assert (said.status, said.out) == (status, "")
    assert said.err == f"jobctl: {message}\n  {hint}\n"


def test_a_broken_jobs_file_is_told_and_nothing_runs(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.hello]\ncomand = "true"\n')
    said = jobctl("run", "hello")
    assert (said.status, said.out) == (3, "")
    assert 'did you mean "command"?' in said.err


class Process:
    """`jobctl run` as a process of its own, with a log of what it says."""

    def __init__(self, site: Site, *words: str) -> None:
        self.out, self.err = site.folder / "out", site.folder / "err"
        places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "jobctl", "run", *words, *places], cwd=ROOT, stdout=out, stderr=err
            )

    def wait_for(self, file: Path, text: str) -> None:
        wait_until(lambda: text in file.read_text(), f"{text!r} in {file.name}")

    def send(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def status(self) -> int:
        return self._process.wait(20)


def test_ctrl_c_cancels_and_gives_130(site: Site) -> None:
    process = Process(site, "sleeps")
    process.wait_for(process.out, "started")
    process.send(signal.SIGINT)
    assert process.status() == 130
    assert re.search(r"sleeps \w+ cancelled by ", process.err.read_text())
    assert site.ctx.store.runs.active("sleeps") == []


def test_a_ctrl_c_that_the_caller_ignores_cancels_nothing(site: Site) -> None:
    go_on = site.folder / "go-on"
    site.define(f'[jobs.waits]\ncommand = "echo on; while [ ! -e {go_on} ]; do sleep 0.02; done; exit 3"\n')
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a script's shell does for `jobctl run waits &`
    try:
        process = Process(site, "waits")
    finally:
        signal.signal(signal.SIGINT, before)
    process.wait_for(process.out, "on")
    process.send(signal.SIGINT)
    go_on.touch()
    assert process.status() == 3
    assert "cancel" not in process.err.read_text()


def test_a_second_ctrl_c_leaves_and_the_job_is_stopped_all_the_same(site: Site) -> None:
    site.define('[jobs.deaf]\ncommand = "trap : TERM; echo on; while :; do sleep 0.02; done"\ngrace = "2s"\n')
    process = Process(site, "deaf")
    process.wait_for(process.out, "on")
    process.send(signal.SIGINT)
    process.wait_for(process.err, "cancelling")
    process.send(signal.SIGINT)
    assert process.status() == 130
    (run,) = site.ctx.store.runs.active("deaf")
    jobctl = [sys.executable, "-P", "-m", "jobctl", "-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    ended = subprocess.run([*jobctl, "wait", to_text(run.id)], cwd=ROOT, check=False, capture_output=True, timeout=30)
    assert ended.returncode == 137, ended.stderr
    assert site.run(run.id).status is Status.CANCELLED


def test_a_reader_that_goes_away_does_not_harm_the_run(site: Site) -> None:
    site.define("[jobs.loud]\ncommand = \"head -c 300000 /dev/zero | tr '\\\\0' x; exit 9\"\n")
    places = f"-c {site.jobs_file} --state-dir {site.state_dir}"
    script = (
        f"{sys.executable} -P -m jobctl run loud {places} 2>{site.folder}/err | head -c 10; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.stdout == "xxxxxxxxxx9\n"
    assert "failed (exit 9)" in (site.folder / "err").read_text()


def test_a_reader_of_everything_that_goes_away_does_not_harm_the_run(site: Site) -> None:
    site.define('[jobs.loud]\ncommand = "for i in 1 2 3; do echo $i; sleep 0.1; done; exit 9"\n')
    places = f"-c {site.jobs_file} --state-dir {site.state_dir}"
    script = f"{sys.executable} -P -m jobctl run loud {places} 2>&1 | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("9\n", "")
    (run,) = site.ctx.store.runs.history(HistoryFilter())
    assert (run.status, run.exit_code) == (Status.FAILED, 9)


GREET = """
[jobs.greet]
command = ["sh", "-c", "echo hello {name}; test {name} != bob"]
params = { name = { type = "string" } }
"""


GREETED = ("ada", "eve")


def lines(folder: Path, *names: str) -> str:
    file = folder / "lines"
    file.write_text("".join(f'{{"params": {{"name": "{name}"}}}}\n' for name in names))
    return str(file)


def test_a_file_of_lines_is_run_and_waited_for(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    said = jobctl("run", "greet", "--from", lines(tmp_path, *GREETED))
    assert said.status == 0
    found = jobctl.site.ctx.store.runs.history(HistoryFilter(jobs=("greet",), limit=9))[::-1]
    assert said.out == "".join(f"{to_text(run.id)} | hello {name}\n" for run, name in zip(found, GREETED, strict=True))
    assert "2 runs of greet" in said.err
    assert [(run.status, run.origin) for run in found] == [(Status.SUCCEEDED, Origin.MANUAL)] * 2
    assert [(one.action, one.detail) for one in jobctl.site.ctx.store.events.recent(9)] == [("run", "2 from lines")]


def test_one_line_that_fails_is_a_failure_and_json_is_a_list(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    said = jobctl("--json", "run", "greet", "--from", lines(tmp_path, "ada", "bob"))
    assert said.status == 1
    assert [run["status"] for run in json.loads(said.out)] == ["succeeded", "failed"]


def test_no_line_is_no_run_and_json_an_empty_list(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    said = jobctl("--json", "run", "greet", "--from", lines(tmp_path))
    assert (said.status, said.out) == (0, "[]\n")


def test_lines_of_one_id_are_one_run_that_is_told_once(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    file = tmp_path / "twice"
    file.write_text('{"params": {"name": "ada"}, "id": "x"}\n' * 2)
    said = jobctl("run", "greet", "--from", str(file))
    assert (said.status, said.out) == (0, "hello ada\n")
    assert len(said.err.splitlines()) == 3  # how many there are, which, and its end


def test_lines_of_a_file_that_may_not_be_used_any_more_make_nothing(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    assert jobctl("list").status == 0
    jobctl.site.jobs_file.chmod(0o666)
    assert jobctl("run", "greet", "--from", lines(tmp_path, "ada")).status == 3
    assert jobctl.site.ctx.store.runs.history(HistoryFilter()) == []


def test_detached_lines_are_only_made(jobctl: Shell, tmp_path: Path) -> None:
    jobctl.site.define(GREET)
    said = jobctl("run", "greet", "--detach", "--from", lines(tmp_path, "ada", "eve"))
    assert (said.status, len(said.out.split())) == (0, 2)
    assert said.err == "2 runs of greet\nno daemon is running: they start when one does\n"
    assert {run.status for run in jobctl.site.ctx.store.runs.history(HistoryFilter(limit=9))} == {Status.QUEUED}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("greet", "hello"), "--from makes runs of one job, and 2 are chosen"),
        (("greet", "--id", "a"), "--id and --from exclude each other"),
        (("greet", "--as-scheduled"), "--from excludes --as-scheduled and --dry-run"),
        (("greet", "--dry-run"), "--from excludes --as-scheduled and --dry-run"),
        (("greet", "--param", "name=eve"), "line 2"),
    ],
)
def test_of_lines_that_cannot_be_run_nothing_is_made(
    jobctl: Shell, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    jobctl.site.define(GREET + '[jobs.hello]\ncommand = "true"\n')
    file = lines(tmp_path, "ada")
    Path(file).write_text(Path(file).read_text() + '{"params": {"nam": "eve"}}\n')
    said = jobctl("run", *words, "--from", file)
    assert said.status == 2
    assert sentence in said.err
    assert jobctl.site.ctx.store.runs.history(HistoryFilter(limit=9)) == []
