"""Every way to end, as scripts see it: statuses, one sentence, no traceback."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jobctl import errors
from jobctl.cli.exit_status import ExitStatus, of_error, of_run
from jobctl.domain.run import Status
from tests.cli.showcase import Showcase
from tests.operations.site import PATIENCE, Site, wait_until

JOBCTL = [sys.executable, "-m", "jobctl"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.JobctlError, 1), (errors.UsageError, 2), (errors.JobsFileError, 3), (errors.NotFound, 4),
        (errors.DaemonUnavailable, 5), (errors.StateBusy, 5), (errors.Refused, 6), (errors.StoreUnusable, 1),
        (errors.StoreDamaged, 1), (errors.DiskFull, 1), (errors.CannotStart, 1), (errors.Interrupted, 130),
    ],
)  # fmt: skip
def test_each_error_has_its_status(error: type[errors.JobctlError], status: int) -> None:
    assert of_error(error("no")) == status


@pytest.mark.parametrize(
    ("status", "changes", "expected"),
    [
        (Status.SUCCEEDED, {}, 0),
        (Status.FAILED, {}, 3),
        (Status.FAILED, {"exit_code": 0}, 1),
        (Status.FAILED, {"exit_code": None, "signal": 9}, 137),
        (Status.TIMED_OUT, {}, ExitStatus.TIMED_OUT),
        (Status.LOST, {"lost": True, "error": "the keeper was killed"}, ExitStatus.OUTCOME_UNKNOWN),
    ],
)
def test_a_run_passes_its_end_on(showcase: Showcase, status: Status, changes: dict[str, object], expected: int) -> None:
    showcase.load()
    run_id = showcase.add("backup")
    showcase.end(run_id, showcase.begin(run_id), status, **changes)  # type: ignore[arg-type]
    assert of_run(showcase.run(run_id)) == expected


def test_an_unexpected_error_is_one_sentence_and_its_traceback_only_for_the_asking(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("jobctl.cli.list.refresh", broken)
    said = showcase.call("list")
    assert said.status == 1
    assert said.err.splitlines()[-2:] == [
        "jobctl: unexpected ZeroDivisionError: division by zero",
        "  this is a mistake in jobctl: please report it with what the same call says with -v",
    ]
    assert "Traceback" in showcase.call("list", "-v").err
    assert json.loads(showcase.call("list", "--json").err.splitlines()[-1])["error"]["code"] == 1


def test_a_reader_that_leaves_ends_the_call_quietly(site: Site) -> None:
    words = "x" * 200  # more than a pipe holds, all together
    site.define("".join(f'[jobs.job-{at:05}]\ncommand = "true"\ndescription = "{words}"\n' for at in range(1000)))
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    with subprocess.Popen(
        [*JOBCTL, "list", *places, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == ExitStatus.BROKEN_PIPE
        assert process.stderr.read() == b""


def test_a_full_disk_behind_stdout_is_said(site: Site) -> None:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run([*JOBCTL, "list", *places], stdout=full, stderr=subprocess.PIPE, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith(b"jobctl: standard output: No space left on device\n  free some space there")
    assert b"Traceback" not in said.stderr
    assert b"Exception ignored" not in said.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["list"], 0), (["status"], 0), (["--help"], 0), (["--version"], 0), (["run", "fails"], 3), (["nosuch"], 2),
        (["nosuch", "--json"], 2), (["exec", "--name", "x", "--", "sh", "-c", "exit 7"], 7),
    ],
)  # fmt: skip
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_has_closed_are_no_mistake_of_the_verb(
    site: Site, closed: str, words: list[str], status: int
) -> None:
    places = {"JOBCTL_CONFIG": str(site.jobs_file), "JOBCTL_STATE_DIR": str(site.state_dir)}
    call = ["sh", "-c", f'"$@" {closed}', "sh", *JOBCTL, *words]
    said = subprocess.run(call, env={**os.environ, **places}, capture_output=True, check=False)
    assert said.returncode == status
    assert b"Traceback" not in said.stderr


@pytest.mark.parametrize(("words", "status"), [(["status"], 0), (["run", "fails"], 3), (["nosuch", "--json"], 2)])
def test_a_full_disk_behind_stderr_keeps_no_verb_from_its_work(site: Site, words: list[str], status: int) -> None:
    places = {"JOBCTL_CONFIG": str(site.jobs_file), "JOBCTL_STATE_DIR": str(site.state_dir)}
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            [*JOBCTL, *words], env={**os.environ, **places}, stdout=subprocess.DEVNULL, stderr=full, check=False
        )
    assert said.returncode == status


def test_data_from_before_an_error_is_shown(site: Site) -> None:
    def jobctl(*words: str) -> subprocess.CompletedProcess[bytes]:
        places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
        return subprocess.run([*JOBCTL, *words, *places], capture_output=True, check=False)

    jobctl("run", "hello")
    (ended,) = json.loads(jobctl("history", "--json").stdout)
    waiting = jobctl("enqueue", "hello").stdout.decode().strip()
    said = jobctl("cancel", "--json", waiting, ended["id"])
    assert [run["status"] for run in json.loads(said.stdout)] == ["cancelled", "succeeded"]
    assert json.loads(said.stderr)["error"]["code"] == said.returncode == ExitStatus.REFUSED


def test_words_that_are_no_utf_8_are_no_mistake_of_jobctl(showcase: Showcase) -> None:
    showcase.fill()
    added = showcase.call("add", "new", "--command", "a\udcff")
    assert (added.status, added.err.splitlines()[0]) == (2, "jobctl: what is given for the job is not UTF-8")
    assert "\\xff" in showcase.call("logs", "mail-queue", "--grep", "\udcff", "--json").out


def test_ctrl_c_ends_a_verb_whose_reader_has_stopped_reading(site: Site) -> None:
    site.define("".join(f'[jobs.job-{number}]\ncommand = "true"\n' for number in range(100)))
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    reader, writer = os.pipe()
    room = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([*JOBCTL, "metrics", *places], stdout=writer, stderr=subprocess.PIPE) as verb:
        os.close(writer)
        wait_until(lambda: held_by(reader) == room, "the pipe is full")
        verb.send_signal(signal.SIGINT)
        try:
            _, said = verb.communicate(timeout=PATIENCE)
        finally:
            verb.kill()
    assert (verb.returncode, said) == (ExitStatus.INTERRUPTED, b"")
    os.close(reader)


def test_ctrl_c_cancels_a_run_whose_reader_has_stopped_reading(site: Site) -> None:
    site.define('[jobs.flood]\ncommand = "yes"\n')
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    reader, writer = os.pipe()
    room = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([*JOBCTL, "run", "flood", *places], stdout=writer, stderr=subprocess.DEVNULL) as verb:
        os.close(writer)
        wait_until(lambda: held_by(reader) == room, "the pipe is full")
        verb.send_signal(signal.SIGINT)
        try:
            assert verb.wait(PATIENCE) == ExitStatus.INTERRUPTED
        finally:
            verb.kill()
    os.close(reader)
    history = subprocess.run([*JOBCTL, "history", "--json", *places], check=True, capture_output=True)
    assert [run["status"] for run in json.loads(history.stdout)] == ["cancelled"]


def held_by(pipe: int) -> int:
    """How many bytes wait to be read."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("into", ["| cat", ">> file; cat file"])
def test_what_came_before_ctrl_c_is_shown_to_who_still_reads(tmp_path: Path, into: str) -> None:
    (tmp_path / "file").write_text("first\n")
    (tmp_path / "verb.py").write_text(
        "import sys\nfrom jobctl.cli import main\n"
        "def dispatch(*_):\n    sys.stdout.write('second\\n')\n    raise KeyboardInterrupt\n"
        "main._dispatch = dispatch\nmain.main()\n"
    )
    call = ["sh", "-c", f'{{ "$@"; echo $? >&2; }} {into}', "sh", sys.executable, "verb.py", "list"]
    said = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (said.stdout.removeprefix("first\n"), said.stderr) == ("second\n", "130\n")


def test_ctrl_c_ends_a_follower_with_130(site: Site) -> None:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    subprocess.run([*JOBCTL, "run", "hello", *places], check=True, capture_output=True)
    with subprocess.Popen(
        [*JOBCTL, "history", "-f", *places], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"RUN ")
        assert b"hello" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""


def test_history_follows_in_the_columns_that_somebody_chose(site: Site) -> None:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    subprocess.run([*JOBCTL, "run", "hello", *places], check=True, capture_output=True)
    follower = [*JOBCTL, "history", "-f", "--columns", "exit,job", *places]
    with subprocess.Popen(follower, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == [b"EXIT", b"JOB"]
        assert process.stdout.readline().split() == [b"0", b"hello"]
        subprocess.run([*JOBCTL, "run", "fails", *places], check=False, capture_output=True)
        assert process.stdout.readline().split() == [b"3", b"fails"]
        process.terminate()


def test_history_follows_runs_as_they_end(site: Site) -> None:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    subprocess.run([*JOBCTL, "run", "hello", *places], check=True, capture_output=True)
    follower = [*JOBCTL, "history", "-f", "--json", *places]
    with subprocess.Popen(follower, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == "succeeded"
        subprocess.run([*JOBCTL, "run", "fails", *places], check=False, capture_output=True)
        run = json.loads(process.stdout.readline())
        assert (run["job"], run["status"], run["exit_code"]) == ("fails", "failed", 3)
        process.terminate()


@pytest.mark.parametrize("words", [["status"], ["list"], ["history"], ["logs", "hello"]])
def test_a_state_directory_that_others_may_enter_is_refused(site: Site, words: list[str]) -> None:
    site.state_dir.mkdir(exist_ok=True)
    site.state_dir.chmod(0o755)
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    said = subprocess.run([*JOBCTL, *words, *places], capture_output=True, check=False)
    assert said.returncode == 6
    assert b"chmod 700" in said.stderr


def test_a_damaged_database_is_told_with_the_way_out(site: Site) -> None:
    site.ctx.close()
    site.ctx.places.state_dir.mkdir(mode=0o700, exist_ok=True)
    site.ctx.places.database.write_bytes(b"this is no database, however long it is " * 200)
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    said = subprocess.run([*JOBCTL, "list", *places], capture_output=True, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith(b"jobctl: ")
    assert b"Traceback" not in said.stderr
    health = subprocess.run([*JOBCTL, "health", *places], capture_output=True, check=False)
    assert health.returncode == 2
    assert health.stdout.startswith(b"JOBCTL CRITICAL - ")
    assert health.stdout.count(b"\n") == 1


def test_global_options_are_taken_on_both_sides(site: Site) -> None:
    config, state = ["--config", str(site.jobs_file)], ["--state-dir", str(site.state_dir)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOBCTL_")}
    shown = [
        subprocess.run(words, capture_output=True, check=True, env=environment).stdout
        for words in ([*JOBCTL, *config, *state, "--json", "list"], [*JOBCTL, "list", "--json", *state, *config])
    ]
    assert shown[0] == shown[1]
    assert [job["name"] for job in json.loads(shown[0])] == ["fails", "hello", "reports", "sleeps"]


@pytest.fixture
def nobody_reads() -> Iterator[int]:
    """A pipe that is full: who writes to it waits."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(4096))
    os.set_blocking(writing, True)
    yield writing
    os.close(writing)
    os.close(reading)


def interrupted_after(module: str, words: list[str], stdout: int) -> tuple[int, str]:
    """The end of a call that Ctrl-C meets after the import of a module, and what it says from then on."""
    call = [sys.executable, "-X", "importtime", "-m", "jobctl", *words]
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdout=stdout, text=True) as process:
        assert process.stderr is not None
        assert any(line.endswith(f" {module}\n") for line in process.stderr), f"{module} was never imported"
        process.send_signal(signal.SIGINT)
        said = [line for line in process.stderr if not line.startswith("import time:")]
    return process.returncode, "".join(said)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        *((module, ["list"]) for module in ("jobctl.cli", "enum", "jobctl.cli.main", "jobctl.operations.jobs")),
        *((module, ["history", "-fq"]) for module in ("inspect", "typer", "jobctl.cli.group", "_sqlite3")),
        *((module, ["history", "-f"]) for module in ("_sqlite3", "jobctl.cli.interrupts")),
        ("jobctl.cli.version", ["--version"]),
    ],
)
def test_ctrl_c_ends_a_call_without_a_traceback_as_soon_as_it_has_begun(
    site: Site, module: str, words: list[str], nobody_reads: int
) -> None:
    endless = words[0] == "history"  # the others end when somebody reads
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    places = places if words != ["--version"] else []
    status, said = interrupted_after(module, [*words, *places], subprocess.DEVNULL if endless else nobody_reads)
    assert status in (-signal.SIGINT, ExitStatus.INTERRUPTED)
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said


def test_a_caller_that_ignores_ctrl_c_has_its_way(site: Site) -> None:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.argv = ['jobctl', *sys.argv[1:]]\n"
    script += "from jobctl.__main__ import main\nsignal.raise_signal(signal.SIGINT)\nmain()"
    said = subprocess.run([sys.executable, "-c", script, "list", "-q", *places], capture_output=True, check=False)
    assert (said.returncode, said.stderr) == (0, b"")
