"""Waiting for runs, with a daemon, without one, and when one goes away meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from jobctl.domain.run import Status
from jobctl.errors import DaemonUnavailable, Interrupted
from jobctl.operations import following, unstored_end
from jobctl.operations.definitions import ensure_current, load_configuration
from jobctl.operations.following import follow, follow_all
from jobctl.operations.foreground import Foreground
from jobctl.operations.trigger import trigger
from jobctl.operations.wait import wait
from jobctl.process import identity
from jobctl.process.record_file import RecordFile
from jobctl.process.tree import descendants
from jobctl.store.records import Pause
from tests.operations.executor import Executor
from tests.operations.site import Silent, Site, keeper_pid, wait_until


def test_a_wait_for_ended_runs_is_over_at_once(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    site.ctx.store.runs.request_cancel(run_id, signal.SIGTERM, "test", site.ctx.clock.now())
    waited = wait(site.ctx, [run_id], None)
    assert not waited.timed_out
    assert [run.status for run in waited.runs] == [Status.CANCELLED]


def test_a_wait_ends_with_its_timeout(site: Site) -> None:
    site.pretend_daemon()
    (run_id,) = trigger(site.ctx, ["hello"])
    waited = wait(site.ctx, [run_id], 0.1)
    assert waited.timed_out
    assert waited.runs[0].status is Status.QUEUED


def test_a_wait_without_a_daemon_says_that_nothing_will_come_of_it(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    with pytest.raises(DaemonUnavailable, match="is queued and no daemon is running to start it"):
        wait(site.ctx, [run_id], None)


def test_a_follower_whose_daemon_went_away_says_so(site: Site) -> None:
    site.pretend_daemon()
    (run_id,) = trigger(site.ctx, ["hello"])
    watcher = Silent()
    watcher.when_looking = site.end_pretending
    with pytest.raises(DaemonUnavailable, match="is queued and no daemon is running"):
        follow(site.ctx, run_id, watcher)
    assert site.run(run_id).status is Status.QUEUED


def test_ctrl_c_withdraws_a_run_that_waits(site: Site) -> None:
    site.pretend_daemon()
    (run_id,) = trigger(site.ctx, ["hello"])
    watcher = Silent()
    watcher.pressed = 1
    assert follow(site.ctx, run_id, watcher).status is Status.CANCELLED


def test_a_second_ctrl_c_leaves_at_once(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    site.ctx.store.attempts.begin(run_id, bytes(16), "gone", site.ctx.clock.now())
    watcher = Silent()
    watcher.pressed = 2
    with pytest.raises(Interrupted):
        follow(site.ctx, run_id, watcher)


def test_ctrl_c_cancels_all_runs_that_are_followed_together(site: Site) -> None:
    watchers = {run_id: Silent() for run_id in trigger(site.ctx, ["hello", "fails", "sleeps"])}
    everybody = list(watchers.values())
    everybody[1].when_looking = partial(press_once, everybody)
    commits = site.ctx.store.commits_in_log()
    ended = list(follow_all(site.ctx, watchers))
    assert {run.status for run in ended} == {Status.CANCELLED}
    assert {run.id for run in ended} == set(watchers)
    assert site.ctx.store.commits_in_log() == commits + 1


def press_once(watchers: Iterable[Silent]) -> None:
    """Ctrl-C, as all of them hear it."""
    for watcher in watchers:
        watcher.pressed = 1


def test_the_log_of_a_run_that_has_ended_is_closed_while_others_are_followed(site: Site) -> None:
    watchers = {run_id: Silent() for run_id in trigger(site.ctx, ["hello", "fails"])}
    with contextlib.closing(Foreground(site.ctx, load_configuration(site.ctx))) as foreground:
        list(foreground.execute_all(watchers))
    for run in follow_all(site.ctx, watchers):
        assert watchers[run.id].shown
        assert str(site.ctx.places.log_file(run.id, 1)) not in opened()


def opened() -> set[str]:
    """The files that this process has open."""
    return {str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()}


def test_of_many_runs_only_the_first_that_are_left_are_told_what_is_in_their_way(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_ASKED_WHY_AT_MOST", 1)
    monkeypatch.setattr(following, "_QUEUED_IN_SILENCE_MS", 0)
    site.pretend_daemon()
    site.ctx.store.switches.pause(Pause(None, site.ctx.clock.now(), None, "ann", None))
    first, second = Silent(), Silent()

    def press_after_two_looks() -> None:
        if len(second.looks) == 2:
            press_once((first, second))

    first.when_looking = press_after_two_looks
    list(follow_all(site.ctx, dict(zip(trigger(site.ctx, ["hello", "fails"]), (first, second), strict=True))))
    assert (len(first.reasons), second.reasons) == (1, [])


def test_each_look_is_told_with_the_reason_to_wait(site: Site) -> None:
    site.pretend_daemon()
    (run_id,) = trigger(site.ctx, ["hello"])
    watcher = Silent()
    watcher.when_waiting = watcher.press
    assert follow(site.ctx, run_id, watcher).status is Status.CANCELLED
    assert watcher.looks[0] == (Status.QUEUED, None)
    assert (Status.QUEUED, watcher.reasons[0]) in watcher.looks


def test_that_the_end_of_a_run_cannot_be_stored_is_told_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pretend_daemon()
    run_id = _ended_by_its_keeper(site)
    watcher = Silent()

    def leave_after_five_looks() -> None:
        watcher.pressed = 2 if len(watcher.looks) == 5 else 0

    watcher.when_looking = leave_after_five_looks
    monkeypatch.setattr(unstored_end, "_LOOK_EVERY_MS", 0)
    monkeypatch.setattr("jobctl.process.host.os.statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096))
    with pytest.raises(Interrupted):
        follow(site.ctx, run_id, watcher)
    words = f"has ended, and the daemon has not stored the end: the disk of {site.state_dir} is full"
    assert watcher.unstored_ends == [words]


def test_an_end_is_not_called_late_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pretend_daemon()
    run = site.run(_ended_by_its_keeper(site, seconds_ago=1))
    monkeypatch.setattr(unstored_end, "_LOOK_EVERY_MS", 0)
    assert unstored_end.UnstoredEnds(site.ctx).look([run]) == []


def test_what_another_call_executes_is_waited_for(site: Site) -> None:
    gate = site.folder / "gate"
    run_id = _trigger(site, f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 3")
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
        waited = wait(site.ctx, [run_id], 20, looked=lambda unfinished: gate.touch())
    assert (waited.runs[0].status, waited.runs[0].exit_code) == (Status.FAILED, 3)


def test_the_end_of_a_run_whose_call_was_killed_is_recorded_by_the_one_that_waits(site: Site) -> None:
    gate = site.folder / "gate"
    run_id = _start(site, f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 7")
    gate.touch()
    waited = wait(site.ctx, [run_id], 20)
    assert (waited.runs[0].status, waited.runs[0].exit_code) == (Status.FAILED, 7)


def test_a_follower_sees_all_output_of_a_run_whose_call_was_killed(site: Site) -> None:
    gate = site.folder / "gate"
    run_id = _start(site, f"echo one; while [ ! -e {gate} ]; do sleep 0.02; done; echo two")
    watcher = Silent()
    watcher.when_shown = gate.touch
    assert follow(site.ctx, run_id, watcher).status is Status.SUCCEEDED
    assert watcher.shown == b"one\ntwo\n"


def test_of_many_runs_a_log_is_open_only_while_it_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_LOGS_KEPT_OPEN", 0)
    gate = site.folder / "gate"
    run_id = _start(site, f"echo one; while [ ! -e {gate} ]; do sleep 0.02; done; echo two")
    watcher, between = Silent(), set[str]()
    watcher.when_shown = gate.touch
    watcher.when_looking = lambda: between.update(opened())
    assert follow(site.ctx, run_id, watcher).status is Status.SUCCEEDED
    assert watcher.shown == b"one\ntwo\n"
    assert str(site.ctx.places.log_file(run_id, 1)) not in between


def test_a_run_whose_call_and_keeper_were_killed_is_lost_when_its_last_process_ends(site: Site) -> None:
    gate = site.folder / "gate"
    run_id = _start(site, f"while [ ! -e {gate} ]; do sleep 0.02; done")
    (attempt,) = site.ctx.store.attempts.of_run(run_id)
    pid = keeper_pid(site, attempt.keeper)
    assert descendants(pid)
    _kill(pid)
    assert wait(site.ctx, [run_id], 0.3).timed_out, "its process lives on"
    gate.touch()
    waited = wait(site.ctx, [run_id], 20)
    assert waited.runs[0].status is Status.LOST


def _ended_by_its_keeper(site: Site, seconds_ago: int = 10) -> int:
    """A run that the store knows as running and whose keeper has written down the end."""
    (run_id,) = trigger(site.ctx, ["hello"])
    finished, token = site.ctx.clock.now() - 1000 * seconds_ago, bytes(16)
    site.ctx.store.attempts.begin(run_id, token, "keeper-1", finished)
    record = RecordFile(str(site.ctx.places.keepers_dir), "keeper-1", "0" * 36, 1)
    record.write_end(token, 1, finished, finished, 3, 0, 0, 0, 0, 0, 0, "")
    record.close()
    return run_id


def _trigger(site: Site, script: str) -> int:
    """A run of the script that waits for somebody to execute it."""
    site.define(f'[jobs.gated]\ncommand = "{script}"\n')
    ensure_current(site.ctx)
    (run_id,) = trigger(site.ctx, ["gated"])
    return run_id


def _start(site: Site, script: str) -> int:
    """A run of the script, executed by a call that is killed as soon as it runs."""
    run_id = _trigger(site, script)
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
    return run_id


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: (found := identity.stat(pid)) is None or found.state in "ZX", "the keeper is gone")
