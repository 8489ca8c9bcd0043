"""`exec`: what a bare command would do, and a run that remembers it."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pytest

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """
[jobs.bounded]
command = "true"
timeout = "500ms"
grace = "100ms"
[jobs.limited]
command = "true"
limits = { open_files = 33 }
[jobs.exclusive]
command = "exec sleep 60"
[jobs.patient]
command = "exec sleep 60"
overlap = "queue"
[jobs.replacing]
command = "exec sleep 60"
overlap = "replace"
grace = "1s"
[jobs.follower]
command = "true"
after = ["nightly"]
[jobs.nightly]
command = "false"
[jobs.tolerant]
command = "false"
success_on = [0, 3]
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    made.write_jobs(JOBS)
    yield made
    made.close()


def execute(
    installed: Installation, name: str, *words: str, stdin: bytes = b"", **options: Any
) -> subprocess.CompletedProcess[bytes]:
    environment = {**installed.environment, **options.pop("env", {})}
    command = installed.command("exec", "--name", name, "--", *words)
    return subprocess.run(
        command, input=stdin, capture_output=True, timeout=60, env=environment, cwd=installed.folder, **options
    )


Begin = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def begin(installed: Installation) -> Iterator[Begin]:
    """Starts `exec` and does not wait for it: name, words of the command, options of Popen. No process is left over."""
    with ExitStack() as calls:

        def started(name: str, *words: str, **given: Any) -> subprocess.Popen[bytes]:
            command = installed.command("exec", "--name", name, "--", *words)
            pipe = subprocess.PIPE
            options: dict[str, Any] = {"preexec_fn": _hear_hangups} | given
            call = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, env=installed.environment, cwd=installed.folder,
                **options,
            )  # fmt: skip
            calls.enter_context(call)
            calls.callback(call.kill)
            return call

        yield started


def _hear_hangups() -> None:
    """As from a terminal; whoever runs the tests under `nohup` would see them ignored, rightly."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def said(call: subprocess.Popen[bytes]) -> bytes:
    """The next line of its output."""
    return output(call).readline()


def output(call: subprocess.Popen[bytes]) -> IO[bytes]:
    assert call.stdout is not None
    return call.stdout


def newest(installed: Installation) -> dict[str, Any]:
    [run] = installed.ask("history", "--limit", "1")
    assert isinstance(run, dict)
    return run


def log_of(installed: Installation, run: dict[str, Any]) -> bytes:
    [path] = (installed.state_dir / "logs").rglob(f"{run['id']}-1.log")
    return path.read_bytes()


def test_output_and_errors_stay_apart_and_the_log_has_both(installed: Installation) -> None:
    done = execute(installed, "any", "sh", "-c", "printf 'a\\0\\377'; sleep 0.1; echo bad >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"a\0\xff", b"bad\n")
    run = newest(installed)
    assert (run["job"], run["status"], run["origin"], run["log_bytes"]) == ("any", "succeeded", "exec", 7)
    assert log_of(installed, run) == b"a\0\xffbad\n"


def test_output_longer_than_the_log_is_passed_on_whole(installed: Installation) -> None:
    data = os.urandom(25_000_000)
    done = execute(installed, "big", "cat", stdin=data)
    assert done.stdout == data
    run = newest(installed)
    assert run["log_bytes"] == len(data)
    [path] = (installed.state_dir / "logs").rglob(f"{run['id']}-1.log")
    assert path.stat().st_blocks * 512 < 15_000_000
    assert path.read_bytes()[:1000] == data[:1000]


def test_one_pipe_for_both_keeps_their_order(installed: Installation) -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done"
    command = installed.command("exec", "-n", "both", "--", "sh", "-c", script)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=installed.environment)
    assert done.stdout.decode() == "".join(f"out{i}\nerr{i}\n" for i in range(1, 10))
    assert log_of(installed, newest(installed)) == done.stdout


@pytest.mark.parametrize(("code", "given"), [(0, 1), (7, 7)])
def test_output_that_its_caller_cannot_take_is_said_and_no_success(
    installed: Installation, code: int, given: int
) -> None:
    command = installed.command("exec", "-n", "any", "--", "sh", "-c", f"echo hi; exit {code}")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=installed.environment, check=False)
    assert (done.returncode, done.stderr) == (
        given,
        b"jobctl: the output could not be written: No space left on device\n",
    )
    run = newest(installed)
    assert (run["exit_code"], log_of(installed, run)) == (code, b"hi\n")


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_status_is_the_commands(installed: Installation, code: int) -> None:
    assert execute(installed, "any", "sh", "-c", f"exit {code}").returncode == code
    assert newest(installed)["exit_code"] == code


def test_a_command_killed_by_a_signal_gives_128_and_its_number(installed: Installation) -> None:
    assert execute(installed, "any", "sh", "-c", "kill -SEGV $$").returncode == 128 + signal.SIGSEGV
    assert (newest(installed)["signal"], newest(installed)["status"]) == (signal.SIGSEGV, "failed")


def test_a_status_that_the_job_calls_a_success_is_passed_on_all_the_same(installed: Installation) -> None:
    assert execute(installed, "tolerant", "sh", "-c", "exit 3").returncode == 3
    assert newest(installed)["status"] == "succeeded"


def test_a_missing_command_is_127_in_words(installed: Installation) -> None:
    done = execute(installed, "any", "no-such-command")
    assert done.returncode == 127
    assert done.stderr.startswith(b"jobctl: no-such-command: command not found")
    assert "command not found" in newest(installed)["reason"]


def test_a_missing_command_is_one_object_for_programs(installed: Installation) -> None:
    command = installed.command("--json", "exec", "--name", "any", "--", "no-such-command")
    done = subprocess.run(command, capture_output=True, check=False, env=installed.environment, cwd=installed.folder)
    assert done.returncode == 127
    assert json.loads(done.stderr)["error"]["code"] == 127


def test_what_the_command_sees_is_its_callers(installed: Installation) -> None:
    script = "env | grep -v -e ^JOBCTL -e ^_= -e ^PWD= | sort; pwd; umask; nice; ulimit -n; readlink /proc/self/fd/0"
    here = installed.folder / "a folder"
    here.mkdir()

    def prepare() -> None:
        os.chdir(here)
        os.umask(0o026)
        os.nice(3)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    environment = {"ODD": "a\nb", "TZ": "Asia/Tokyo", "PATH": os.environ["PATH"], "HOME": str(installed.folder)}
    results = []
    for command in (["sh", "-c", script], installed.command("exec", "-n", "any", "--", "sh", "-c", script)):
        with Path("/etc/hostname").open("rb") as stdin:
            done = subprocess.run(
                command, stdin=stdin, capture_output=True, preexec_fn=prepare,
                env={**environment, "PYTHONPATH": installed.environment["PYTHONPATH"]},
            )  # fmt: skip
        assert done.stderr == b""
        results.append(done.stdout)
    assert results[0] == results[1]


def test_the_command_knows_that_it_is_a_run(installed: Installation) -> None:
    script = "echo $JOBCTL_JOB $JOBCTL_RUN_ID $JOBCTL_ATTEMPT $JOBCTL_ORIGIN; echo '{\"rows\": 3}' > $JOBCTL_RESULT"
    done = execute(installed, "any", "sh", "-c", script)
    run = newest(installed)
    assert done.stdout.decode().split() == ["any", run["id"], "1", "exec"]
    assert run["result"] == {"rows": 3}


def test_words_of_the_command_are_not_ours(installed: Installation) -> None:
    done = subprocess.run(
        installed.command("exec", "--name", "any", "echo", "--json", "--name", "x", "-c", "--", "-q"),
        env=installed.environment, capture_output=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"--json --name x -c -- -q\n", b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(installed: Installation, begin: Begin, number: signal.Signals) -> None:
    script = f"trap 'echo got it; exit 9' {number.name.removeprefix('SIG')}; echo ready; while :; do sleep 0.05; done"
    call = begin("any", "sh", "-c", script)
    assert said(call) == b"ready\n"
    call.send_signal(number)
    out, _ = call.communicate(timeout=30)
    assert (call.returncode, out) == (9, b"got it\n")


def state_of(pid: int) -> str:
    """The letter of its state: T for stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def stopped_at_the_keyboard(begin: Begin) -> tuple[subprocess.Popen[bytes], int]:
    """A call and the process of its command, both stopped. The command says that it goes on when it does, and ends with
    5 after SIGUSR1."""
    # One that starts no others: a shell that is about to start one is seen to wait, not to be stopped. And one without
    # buffers: it may be stopped, and go on, in the middle of a write.
    program = (
        "import os, signal; signal.signal(signal.SIGCONT, lambda *_: os.write(1, b'goes on\\n'));"
        "signal.signal(signal.SIGUSR1, lambda *_: os._exit(5)); os.write(1, b'%d\\n' % os.getpid())\n"
        "while True: signal.pause()"
    )
    call = begin("any", sys.executable, "-c", program, process_group=0)  # as a shell starts it
    command = int(said(call))
    call.send_signal(signal.SIGTSTP)
    until(lambda: state_of(command) == "T" == state_of(call.pid), "both are stopped")
    return call, command


def test_a_stop_at_the_keyboard_stops_the_command_and_goes_on_with_it(installed: Installation, begin: Begin) -> None:
    call, _ = stopped_at_the_keyboard(begin)
    call.send_signal(signal.SIGCONT)
    assert said(call) == b"goes on\n"
    call.terminate()
    assert call.wait(30) == 128 + signal.SIGTERM


def test_without_a_shell_that_could_continue_it_a_stop_passes(installed: Installation, begin: Begin) -> None:
    script = "trap 'echo goes on; exit 9' CONT; echo ready; while :; do sleep 0.05; done"
    call = begin("any", "sh", "-c", script, start_new_session=True)  # as cron starts it
    assert said(call) == b"ready\n"
    call.send_signal(signal.SIGTSTP)
    out, _ = call.communicate(timeout=30)
    assert (call.returncode, out) == (9, b"goes on\n")


def test_a_signal_that_the_caller_ignores_stays_ignored(installed: Installation, begin: Begin) -> None:
    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    call = begin("any", "sh", "-c", "echo ready; read word; echo $word", preexec_fn=nohup)
    assert call.stdin is not None
    assert said(call) == b"ready\n"
    call.send_signal(signal.SIGHUP)
    out, _ = call.communicate(b"done\n", timeout=30)
    assert (call.returncode, out) == (0, b"done\n")


def test_a_reader_that_leaves_ends_the_command_as_without_us(installed: Installation, begin: Begin) -> None:
    call = begin("any", "yes")
    said(call)
    output(call).close()
    assert call.wait(30) == 128 + signal.SIGPIPE


def test_a_reader_that_leaves_is_no_failure_of_a_command_that_goes_on(installed: Installation, begin: Begin) -> None:
    call = begin("any", "sh", "-c", "trap '' PIPE; echo ready; read word; echo more; exit 0")
    said(call)
    output(call).close()
    assert call.stdin is not None
    assert call.stderr is not None
    call.stdin.write(b"on\n")
    call.stdin.close()
    assert (call.wait(30), call.stderr.read()) == (0, b"")
    assert log_of(installed, newest(installed)) == b"ready\nmore\n"


def test_what_the_command_leaves_behind_goes_on_writing_to_the_caller(installed: Installation, begin: Begin) -> None:
    go_on = installed.folder / "go-on"
    script = f"(while [ ! -e {go_on} ]; do sleep 0.05; done; echo later) & echo now"
    call = begin("any", "sh", "-c", script)
    assert said(call) == b"now\n"
    assert call.wait(30) == 0
    go_on.touch()
    assert output(call).read() == b"later\n"


def test_a_killed_call_leaves_the_command_alone(installed: Installation, begin: Begin) -> None:
    go_on = installed.folder / "go-on"
    script = f"echo begun; while [ ! -e {go_on} ]; do sleep 0.05; done; echo ended; exit 5"
    call = begin("any", "sh", "-c", script)
    assert said(call) == b"begun\n"
    call.kill()
    call.wait()
    go_on.touch()
    assert output(call).read() == b"ended\n"
    until(lambda: installed.ask("show", newest(installed)["id"])["exit_code"] == 5, "the next who looks ends the run")
    assert log_of(installed, newest(installed)) == b"begun\nended\n"


def test_a_call_that_is_killed_while_stopped_lets_the_command_go_on(installed: Installation, begin: Begin) -> None:
    call, command = stopped_at_the_keyboard(begin)
    call.kill()
    call.wait()
    assert said(call) == b"goes on\n"
    os.kill(command, signal.SIGUSR1)
    until(lambda: installed.ask("show", newest(installed)["id"])["exit_code"] == 5, "the next who looks ends the run")


def test_beside_a_daemon_the_run_is_its_own_and_the_daemon_does_the_rest(installed: Installation) -> None:
    installed.daemon()
    assert execute(installed, "nightly", "true").returncode == 0
    until(lambda: len(installed.ask("history", "follower", "--status", "succeeded")) == 1, "what comes after it ran")


def test_a_daemon_ends_the_run_of_a_killed_call(installed: Installation, begin: Begin) -> None:
    installed.daemon()
    go_on = installed.folder / "go-on"
    call = begin("any", "sh", "-c", f"echo begun; while [ ! -e {go_on} ]; do sleep 0.05; done; exit 6")
    assert said(call) == b"begun\n"
    call.kill()
    call.wait()
    until(lambda: len(installed.ask("status")["running"]) == 1, "it runs")
    go_on.touch()
    until(lambda: newest(installed)["exit_code"] == 6, "the daemon saw the end")


@pytest.mark.parametrize("with_daemon", [False, True])
def test_it_can_be_cancelled(installed: Installation, begin: Begin, with_daemon: bool) -> None:
    if with_daemon:
        installed.daemon()
    call = begin("any", "sh", "-c", "echo begun; exec sleep 60")
    assert said(call) == b"begun\n"
    assert installed.call("cancel", newest(installed)["id"]).returncode == 0
    assert call.wait(30) == 128 + signal.SIGTERM
    assert newest(installed)["status"] == "cancelled"


def test_timeout_and_limits_of_a_defined_job_hold(installed: Installation) -> None:
    assert execute(installed, "bounded", "sleep", "60").returncode == 124
    assert newest(installed)["status"] == "timed_out"
    assert execute(installed, "limited", "sh", "-c", "ulimit -n").stdout == b"33\n"


def test_a_job_that_skips_overlaps_skips_this_one(installed: Installation, begin: Begin) -> None:
    first = begin("exclusive", "sh", "-c", "echo begun; read word")
    said(first)
    second = execute(installed, "exclusive", "touch", "witness")
    assert (second.returncode, second.stdout) == (6, b"")
    assert second.stderr.startswith(b"jobctl: exclusive was not started: overlap: run ")
    assert not (installed.folder / "witness").exists()
    assert newest(installed)["status"] == "skipped"
    first.communicate(b"\n", timeout=30)
    assert first.returncode == 0


def test_a_job_that_queues_overlaps_makes_it_wait(installed: Installation, begin: Begin) -> None:
    first = begin("patient", "sh", "-c", "echo begun; read word; touch first-ended")
    said(first)
    second = begin("patient", "test", "-e", "first-ended")
    assert second.stderr is not None
    assert second.stderr.readline().startswith(b"jobctl: waits: run ")
    first.communicate(b"\n", timeout=30)
    second.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_signal_while_it_waits_calls_it_off(installed: Installation, begin: Begin) -> None:
    first = begin("patient", "sh", "-c", "echo begun; read word")
    said(first)
    second = begin("patient", "touch", "witness")
    assert second.stderr is not None
    second.stderr.readline()
    second.terminate()
    assert second.wait(30) == 128 + signal.SIGTERM
    assert not (installed.folder / "witness").exists()
    assert "SIGTERM came while it waited" in newest(installed)["reason"]
    first.communicate(b"\n", timeout=30)


def test_a_job_that_replaces_stops_the_one_before(installed: Installation, begin: Begin) -> None:
    first = begin("replacing", "sh", "-c", "echo begun; exec sleep 60")
    said(first)
    assert execute(installed, "replacing", "true").returncode == 0
    assert first.wait(30) == 128 + signal.SIGTERM


def test_a_run_of_exec_cannot_be_retried(installed: Installation) -> None:
    execute(installed, "any", "false")
    refused = installed.call("retry", newest(installed)["id"])
    assert refused.returncode == 6
    assert "was a command given to `jobctl exec`" in refused.stderr
    assert installed.call("retry", "--dead").returncode == 0
    assert newest(installed)["status"] == "failed"


def test_a_later_success_makes_up_for_a_failure(installed: Installation) -> None:
    execute(installed, "any", "false")
    assert len(installed.ask("dead")) == 1
    assert len(installed.ask("alerts")) == 1
    execute(installed, "any", "true")
    assert installed.ask("dead") == []
    assert installed.ask("alerts") == []


def test_a_name_that_no_jobs_file_has_is_known_by_its_runs(installed: Installation) -> None:
    execute(installed, "adhoc", "echo", "hello")
    assert "a name given to `jobctl exec`" in installed.call("show", "adhoc").stdout
    assert installed.call("logs", "adhoc").stdout == "hello\n"
    assert installed.ask("stats", "adhoc")["runs"] == 1
    assert "adhoc" in installed.call("why", "adhoc").stdout
    assert [run["job"] for run in installed.ask("history", "adhoc")] == ["adhoc"]
    assert "adhoc" not in installed.call("list").stdout


def ruin_state_dir(installed: Installation) -> None:
    installed.state_dir.chmod(0o755)


def ruin_database(installed: Installation) -> None:
    (installed.state_dir / "jobctl.db").write_bytes(b"garbage" * 5000)


def ruin_jobs_file(installed: Installation) -> None:
    installed.jobs_file.chmod(0o666)
    installed.jobs_file.write_text('[daemon]\nstate_dir = "elsewhere"\n')


@pytest.mark.parametrize("ruin", [ruin_state_dir, ruin_database])
def test_a_command_runs_even_if_no_record_can_be_kept(installed: Installation, ruin: Any) -> None:
    execute(installed, "any", "true")
    ruin(installed)
    done = execute(installed, "any", "sh", "-c", "cat; echo err >&2; exit 7", stdin=b"in")
    assert (done.returncode, done.stdout) == (7, b"in")
    assert done.stderr.startswith(b"jobctl: any runs without a record: ")
    assert done.stderr.endswith(b"\nerr\n")
    assert execute(installed, "any", "sh", "-c", "kill -PIPE $$").returncode in (-signal.SIGPIPE, 128 + signal.SIGPIPE)
    assert execute(installed, "any", "no-such-command").returncode == 127


def test_a_broken_jobs_file_does_not_keep_a_command_from_its_record(installed: Installation) -> None:
    execute(installed, "any", "true")
    installed.write_jobs("[jobs.broken")
    done = execute(installed, "any", "echo", "hello")
    assert (done.returncode, done.stdout) == (0, b"hello\n")
    assert b"the jobs file cannot be used, what it said before holds" in done.stderr
    assert len(installed.ask("history")) == 2


def test_a_store_that_others_hold_does_not_keep_a_command_waiting(installed: Installation) -> None:
    execute(installed, "any", "true")
    with (installed.state_dir / "write.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        done = execute(installed, "any", "echo", "hello")
        assert time.monotonic() - began < 40
    assert (done.returncode, done.stdout) == (0, b"hello\n")
    assert b"runs without a record: TimeoutError" in done.stderr


def test_a_signal_before_the_start_calls_it_off(installed: Installation, begin: Begin) -> None:
    execute(installed, "any", "true")
    with (installed.state_dir / "write.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call = begin("any", "touch", "witness")
        until(lambda: bool(list((installed.state_dir / "keepers").glob("[!.]*"))), "its keeper is ready")
        call.terminate()
        _, err = call.communicate(timeout=60)  # the store's holder is given ten seconds
    assert (call.returncode, err) == (128 + signal.SIGTERM, b"jobctl: any was not started: SIGTERM came before\n")
    assert not (installed.folder / "witness").exists()


@pytest.mark.parametrize("ruin", [ruin_state_dir, ruin_database])
def test_a_command_without_a_record_has_no_children_that_it_does_not_know(installed: Installation, ruin: Any) -> None:
    execute(installed, "any", "true")
    ruin(installed)
    program = "import os\ntry: print(os.waitpid(-1, 0))\nexcept ChildProcessError: print('none')"
    assert execute(installed, "any", sys.executable, "-c", program).stdout == b"none\n"


def test_nothing_is_left_over(installed: Installation) -> None:
    execute(installed, "any", "true")
    until(lambda: not processes.keepers(installed.state_dir), "its keeper has left")
    until(lambda: list((installed.state_dir / "keepers").iterdir()) == [], "its record is gone")


def test_a_limit_of_the_whole_tree_holds(installed: Installation) -> None:
    installed.write_jobs('[jobs.small]\ncommand = "true"\nlimits = { cpu = "1s" }\n')
    assert execute(installed, "small", "sh", "-c", "while :; do :; done").returncode in (137, 143, 128 + signal.SIGXCPU)
    assert "cpu" in newest(installed)["reason"].lower()
