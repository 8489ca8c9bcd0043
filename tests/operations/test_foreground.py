"""Runs without a daemon: a real keeper, the real store, the same ends as with a daemon."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobctl.config.system_zone import system_zone
from jobctl.domain.run import AttemptState, Origin, Run, Status
from jobctl.errors import CannotStart, Interrupted
from jobctl.operations import foreground
from jobctl.operations.control import pause, resume
from jobctl.operations.definitions import ensure_current, load_configuration
from jobctl.operations.enqueue import enqueue
from jobctl.operations.foreground import Foreground
from jobctl.operations.request import Request
from jobctl.operations.run_detail import run_detail
from jobctl.operations.trigger import trigger
from jobctl.operations.wait import wait
from jobctl.process import identity
from jobctl.process.pool import Pool
from tests.operations.executor import Executor
from tests.operations.site import Silent, Site, keeper_pid, wait_until

TOKEN = bytes(16)


class Bench:
    """A site and the runs that are executed in it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.watcher = Silent()
        self._foreground: Foreground | None = None

    def execute(self, job: str, text: str | None = None) -> Run:
        """Run a job, that of the site or the one defined by `text`, to its end."""
        if text is not None:
            self.site.define(f"[jobs.{job}]\n{text}")
            ensure_current(self.site.ctx)
        (run_id,) = trigger(self.site.ctx, [job])
        self._foreground = Foreground(self.site.ctx, load_configuration(self.site.ctx))
        return self._foreground.execute(run_id, self.watcher)

    def close(self) -> None:
        if self._foreground is not None:
            self._foreground.close()
            self._foreground = None


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    made = Bench(site)
    yield made
    made.close()


def test_a_run_succeeds_and_its_output_is_passed_on(bench: Bench) -> None:
    run = bench.execute("hello")
    assert (run.status, run.exit_code, run.attempt) == (Status.SUCCEEDED, 0, 1)
    assert bench.watcher.shown == b"hello\n"
    (attempt,) = bench.site.ctx.store.attempts.of_run(run.id)
    assert attempt.state is AttemptState.ENDED


def test_stderr_is_passed_on_and_the_exit_code_kept(bench: Bench) -> None:
    run = bench.execute("fails")
    assert (run.status, run.exit_code, run.dead_letter) == (Status.FAILED, 3, True)
    assert bench.watcher.shown == b"bad\n"


def test_every_byte_of_much_output_is_passed_on(bench: Bench) -> None:
    run = bench.execute("loud", "command = \"head -c 3000000 /dev/zero | tr '\\\\0' x\"\n")
    assert run.status is Status.SUCCEEDED
    assert bench.watcher.shown == b"x" * 3_000_000


def test_failed_attempts_are_retried_and_all_their_output_shown(bench: Bench) -> None:
    command = 'command = "echo $JOBCTL_ATTEMPT; [ $JOBCTL_ATTEMPT = 3 ]"\nretries = 5\nretry_delay = "10ms"\n'
    run = bench.execute("flaky", command)
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 3)
    assert bench.watcher.shown == b"1\n2\n3\n"
    assert bench.watcher.retried == [1, 2]


def test_what_the_job_leaves_as_its_result_is_kept_and_its_file_is_not(bench: Bench) -> None:
    run = bench.execute("counts", "command = \"echo '[1, 2]' > $JOBCTL_RESULT\"\n")
    assert (run.status, run.result) == (Status.SUCCEEDED, "[1,2]")
    assert list((bench.site.state_dir / "results").iterdir()) == []


def test_the_timeout_is_enforced(bench: Bench) -> None:
    run = bench.execute("slow", 'command = ["sleep", "60"]\ntimeout = "200ms"\n')
    assert (run.status, run.signal) == (Status.TIMED_OUT, signal.SIGTERM)


def test_of_a_run_that_used_up_its_grace_the_timeout_is_told_beside_what_it_took(bench: Bench) -> None:
    run = bench.execute("deaf", 'command = "trap \'\' TERM; sleep 60"\ntimeout = "300ms"\ngrace = "200ms"\n')
    assert (run.status, run.signal) == (Status.TIMED_OUT, signal.SIGKILL)
    [alert] = bench.site.ctx.store.alerts.open()
    assert re.fullmatch(r"timed out after [\d.]+s \(timeout 0\.3s\)", alert.message)
    assert run_detail(bench.site.ctx, run).timeout == 0.3


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ('["/nonexistent/program"]', 127, "no such file"),
        ('["no-such-command-anywhere"]', 127, "command not found"),
        ('["/etc/passwd"]', 126, ""),
    ],
)
def test_what_cannot_be_executed_fails_with_the_code_of_a_shell(
    bench: Bench, command: str, code: int, words: str
) -> None:
    run = bench.execute("odd", f"command = {command}\n")
    assert (run.status, run.exit_code) == (Status.FAILED, code)
    assert words in (run.reason or "")


def test_ctrl_c_cancels_the_run(bench: Bench) -> None:
    bench.watcher.when_shown = bench.watcher.press
    run = bench.execute("sleeps")
    assert (run.status, run.signal) == (Status.CANCELLED, signal.SIGTERM)


def test_a_second_ctrl_c_leaves_a_job_that_does_not_stop(bench: Bench) -> None:
    bench.watcher.when_shown = bench.watcher.press
    stubborn = 'command = "trap \'echo no\' TERM; echo on; while :; do sleep 0.05; done"\ngrace = "500ms"\n'
    with pytest.raises(Interrupted, match="while it was being stopped"):
        bench.execute("stubborn", stubborn)
    (run,) = bench.site.ctx.store.runs.active("stubborn")
    assert run.cancel_signal == signal.SIGTERM


def test_two_ctrl_c_at_once_stop_the_job_all_the_same(bench: Bench) -> None:
    def press_twice() -> None:
        bench.watcher.pressed = 2

    bench.watcher.when_shown = press_twice
    with pytest.raises(Interrupted):
        bench.execute("sleeps")
    (run,) = bench.site.ctx.store.runs.active("sleeps")
    bench.close()
    waited = wait(bench.site.ctx, [run.id], 20)
    assert (waited.runs[0].status, waited.runs[0].signal) == (Status.CANCELLED, signal.SIGTERM)


def test_a_second_ctrl_c_also_withdraws_the_runs_that_have_not_begun(bench: Bench) -> None:
    def press_twice() -> None:
        bench.watcher.pressed = 2

    bench.watcher.when_shown = press_twice
    first, second = trigger(bench.site.ctx, ["sleeps", "hello"])
    foreground = Foreground(bench.site.ctx, load_configuration(bench.site.ctx))
    with pytest.raises(Interrupted):
        list(foreground.execute_all({first: bench.watcher, second: bench.watcher}))
    foreground.close()
    assert bench.site.run(second).status is Status.CANCELLED
    assert wait(bench.site.ctx, [first], 20).runs[0].status is Status.CANCELLED


def test_runs_are_executed_one_after_the_other_and_told_as_they_end(bench: Bench) -> None:
    runs = trigger(bench.site.ctx, ["fails", "hello"])
    foreground = Foreground(bench.site.ctx, load_configuration(bench.site.ctx))
    ended = list(foreground.execute_all(dict.fromkeys(runs, bench.watcher)))
    foreground.close()
    assert [(run.id, run.status) for run in ended] == list(zip(runs, (Status.FAILED, Status.SUCCEEDED), strict=True))
    assert bench.watcher.shown == b"bad\nhello\n"


def test_what_is_to_start_later_keeps_no_other_run_waiting(bench: Bench) -> None:
    ctx, runs = bench.site.ctx, list[int]()
    for wishes in (Request(due_at=ctx.clock.now() + 500), Request(priority=2), Request(priority=9)):
        runs += [run.id for run in enqueue(ctx, ["hello"], wishes, Origin.MANUAL)]
    with contextlib.closing(Foreground(ctx, load_configuration(ctx))) as foreground:
        ended = [run.id for run in foreground.execute_all(dict.fromkeys(runs, bench.watcher))]
    assert ended == runs[::-1]


def test_ctrl_c_cancels_what_has_not_begun_in_one_commit(bench: Bench) -> None:
    store, runs = bench.site.ctx.store, trigger(bench.site.ctx, ["hello", "fails", "reports"])
    with contextlib.closing(Foreground(bench.site.ctx, load_configuration(bench.site.ctx))) as foreground:
        ended = foreground.execute_all(dict.fromkeys(runs, bench.watcher))
        assert next(ended).status is Status.SUCCEEDED
        bench.watcher.press()
        commits = store.commits_in_log()
        assert [run.status for run in ended] == [Status.CANCELLED] * 2
    assert store.commits_in_log() == commits + 1


def test_a_run_waits_behind_another_of_its_job_and_says_so(bench: Bench) -> None:
    store = bench.site.ctx.store
    (first,) = trigger(bench.site.ctx, ["hello"])
    store.attempts.begin(first, TOKEN, "nobody", bench.site.ctx.clock.now())

    def end_the_first() -> None:
        store.attempts.withdraw(first, 1, TOKEN, bench.site.ctx.clock.now())
        store.runs.request_cancel(first, signal.SIGTERM, "test", bench.site.ctx.clock.now())

    bench.watcher.when_waiting = end_the_first
    assert bench.execute("hello").status is Status.SUCCEEDED
    assert bench.watcher.reasons[0].startswith("max_concurrent = 1 of hello is reached: waits for ")


def test_a_run_waits_for_its_paused_queue(bench: Bench) -> None:
    pause(bench.site.ctx, "mail", None, "no network")
    bench.watcher.when_waiting = lambda: resume(bench.site.ctx, "mail")
    assert bench.execute("reports").status is Status.SUCCEEDED
    assert len(bench.watcher.reasons) == 1
    assert "queue mail is paused by" in bench.watcher.reasons[0]


@pytest.mark.parametrize(
    ("of_all", "limit", "at_once"),
    [(9, "max_concurrent = 1\n", 1), (9, 'max_concurrent = 9\nqueue = "narrow"\n', 2), (3, "max_concurrent = 9\n", 3)],
)
def test_calls_at_one_moment_keep_to_the_limits_of_the_job_its_queue_and_the_whole(
    site: Site, tmp_path: Path, of_all: int, limit: str, at_once: int
) -> None:
    command = f"echo + >> {tmp_path}/witness; sleep 0.3; echo - >> {tmp_path}/witness"
    limits = f"[daemon]\nmax_concurrent = {of_all}\n[queues.narrow]\nmax_concurrent = 2\n"
    site.define(f'{limits}[jobs.narrow]\ncommand = "{command}"\n{limit}')
    ensure_current(site.ctx)
    run_ids = [run_id for _ in range(5) for run_id in trigger(site.ctx, ["narrow"])]
    with contextlib.ExitStack() as executors:
        for run_id in run_ids:
            executors.enter_context(Executor(site, run_id))
        wait_until(lambda: all(site.run(run_id).status.is_final for run_id in run_ids), "all have ended")
    running = list(itertools.accumulate({"+": 1, "-": -1}[line] for line in _lines(tmp_path / "witness")))
    assert max(running) <= at_once


def test_calls_at_one_moment_share_the_tokens_of_a_rate_limit(site: Site, tmp_path: Path) -> None:
    rated = '[queues.rated]\nrate_limit = "2/h"\n[jobs.rated]\nmax_concurrent = 9\nqueue = "rated"\n'
    site.define(f'{rated}command = "echo + >> {tmp_path}/witness"\n')
    ensure_current(site.ctx)
    run_ids = [run_id for _ in range(4) for run_id in trigger(site.ctx, ["rated"])]
    with contextlib.ExitStack() as executors:
        for run_id in run_ids:
            executors.enter_context(Executor(site, run_id))
        wait_until(lambda: site.ctx.store.runs.counts()[Status.SUCCEEDED] == 2, "two have ended")
        looked_at = site.ctx.clock.boottime()
        wait_until(lambda: site.ctx.clock.boottime() > looked_at + 500, "the others have looked again")
    assert _lines(tmp_path / "witness") == ["+", "+"]
    assert site.ctx.store.runs.counts()[Status.QUEUED] == 2


def test_a_run_waits_for_the_rate_limit_of_its_queue_and_says_until_when(bench: Bench) -> None:
    rated = 'command = "echo on"\nqueue = "rated"\n[queues.rated]\nrate_limit = "1/d"\n'
    assert bench.execute("rated", rated).status is Status.SUCCEEDED
    bench.close()
    bench.watcher.when_waiting = bench.watcher.press
    assert bench.execute("rated").status is Status.CANCELLED
    assert bench.watcher.reasons[0].startswith("rate_limit = 1/d of queue rated is reached: the next one starts at ")


def test_a_run_waits_for_room_below_the_limit_of_the_whole_and_says_so(bench: Bench) -> None:
    store = bench.site.ctx.store
    bench.site.define('[daemon]\nmax_concurrent = 1\n[jobs.one]\ncommand = "true"\n[jobs.two]\ncommand = "true"\n')
    ensure_current(bench.site.ctx)
    (first,) = trigger(bench.site.ctx, ["one"])
    store.attempts.begin(first, TOKEN, "nobody", bench.site.ctx.clock.now())
    bench.watcher.when_waiting = lambda: store.attempts.withdraw(first, 1, TOKEN, bench.site.ctx.clock.now())
    assert bench.execute("two").status is Status.SUCCEEDED
    assert bench.watcher.reasons[0].startswith("max_concurrent = 1 of the daemon is reached: waits for ")


def test_a_limit_is_not_filled_for_ever_by_what_nobody_saw_end(bench: Bench) -> None:
    (first,) = trigger(bench.site.ctx, ["hello"])
    bench.site.ctx.store.attempts.begin(first, os.urandom(16), "gone", bench.site.ctx.clock.now())
    assert bench.execute("hello").status is Status.SUCCEEDED
    assert bench.site.run(first).status is Status.LOST


def test_a_limit_that_is_reached_after_the_first_look_holds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bench.site.ctx.store
    (rival,) = trigger(bench.site.ctx, ["hello"])
    reserve = Pool.reserve

    def reserve_while_the_rival_claims(pool: Pool) -> str:
        store.attempts.begin(rival, TOKEN, "nobody", bench.site.ctx.clock.now())
        return reserve(pool)

    def end_the_rival() -> None:
        store.attempts.withdraw(rival, 1, TOKEN, bench.site.ctx.clock.now())
        store.runs.request_cancel(rival, signal.SIGTERM, "test", bench.site.ctx.clock.now())

    monkeypatch.setattr(Pool, "reserve", reserve_while_the_rival_claims)
    bench.watcher.when_waiting = end_the_rival
    run = bench.execute("hello")
    assert run.status is Status.SUCCEEDED
    assert bench.watcher.reasons, "it waited for the rival"


def test_a_daemon_that_came_while_a_keeper_was_reserved_has_the_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = Pool.reserve

    def reserve_while_a_daemon_starts(pool: Pool) -> str:
        bench.site.pretend_daemon()
        return reserve(pool)

    monkeypatch.setattr(Pool, "reserve", reserve_while_a_daemon_starts)
    started = bench.site.ctx.clock.boottime()

    def leave_after_a_while() -> None:
        if bench.site.ctx.clock.boottime() - started > 1_500:
            bench.watcher.pressed = 2

    bench.watcher.when_looking = leave_after_a_while
    with contextlib.suppress(Interrupted):
        bench.execute("hello")
    assert bench.site.ctx.store.attempts.unfinished() == []
    assert bench.watcher.shown == b""


def test_the_zone_of_a_job_that_names_none_is_that_of_the_machine(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    bench.execute("zoned", 'command = "echo $TZ"\n')
    assert bench.watcher.shown.decode() == system_zone() + "\n"


def test_nothing_starts_on_a_disk_that_is_nearly_full(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [63_000_000]
    monkeypatch.setattr("jobctl.operations.obstacle.disk_free", lambda ctx: free[0])

    def make_room() -> None:
        assert bench.site.ctx.store.attempts.unfinished() == []
        free[0] = 65_000_000

    bench.watcher.when_waiting = make_room
    assert bench.execute("hello").status is Status.SUCCEEDED
    assert bench.watcher.reasons == [f"the disk of {bench.site.state_dir} has 63MB free: nothing starts below 64MB"]


def test_a_machine_that_starts_no_process_is_named_and_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = "no keeper process can be started: Resource temporarily unavailable"

    def refuse(pool: Pool) -> str:
        raise CannotStart(refusal)

    monkeypatch.setattr(Pool, "reserve", refuse)
    bench.watcher.when_waiting = monkeypatch.undo
    run = bench.execute("hello")
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 1)
    assert bench.watcher.reasons == [f"nothing can be started now: {refusal}"]


class Refusals:
    """A machine that refuses a keeper whenever the test says so, and is asked again after a millisecond."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.next = False
        self.holds: list[int] = []  # how long the one before had been, each time
        self.when_refused: Callable[[], object] = int
        self._reserve = Pool.reserve
        monkeypatch.setattr(Pool, "reserve", lambda pool: self._answer(pool))
        monkeypatch.setattr(foreground, "next_hold", self._hold)

    def _answer(self, pool: Pool) -> str:
        if self.next:
            self.next = False
            raise CannotStart("no process left")
        return self._reserve(pool)

    def _hold(self, last_ms: int) -> int:
        self.holds.append(last_ms)
        self.when_refused()
        return 1


def test_after_a_start_the_next_refusal_is_the_first_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = Refusals(monkeypatch)
    with contextlib.closing(Foreground(bench.site.ctx, load_configuration(bench.site.ctx))) as executing:
        for run_id in trigger(bench.site.ctx, ["hello", "fails"]):
            refusals.next = True
            executing.execute(run_id, Silent())
    assert refusals.holds == [0, 0]


def test_a_clock_that_is_set_back_prolongs_no_refusal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = bench.site.ctx.clock
    an_hour_ago = clock.now() - 3_600_000
    refusals = Refusals(monkeypatch)
    refusals.next = True
    refusals.when_refused = lambda: monkeypatch.setattr(clock, "now", lambda: an_hour_ago)
    assert bench.execute("hello").status is Status.SUCCEEDED
    assert refusals.holds == [0]


def test_a_killed_keeper_makes_the_run_lost(bench: Bench) -> None:
    def kill_its_keeper() -> None:
        (run,) = bench.site.ctx.store.runs.active("victim")
        (attempt,) = bench.site.ctx.store.attempts.of_run(run.id)
        os.kill(keeper_pid(bench.site, attempt.keeper), signal.SIGKILL)

    bench.watcher.when_shown = kill_its_keeper
    secret = 'env = { KEY = "hunter22" }\nsecrets = ["KEY"]\n'
    run = bench.execute("victim", f"""command = 'echo \\"$KEY\\" >$JOBCTL_RESULT; echo on; exec sleep 1'\n{secret}""")
    assert (run.status, run.exit_code) == (Status.LOST, None)
    assert "its keeper was killed" in (run.reason or "")
    assert run.result is None
    assert "what it left was not kept" in (run.reason or "")


def test_nothing_is_left_behind(bench: Bench) -> None:
    bench.execute("hello")
    pids = [keeper_pid(bench.site, record.name) for record in bench.site.ctx.places.keepers_dir.iterdir()]
    bench.close()
    wait_until(lambda: not any(map(_is_running, pids)), "the keeper leaves")
    assert list(bench.site.ctx.places.keepers_dir.iterdir()) == []


def _lines(path: Path) -> list[str]:
    return path.read_text().split()


def _is_running(pid: int) -> bool:
    found = identity.stat(pid)
    return found is not None and found.state not in "ZX"
