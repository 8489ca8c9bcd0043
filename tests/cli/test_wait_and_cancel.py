"""`wait` and `cancel`: which exit status says what."""

from __future__ import annotations

import json
import re

import pytest

from jobctl.domain.outcome import AttemptEnd
from jobctl.domain.run import Status
from jobctl.domain.run_id import prefix_range, to_text
from jobctl.operations import unstored_end
from tests.cli.shell import Shell
from tests.operations.executor import Executor
from tests.store.building import NOW, begin, conclude_retrying


def queued(jobctl: Shell, job: str = "hello") -> str:
    return jobctl("run", job, "-d").out.strip()


def ended(jobctl: Shell, job: str) -> str:
    return str(json.loads(jobctl("--json", "run", job).out)["id"])


@pytest.mark.parametrize(("job", "status", "words"), [("hello", 0, "succeeded"), ("fails", 3, r"failed \(exit 3\)")])
def test_a_wait_for_one_run_gives_the_status_of_its_job(jobctl: Shell, job: str, status: int, words: str) -> None:
    run = ended(jobctl, job)
    said = jobctl("wait", run)
    assert (said.status, said.out) == (status, "")
    assert re.fullmatch(rf"{job} {run} {words}\n", said.err)


def test_a_wait_for_several_is_0_or_1(jobctl: Shell) -> None:
    good, bad = ended(jobctl, "hello"), ended(jobctl, "fails")
    assert jobctl("wait", good, ended(jobctl, "reports")).status == 0
    said = jobctl("--json", "wait", good, bad)
    assert said.status == 1
    assert [run["status"] for run in json.loads(said.out)] == ["succeeded", "failed"]


def test_the_beginning_of_an_id_is_enough_when_it_fits_one(jobctl: Shell) -> None:
    run = ended(jobctl, "hello")
    assert json.loads(jobctl("--json", "wait", run[:11]).out)["id"] == run


def test_a_timeout_gives_124_and_names_what_is_left(jobctl: Shell) -> None:
    run = queued(jobctl)
    jobctl.site.pretend_daemon()
    for timeout in ("50ms", "0s"):
        said = jobctl("wait", run, "--timeout", timeout)
        assert (said.status, said.out) == (124, "")
        assert said.err.startswith(f"jobctl: 1 run not ended after {timeout}: hello {run} (queued)\n")
    error = json.loads(jobctl("wait", run, "--timeout", "0s", "--json").err)["error"]
    assert (error["code"], error["message"]) == (124, f"1 run not ended after 0s: hello {run} (queued)")


def test_a_wait_says_once_that_the_end_cannot_be_stored(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    run = queued(jobctl)
    jobctl.site.pretend_daemon()
    ids = prefix_range(run)
    assert ids is not None
    jobctl.site.ctx.store.attempts.begin(ids[0], bytes(16), "keeper", NOW)
    monkeypatch.setattr(unstored_end, "_LOOK_EVERY_MS", 0)
    monkeypatch.setattr(unstored_end, "unstored_end", lambda ctx, attempt: AttemptEnd(bytes(16), NOW, NOW, exit_code=0))
    said = jobctl("wait", run, "--timeout", "200ms").err
    assert said.count(f"hello {run} has ended, and the daemon has not stored the end\n") == 1


def test_a_wait_that_needs_a_daemon_gives_5(jobctl: Shell) -> None:
    run = queued(jobctl)
    said = jobctl("wait", run)
    assert said.status == 5
    assert said.err.startswith(f"jobctl: hello {run} is queued and no daemon is running to start it\n")


def test_a_waiting_run_is_cancelled(jobctl: Shell) -> None:
    run = queued(jobctl)
    said = jobctl("cancel", run)
    assert (said.status, said.out) == (0, f"hello {run} cancelled before it started\n")
    assert _status(jobctl, run) is Status.CANCELLED


def test_a_run_between_two_attempts_is_not_said_to_be_cancelled_before_it_started(jobctl: Shell) -> None:
    number = prefix_range(queued(jobctl))
    assert number is not None
    store = jobctl.site.ctx.store
    conclude_retrying(store, number.start, begin(store, number.start), NOW + 3_600_000)
    said = jobctl("cancel", to_text(number.start))
    assert said.out == f"hello {to_text(number.start)} cancelled before its next attempt\n"


def test_what_is_cancelled_already_may_be_cancelled_again(jobctl: Shell) -> None:
    run = queued(jobctl)
    jobctl("cancel", run)
    assert jobctl("cancel", run).status == 0


def test_a_run_that_was_cancelled_before_it_was_due_is_not_told_as_of_then(jobctl: Shell) -> None:
    run = jobctl("enqueue", "hello", "--at", "2099-01-01T00:00:00Z").out.strip()
    assert "2099-01-01" in jobctl("history").out
    jobctl("cancel", run)
    said = jobctl("history").out
    assert run in said
    assert "2099" not in said


def test_an_ended_run_cannot_be_cancelled(jobctl: Shell) -> None:
    run = ended(jobctl, "fails")
    said = jobctl("cancel", run)
    assert said.status == 6
    assert f"jobctl: {run} had ended already: failed (exit 3)" in said.err


def test_all_waiting_runs_of_a_job_or_of_all_jobs_are_cancelled(jobctl: Shell) -> None:
    first, second, other = queued(jobctl), queued(jobctl), queued(jobctl, "fails")
    assert jobctl("cancel", "--job", "hel*").out.count("cancelled before it started") == 2
    assert [_status(jobctl, run) for run in (first, second, other)] == [
        Status.CANCELLED,
        Status.CANCELLED,
        Status.QUEUED,
    ]
    assert [run["id"] for run in json.loads(jobctl("--json", "cancel", "--queued").out)] == [other]


def test_what_would_be_cancelled_is_said_and_left_as_it_is(jobctl: Shell) -> None:
    waiting, running, over = queued(jobctl), queued(jobctl, "sleeps"), ended(jobctl, "fails")
    number = prefix_range(running)
    assert number is not None
    with Executor(jobctl.site, number.start) as executor:
        executor.wait_until_the_job_runs()
        said = jobctl("cancel", "--job", "*", "--dry-run")
        stopped = f"sleeps {running} is running and would be stopped\n"
        assert (said.status, said.out) == (0, f"hello {waiting} would be cancelled\n{stopped}")
        assert said.err == ""
        assert jobctl("cancel", "--queued", "--dry-run").out == f"hello {waiting} would be cancelled\n"
        assert jobctl("cancel", running, "--queued", "--dry-run").status == 6
        assert jobctl("cancel", over, "--dry-run").status == 6
        assert json.loads(jobctl("--json", "cancel", waiting, "--dry-run").out)["status"] == "queued"
        assert (_status(jobctl, waiting), _status(jobctl, running)) == (Status.QUEUED, Status.RUNNING)
        jobctl("cancel", running)
    assert jobctl("cancel", "--job", "fails", "--dry-run").err == "nothing would be cancelled\n"


def test_only_term_and_kill_reach_a_job_without_a_daemon(jobctl: Shell) -> None:
    run = queued(jobctl, "sleeps")
    number = prefix_range(run)
    assert number is not None
    with Executor(jobctl.site, number.start) as executor:
        executor.wait_until_the_job_runs()
    said = jobctl("cancel", run, "--signal", "USR1")
    assert (said.status, said.out) == (0, f"sleeps {run} cancelled\n")
    assert said.err == "no daemon is running that could send USR1: TERM was sent instead\n"


def test_a_job_without_runs_has_nothing_to_cancel(jobctl: Shell) -> None:
    jobctl("enable", "hello")
    said = jobctl("cancel", "--job", "hello")
    assert (said.status, said.out, said.err) == (0, "", "there is nothing to cancel\n")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["wait"], 2, "missing argument 'RUN...'"),
        (["wait", "000000000000"], 4, "there is no run `000000000000`"),
        (["wait", "not-an-id!"], 4, "`not-an-id!` is no run id"),
        (["cancel"], 2, "which run?"),
        (["cancel", "000000000000"], 4, "there is no run `000000000000`"),
        (["cancel", "--job", "helo"], 4, "there is no job `helo`"),
        (["cancel", "--queued", "--signal", "FOO"], 2, "there is no signal `FOO`"),
        (["cancel", "--signal", "0", "--queued"], 2, "there is no signal `0`"),
    ],
)
def test_bad_input_is_told(jobctl: Shell, words: list[str], status: int, message: str) -> None:
    run = queued(jobctl)
    said = jobctl(*words)
    assert (said.status, said.out) == (status, "")
    assert said.err.startswith(f"jobctl: {message}\n")
    assert _status(jobctl, run) is Status.QUEUED


def _status(jobctl: Shell, text: str) -> Status:
    ids = prefix_range(text)
    assert ids is not None
    (run,) = jobctl.site.ctx.store.runs.find(ids)
    return run.status
