"""`logs`: exact bytes for programs, safe text for terminals, and the reason where there is nothing to show."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.live.log_pane import LogPane
from jobctl.cli.main import call
from jobctl.cli.render.json import instant
from jobctl.cli.render.top.screen import Size
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.operations.output import matching
from jobctl.store.records import HistoryFilter
from tests.cli.shell import Shell
from tests.cli.showcase import Showcase
from tests.operations.site import Site, wait_until

RAW = b"first\n\x1b[31mred\x1b[0m\n\xff\xfe\x00\nlast line without end"


@pytest.fixture
def logged(showcase: Showcase) -> str:
    """The id of a run that wrote RAW."""
    showcase.load()
    run_id = showcase.run_through("backup", Status.SUCCEEDED)
    showcase.write_log(run_id, 1, RAW)
    return to_text(run_id)


def test_a_pipe_gets_the_exact_bytes(logged: str, showcase: Showcase) -> None:
    places = ["--config", str(showcase.jobs_file), "--state-dir", str(showcase.folder / "state")]
    asked = [sys.executable, "-m", "jobctl", "logs", logged, *places]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == RAW


def seen_on_terminal(showcase: Showcase, *words: str, **variables: str) -> bytes:
    """What `jobctl logs WORDS` writes to one."""
    places = ["--config", str(showcase.jobs_file), "--state-dir", str(showcase.folder / "state")]
    master, slave = pty.openpty()
    asked = [sys.executable, "-m", "jobctl", "logs", *words, *places]
    with subprocess.Popen(asked, stdout=slave, env=os.environ | variables) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the last one at the other side has left
                break
            shown += piece
    os.close(master)
    assert process.returncode == 0
    return shown


def test_a_terminal_gets_control_characters_made_visible(logged: str, showcase: Showcase) -> None:
    shown = seen_on_terminal(showcase, logged)
    assert b"\x1b" not in shown
    assert rb"\x1b[31mred\x1b[0m" in shown
    assert rb"\xff\xfe\x00" in shown


def test_grep_colours_its_heads_and_only_them(logged: str, showcase: Showcase) -> None:
    shown = seen_on_terminal(showcase, "backup", "--grep", "red", TERM="xterm", NO_COLOR="", FORCE_COLOR="1")
    [line] = shown.splitlines()
    head, found = line.split(b"  ", 1)
    assert head.startswith(b"\x1b[2m" + logged.encode())
    assert head.endswith(b"\x1b[0m")
    assert found == rb"\x1b[31mred\x1b[0m"


def test_a_job_stands_for_its_newest_run(logged: str, showcase: Showcase) -> None:
    showcase.clock.at += 60_000
    newer = showcase.run_through("backup", Status.SUCCEEDED)
    showcase.write_log(newer, 1, b"newer\n")
    assert showcase.call("logs", "backup").out == "newer\n"
    assert json.loads(showcase.call("logs", logged, "--json").out)["lines"][0] == "first"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["-n", "2"], ["three", "four"]),
        (["-n", "0"], []),
        (["--grep", "^t"], ["two", "three"]),
        (["--grep", "^t", "-n", "1"], ["three"]),
        (["--grep", "nothing"], []),
    ],
)
def test_lines_are_chosen(showcase: Showcase, words: list[str], lines: list[str]) -> None:
    showcase.load()
    run_id = showcase.run_through("backup", Status.SUCCEEDED)
    showcase.write_log(run_id, 1, b"one\ntwo\nthree\nfour\n")
    run = to_text(run_id)
    assert showcase.call("logs", run, *words).out.splitlines() == lines
    document = json.loads(showcase.call("logs", run, "--json", *words).out)
    assert document["lines"] == lines
    assert document["attempt"] == 1


@pytest.fixture
def three_runs(showcase: Showcase) -> list[str]:
    """The ids of three runs of one job, an hour apart; the log of the last is gone."""
    showcase.load()
    made = []
    for number in range(3):
        run_id = showcase.run_through("backup", Status.SUCCEEDED)
        if number < 2:
            showcase.write_log(run_id, 1, b"fine\n\xff error %d\nlast error" % number)
        made.append(to_text(run_id))
        showcase.clock.at += 3_600_000
    return made


def test_grep_with_a_job_looks_into_all_its_logs_the_oldest_first(showcase: Showcase, three_runs: list[str]) -> None:
    places = ["--config", str(showcase.jobs_file), "--state-dir", str(showcase.folder / "state")]
    asked = [sys.executable, "-m", "jobctl", "logs", "backup", "--grep", r"\berror", *places]
    said = subprocess.run(asked, capture_output=True, check=True)
    found = [line.split(b"  ", 1) for line in said.stdout.splitlines()]
    assert [line for _, line in found] == [b"\xff error 0", b"last error", b"\xff error 1", b"last error"]
    assert [head.split()[0].decode() for head, _ in found] == [run for run in three_runs[:2] for _ in range(2)]
    assert all(head.endswith(b"Z") for head, _ in found)
    assert said.stderr == b"in 2 runs of backup\n"


def test_grep_with_a_glob_looks_into_the_logs_of_all_its_jobs(showcase: Showcase, three_runs: list[str]) -> None:
    showcase.clock.at -= 5_400_000
    other = showcase.run_through("report", Status.SUCCEEDED)
    showcase.write_log(other, 1, b"report error\nlast error\n")
    said = showcase.call("logs", "*", "--grep", "last error")
    assert [line.split("  ", 1)[0].split()[:2] for line in said.out.splitlines()] == [
        ["id0000000001", "backup"],
        ["id0000000002", "backup"],
        ["id0000000003", "report"],
    ]
    assert said.err == "in 3 runs of 2 jobs\n"
    assert showcase.call("logs", "*", "--grep", "report").err == "in 1 run of report\n"
    assert showcase.call("logs", "*", "--grep", "panic").err == "no line of any kept log of 4 jobs matches\n"
    one = showcase.call("logs", "back*", "--grep", "last error", "-n", "1")
    assert one.out.split()[1].endswith("Z")
    assert one.err == "in 1 run of backup\n"
    assert showcase.call("logs", "*").err.startswith("jobctl: `*` means 4 jobs\n")


class CountedPipe(io.RawIOBase):
    """A stream that keeps what it is given, and how often it was given something."""

    def __init__(self) -> None:
        self.content = b""
        self.writes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.content += bytes(data)
        self.writes += 1
        return len(data)


def test_many_matches_go_into_a_pipe_together(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    showcase.load()
    showcase.write_log(showcase.run_through("backup", Status.SUCCEEDED), 1, b"an error \xff\n" * 1000)
    pipe = CountedPipe()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(pipe)))
        assert call(["logs", "backup", "--grep", "error"]) == 0
        sys.stdout.flush()
    assert pipe.content.count(b"  an error \xff\n") == 1000
    assert pipe.writes < 100


def test_the_last_matches_are_those_of_the_newest_runs(showcase: Showcase, three_runs: list[str]) -> None:
    said = json.loads(showcase.call("--json", "logs", "backup", "--grep", "error", "-n", "3").out)
    assert [one["line"] for one in said] == ["last error", "\\xff error 1", "last error"]
    newest = json.loads(showcase.call("--json", "logs", "backup", "--grep", "error", "-n", "1").out)
    assert [(one["job"], one["attempt"], one["line"]) for one in newest] == [("backup", 1, "last error")]
    since = json.loads(showcase.call("--json", "logs", "backup", "--grep", "error", "--since", "2h30m").out)
    assert [one["line"] for one in since] == ["\\xff error 1", "last error"]


def test_a_match_tells_when_its_attempt_started_though_the_run_waits_again(showcase: Showcase) -> None:
    showcase.load()
    run_id = showcase.run_through("backup", Status.FAILED)
    showcase.write_log(run_id, 1, b"an error\n")
    [attempt] = showcase.context.store.attempts.of_run(run_id)
    assert showcase.call("retry", to_text(run_id)).status == 0
    [match] = json.loads(showcase.call("--json", "logs", "backup", "--grep", "error").out)
    assert match["started_at"] == instant(attempt.started_at)


def test_grep_with_a_job_says_when_nothing_matches(showcase: Showcase, three_runs: list[str]) -> None:
    said = showcase.call("logs", "backup", "--grep", "panic")
    assert (said.status, said.out, said.err) == (0, "", "no line of any kept log of backup matches\n")
    assert json.loads(showcase.call("--json", "logs", "backup", "--grep", "panic").out) == []
    bad = showcase.call("logs", "backup", "--grep", "(")
    assert (bad.status, bad.out) == (2, "")
    assert bad.err.startswith("jobctl: --grep: `(` is no regular expression")


def test_a_line_longer_than_memory_should_hold_is_searched_in_pieces() -> None:
    pieces = [b"x" * 65_536] * 40 + [b"needle", b"\nshort needle\n"]
    found = list(matching(iter(pieces), re.compile(b"needle")))
    assert [len(line) for line in found] == [40 * 65_536 % (1 << 20) + 7, 13]


def test_following_a_job_goes_on_with_its_next_runs(jobctl: Shell, tmp_path: Path) -> None:
    site = jobctl.site
    jobctl("run", "hello")
    follower = [sys.executable, "-m", "jobctl", "logs", "hello", "-F", "-c", str(site.jobs_file)]
    with subprocess.Popen(
        [*follower, "--state-dir", str(site.state_dir)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        seen: list[bytes] = []
        reader = threading.Thread(target=lambda: seen.extend(process.stdout or ()))
        reader.start()
        wait_until(lambda: len(seen) == 1, "the run that is over is shown")
        for count in (2, 3):
            jobctl("run", "hello")
            wait_until(lambda count=count: len(seen) == count, "so is the next one")  # type: ignore[misc]
        process.terminate()
        reader.join(30)
    assert len(set(seen)) == 1


def test_a_run_is_not_followed_for_ever(jobctl: Shell) -> None:
    jobctl("run", "hello")
    run = json.loads(jobctl("--json", "history", "hello").out)[0]["id"]
    said = jobctl("logs", run, "-F")
    assert said.status == 2
    assert "--forever needs a job, not a run" in said.err


def test_an_earlier_attempt_is_shown_when_asked_for(showcase: Showcase) -> None:
    showcase.load()
    run_id = showcase.add("backup", max_attempts=2)
    showcase.end(run_id, showcase.begin(run_id), Status.FAILED, retry_in=1)
    showcase.clock.at += 1000
    showcase.context.store.runs.release_due(showcase.clock.at)
    showcase.end(run_id, showcase.begin(run_id), Status.SUCCEEDED)
    showcase.write_log(run_id, 1, b"failing\n")
    showcase.write_log(run_id, 2, b"working\n")
    newest = showcase.call("logs", "backup")
    assert (newest.out, newest.err) == ("working\n", "this was attempt 2; --attempt shows the earlier ones\n")
    assert showcase.call("logs", "backup", "--attempt", "1").out == "failing\n"
    missing = showcase.call("logs", "backup", "--attempt", "3")
    assert missing.status == 4
    assert "has no attempt 3\n  it has made 2 attempts" in missing.err


def test_all_runs_since_a_time_are_shown_one_after_the_other(showcase: Showcase) -> None:
    showcase.load()
    for number in range(3):
        showcase.write_log(showcase.run_through("backup", Status.SUCCEEDED), 1, f"run {number}\n".encode())
        showcase.clock.at += 3_600_000
    assert showcase.call("logs", "backup", "--since", "2h30m").out == "run 1\nrun 2\n"
    assert showcase.call("logs", "backup", "--since", "10s").status == 4


def test_a_missing_log_says_why(showcase: Showcase) -> None:
    ids = showcase.fill()
    assert showcase.call("logs", ids["killed"]).err.startswith(
        "jobctl: the log of run id0000000001, attempt 1, is gone /srv/state/logs/"
    )
    skipped = showcase.call("logs", ids["skipped"])
    assert skipped.status == 4
    assert "has no log: it never started (skipped: an earlier run was still active)" in skipped.err
    assert re.search(r"`jobctl why mail-queue --at \S+Z` says more", skipped.err)
    waiting = to_text(showcase.add("report"))
    assert "has no log: it has not started yet (queued)" in showcase.call("logs", waiting).err


@pytest.mark.parametrize("words", [[], ["--attempt", "1"], ["-n", "5"]])
def test_a_log_that_was_never_made_is_not_told_as_one_that_is_gone(jobctl: Shell, words: list[str]) -> None:
    jobctl.site.define('[jobs.gone]\ncommand = ["nothere"]\n')
    assert jobctl("run", "gone").status == 127
    said = jobctl("logs", "gone", *words)
    assert said.status == 4
    assert "has no log, nothing was written: attempt 1 never started: nothere: command not found in PATH /" in said.err
    assert "pruned" not in said.err


def test_a_log_that_was_taken_away_from_a_command_that_gave_127_is_gone(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.typo]\ncommand = "exit 127"\n')
    assert jobctl("run", "typo").status == 127
    [log] = jobctl.site.state_dir.glob("logs/*/*.log")
    log.unlink()
    assert "was pruned by the retention, or deleted by somebody else" in jobctl("logs", "typo").err


def test_the_log_page_of_top_says_why_an_attempt_never_started(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.gone]\ncommand = ["nothere"]\n')
    jobctl("run", "gone")
    [run] = jobctl.site.ctx.store.runs.history(HistoryFilter(jobs=("gone",)))
    page = LogPane(jobctl.site.ctx, run, ascii_only=True).draw(Size(300, 10))
    said = "".join(text for line in page for text, _ in line)
    assert "attempt 1 never started: nothere: command not found in PATH" in said


def test_a_run_that_wrote_nothing_says_so_beside_the_data(showcase: Showcase) -> None:
    showcase.load()
    showcase.write_log(showcase.run_through("backup", Status.SUCCEEDED), 1, b"")
    said = showcase.call("logs", "backup")
    assert (said.status, said.out, said.err) == (0, "", "the run has written nothing\n")


def test_the_empty_log_of_a_run_that_met_a_full_disk_is_not_said_to_be_all_that_it_wrote(showcase: Showcase) -> None:
    showcase.load()
    showcase.write_log(showcase.run_through("backup", Status.FAILED, error=OUTPUT_MAY_BE_MISSING), 1, b"")
    said = showcase.call("logs", "backup").err
    assert said == f"nothing is kept of what the run has written, if anything: {OUTPUT_MAY_BE_MISSING}\n"


def test_a_run_that_may_write_still_is_not_told_as_over(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    run_id = showcase.add("backup", max_attempts=2)
    for number in (1, 2):
        assert showcase.begin(run_id) == number
        showcase.write_log(run_id, number, b"")
        assert showcase.call("logs", "backup").err.startswith("nothing was written yet\n")
        if number == 1:
            showcase.end(run_id, number, Status.FAILED, retry_in=1)
            assert showcase.call("logs", "backup").err == "the run has written nothing\n"
            showcase.clock.at += 1_000
            showcase.context.store.runs.release_due(showcase.clock.at)
    assert showcase.call("logs", "backup", "--attempt", "1").err == "the run has written nothing\n"


def test_following_ends_with_the_run_and_misses_nothing(site: Site, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    site.define(
        f"[jobs.slow]\ncommand = '''echo begun; while [ ! -e {gate} ]; do sleep 0.02; done; seq 5000; echo done'''\n"
    )
    jobctl = [sys.executable, "-m", "jobctl"]
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    with subprocess.Popen([*jobctl, "run", "slow", *places], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        wait_until(lambda: bool(list(site.state_dir.glob("logs/*/*.log"))), "the log is there")
        follower = [*jobctl, "logs", "slow", "-f", *places]
        with subprocess.Popen(follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            seen: list[bytes] = []
            reader = threading.Thread(target=lambda: seen.extend(process.stdout or ()))
            reader.start()
            wait_until(lambda: seen == [b"begun\n"], "the follower shows what was written")
            gate.touch()
            reader.join(30)
            assert process.wait(30) == 0
            assert process.stderr is not None
            assert b"succeeded" in process.stderr.read()
    assert seen == [b"begun\n", *(b"%d\n" % number for number in range(1, 5001)), b"done\n"]


def test_a_job_whose_last_run_was_deleted_has_run_and_logs_says_so(jobctl: Shell) -> None:
    jobctl("run", "hello")
    run = json.loads(jobctl("--json", "history", "hello").out)[0]["id"]
    assert jobctl("delete", run).status == 0
    said = jobctl("logs", "hello")
    assert said.status == 4
    assert "the last run of hello was deleted or pruned, with its log" in said.err
