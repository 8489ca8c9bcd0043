"""A new jobs file comes into force as a whole, with the commit that says so, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.domain.run import Status
from jobctl.domain.settings import Configuration
from jobctl.errors import DiskFull
from tests.daemon.assembly import Assembly
from tests.daemon.set_clock import SECOND

Assemble = Callable[[str], Assembly]
OLD = '[jobs.old]\ncommand = "true"\nevery = "1h"\n'
NEW = '[jobs.new]\ncommand = "true"\nevery = "1h"\n'


def define(here: Assembly, text: str) -> None:
    here.around.places.jobs_file.write_text(text)


def in_force(here: Assembly) -> tuple[list[str], list[str]]:
    return list(here.around.catalogue.configuration.jobs), here.store.jobs.names()


def test_sighup_brings_the_new_file_into_force(assemble: Assemble) -> None:
    here = assemble(OLD)
    here.tick()
    define(here, NEW)
    here.tick(SECOND)
    assert in_force(here) == (["old"], ["old"])
    here.steps.reloader.ask()
    here.tick(SECOND)
    assert in_force(here) == (["new"], ["new"])


def test_a_request_in_the_store_does_the_same_and_is_answered(assemble: Assemble) -> None:
    here = assemble(OLD)
    define(here, NEW)
    request = here.store.service.request_reload("test", here.clock.now())
    here.tick(SECOND)
    answer = here.store.service.reload_request(request)
    assert answer is not None
    assert (answer.done_at, answer.error) == (here.clock.now(), None)
    assert in_force(here) == (["new"], ["new"])


def test_the_log_counts_what_the_verb_counts(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    moved = '[jobs.moved]\ncommand = "true"\n'
    here = assemble(OLD + moved + '[jobs.edited]\ncommand = "true"\n')
    here.tick()
    define(here, f"\n{moved}[jobs.edited]\ncommand = 'false'\n{NEW}[jobs.newer]\ncommand = 'true'\n")
    here.steps.reloader.ask()
    here.tick(SECOND)
    assert "reloaded jobs=4 added=2 removed=1 changed=1" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[jobs.new", '[jobs.new]\ncomand = "true"\n', ""])
def test_a_broken_file_changes_nothing_and_is_answered_with_its_problem(text: str, assemble: Assemble) -> None:
    here = assemble(OLD)
    define(here, text or NEW)
    if not text:
        here.around.places.jobs_file.chmod(0o666)
    request = here.store.service.request_reload("test", here.clock.now())
    here.tick(SECOND)
    answer = here.store.service.reload_request(request)
    assert answer is not None
    assert "jobs.toml" in (answer.error or "")
    assert in_force(here) == (["old"], ["old"])
    assert here.store.service.open_reloads() == []


def test_a_reload_whose_commit_fails_happens_again(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(OLD)
    here.tick()
    define(here, NEW)
    here.steps.reloader.ask()

    def fail(now: int) -> None:
        raise DiskFull("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(here.steps.dispatcher, "tick", fail)
        here.tick(SECOND)
    assert in_force(here) == (["old"], ["old"])
    here.tick(SECOND)
    assert in_force(here) == (["new"], ["new"])


def test_a_refusal_whose_commit_fails_happens_again(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(OLD)
    here.tick()
    define(here, "[jobs.new")
    here.steps.reloader.ask()
    with monkeypatch.context() as patched:

        def fail(now: int) -> None:
            raise DiskFull("no space left")

        patched.setattr(here.steps.dispatcher, "tick", fail)
        here.tick(SECOND)
    capsys.readouterr()
    here.tick(SECOND)
    assert capsys.readouterr().err.count("jobs file refused") == 1
    here.tick(SECOND)
    assert "jobs file refused" not in capsys.readouterr().err


def test_what_the_store_does_not_take_is_refused_and_the_tick_goes_on(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(OLD)
    here.tick()
    here.refuse_definition("new")
    define(here, '[jobs.first]\ncommand = "true"\n' + NEW)
    request, waiting = here.store.service.request_reload("test", here.clock.now()), here.add("old")
    here.tick(SECOND)
    answer = here.store.service.reload_request(request)
    assert answer is not None
    assert "jobs.toml:3: jobs.new: this definition cannot be stored: a check that nobody thought of" in str(
        answer.error
    )
    assert in_force(here) == (["old"], ["old"])
    here.tick_until(lambda: here.status(waiting) is Status.SUCCEEDED, "a run of the old configuration succeeds", SECOND)
    said = capsys.readouterr().err
    assert (said.count("jobs file refused"), said.count("tick failed")) == (1, 0)
    here.accept()
    here.steps.reloader.ask()
    here.tick(SECOND)
    assert in_force(here) == (["first", "new"], ["first", "new"])


def test_what_goes_wrong_while_a_file_comes_into_force_is_a_reason_to_refuse_it(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(OLD)
    here.tick()
    define(here, NEW)
    adopt, old = here.around.catalogue.adopt, here.around.catalogue.configuration

    def fail(configuration: Configuration) -> None:
        adopt(configuration)
        if configuration is not old:
            raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(here.around.catalogue, "adopt", fail)
    request = here.store.service.request_reload("test", here.clock.now())
    here.tick(SECOND)
    answer = here.store.service.reload_request(request)
    assert answer is not None
    assert "unforeseen" in str(answer.error)
    assert in_force(here) == (["old"], ["old"])


def test_what_is_queued_of_a_removed_job_by_hand_stays_and_its_slots_go(assemble: Assemble) -> None:
    here = assemble(OLD + "[queues.default]\nmax_concurrent = 1\n")
    here.tick()
    by_hand = here.add("old")
    define(here, NEW)
    here.steps.reloader.ask()
    here.tick(SECOND)
    assert here.status(by_hand) is Status.QUEUED
    assert here.store.jobs.names() == ["new"]
