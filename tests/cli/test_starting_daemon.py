"""Verbs that come while a daemon starts: what it has not loaded yet is not missing."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from jobctl.daemon.reloader import take_into_force
from jobctl.errors import JobsFileError
from jobctl.operations import starting_daemon
from jobctl.operations.definitions import load_configuration
from jobctl.operations.exec_admission import Standing, standing_of
from jobctl.operations.top import Lookout
from jobctl.store.records import ServiceInfo
from tests.cli.shell import Shell
from tests.daemon.set_clock import MINUTE, MONDAY, SECOND, SetClock
from tests.operations.site import Site

MORE = '[jobs.more]\ncommand = "true"\n'


@pytest.fixture(name="meanwhile")
def _meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """What happens while a verb waits for a daemon, once."""

    def happens(what: Callable[[], None]) -> None:
        left = [what]

        class Eventful:
            def rest(self) -> None:
                if left:
                    left.pop()()

        monkeypatch.setattr(starting_daemon, "Pace", Eventful)

    return happens


@pytest.fixture(name="waiting")
def _waiting(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """A clock that goes on only while a verb waits for a daemon, a second with each rest."""
    clock = SetClock(MONDAY)

    class Passing:
        def rest(self) -> None:
            clock.pass_time(SECOND)

    monkeypatch.setattr(starting_daemon, "Pace", Passing)
    return clock


def load(jobctl: Shell) -> None:
    """Take the jobs file into force as a daemon does that starts."""
    ctx = jobctl.site.ctx
    configuration = load_configuration(ctx)
    now = ctx.clock.now()
    with ctx.store.transaction():
        take_into_force(ctx.store, configuration, now)
        ctx.store.service.started(ServiceInfo(os.getpid(), "1", now, str(jobctl.site.jobs_file), now, "boot", 0))
        ctx.store.service.beat(now)


def test_a_job_that_the_first_daemon_is_about_to_load_is_there(
    jobctl: Shell, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    jobctl.site.pretend_daemon()
    meanwhile(lambda: load(jobctl))
    assert jobctl("run", "--detach", "hello").status == 0


def test_a_name_that_is_wrong_is_wrong_once_the_daemon_has_loaded_the_file(
    jobctl: Shell, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    jobctl.site.pretend_daemon()
    meanwhile(lambda: load(jobctl))
    said = jobctl("run", "--detach", "helo")
    assert said.status == 4
    assert "there is no job `helo`\n  did you mean `hello`?" in said.err


def test_a_first_daemon_that_dies_while_it_starts_leaves_the_file_to_the_verb(
    jobctl: Shell, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    jobctl.site.pretend_daemon()
    meanwhile(jobctl.site.end_pretending)
    assert jobctl("run", "--detach", "hello").status == 0


def test_a_job_that_is_new_in_the_file_is_waited_for_while_another_daemon_starts(
    jobctl: Shell, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    jobctl("list")
    jobctl.site.define(MORE)
    jobctl.site.pretend_daemon()
    meanwhile(lambda: load(jobctl))
    assert jobctl("run", "--detach", "more").status == 0


def test_nothing_is_called_missing_while_a_start_takes_long(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting_daemon, "_AT_MOST_MS", 0)
    jobctl.site.pretend_daemon()
    said = jobctl("run", "--detach", "hello")
    assert said.status == 5
    assert "is starting and has not taken the jobs file into force yet" in said.err


def test_all_waits_of_a_verb_together_last_five_seconds(
    jobctl: Shell, waiting: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobctl.wiring.SystemClock", lambda: waiting)
    jobctl.site.pretend_daemon()
    assert jobctl("run", "--detach", "hello").status == 5
    assert waiting.now() == MONDAY + 5 * SECOND


def test_exec_takes_a_name_that_is_not_loaded_yet_for_no_job_and_does_not_wait(site: Site, waiting: SetClock) -> None:
    site.pretend_daemon()
    site.ctx.clock = waiting
    said: list[str] = []
    assert standing_of(site.ctx, "hello", said.append) == Standing()
    assert (waiting.now(), said) == (MONDAY, [])


def test_top_waits_at_its_first_look_alone(site: Site, waiting: SetClock) -> None:
    site.pretend_daemon()
    site.ctx.clock = waiting
    lookout = Lookout(site.ctx)
    lookout.look()
    assert waiting.now() == MONDAY + 5 * SECOND
    waiting.pass_time(MINUTE)
    lookout.look()
    assert waiting.now() == MONDAY + 5 * SECOND + MINUTE


def test_a_first_look_of_top_that_failed_was_its_first_all_the_same(site: Site, waiting: SetClock) -> None:
    site.jobs_file.unlink()
    site.ctx.clock = waiting
    lookout = Lookout(site.ctx)
    with pytest.raises(JobsFileError):
        lookout.look()
    site.pretend_daemon()
    lookout.look()
    assert waiting.now() == MONDAY
