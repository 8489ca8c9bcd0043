"""A job that cannot be scheduled for a reason that nobody foresaw is set aside alone, said, and tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.domain.alert import Alert, AlertKind
from jobctl.domain.job import Triggers
from jobctl.domain.run import Status
from jobctl.domain.schedule import Schedule, compile_triggers
from tests.daemon.assembly import Assembly
from tests.daemon.set_clock import HOUR, MINUTE, SECOND

Assemble = Callable[[str], Assembly]
JOBS = """
[jobs.cursed]
command = "true"
every = "1m"

[jobs.sound]
command = "true"
every = "1m"
overlap = "allow"
"""


class Broken:
    """A schedule whose arithmetic fails after some good answers."""

    def __init__(self, sound: Schedule, answers: int = 0) -> None:
        self._sound = sound
        self._answers = answers
        self.wild = sound.wild

    def next_after(self, instant: int) -> int | None:
        self._answers -= 1
        if self._answers < 0:
            raise ZeroDivisionError("nobody foresaw this")
        return self._sound.next_after(instant)

    def newest_between(self, *_: object) -> int | None:
        raise ZeroDivisionError("nobody foresaw this")


def break_schedule(here: Assembly, answers: int = 0) -> Callable[[], None]:
    """Returns what mends it."""
    schedules = here.around.catalogue.schedules
    sound = compile_triggers(Triggers(every=60), "cursed", "UTC")
    assert sound is not None
    schedules["cursed"] = Broken(sound, answers)  # type: ignore[assignment]

    def mend() -> None:
        schedules["cursed"] = sound

    return mend


def shown_next(here: Assembly, job: str) -> int | None:
    [row] = here.store.jobs.rows([job])
    return row.next_at


def broken_config(here: Assembly) -> list[Alert]:
    return here.store.alerts.open([AlertKind.CONFIG_BROKEN])


@pytest.mark.parametrize("answers", [0, 1], ids=["when it is planned", "when its time has come"])
def test_arithmetic_that_fails_costs_no_tick_and_no_other_job(
    answers: int, assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    break_schedule(here, answers)
    here.tick()
    here.tick(MINUTE)
    here.tick(MINUTE)
    assert [len(here.runs("cursed")), len(here.runs("sound"))] == [0, 2]
    said = capsys.readouterr().err
    assert (said.count("cannot be scheduled"), said.count("tick failed")) == (1, 0)
    assert "job=cursed" in said
    assert "nobody foresaw this" in said
    assert (shown_next(here, "cursed"), shown_next(here, "sound")) == (None, here.clock.now() + MINUTE)


def test_it_is_a_high_alert_until_the_job_is_scheduled_again(assemble: Assemble) -> None:
    here = assemble(JOBS)
    mend = break_schedule(here)
    here.tick()
    [alert] = broken_config(here)
    assert (alert.job, alert.severity) == ("cursed", "high")
    assert alert.message == "its schedule cannot be followed: ZeroDivisionError('nobody foresaw this')"
    here.tick(9 * MINUTE)
    assert shown_next(here, "cursed") is None
    mend()
    here.tick(MINUTE)
    assert broken_config(here) == []
    assert shown_next(here, "cursed") == here.clock.now() + MINUTE
    caught_up = here.runs("cursed")
    assert max(run.slot or 0 for run in caught_up) == here.clock.now() // 1000
    assert any("stands for" in (run.reason or "") for run in caught_up)


def test_the_loop_wakes_for_the_next_try(assemble: Assemble) -> None:
    here = assemble('[jobs.cursed]\ncommand = "true"\nevery = "1m"\n')
    break_schedule(here)
    here.tick()
    assert here.steps.scheduler.next_at() == here.clock.now() + 10 * MINUTE


def test_a_job_that_fails_again_is_said_again_and_stays_one_alert(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    break_schedule(here)
    here.tick()
    here.tick(10 * MINUTE)
    assert capsys.readouterr().err.count("cannot be scheduled") == 2
    assert len(broken_config(here)) == 1


def test_a_tick_that_is_undone_does_not_say_it_again(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    here = assemble(JOBS)
    break_schedule(here)
    here.tick()
    here.steps.scheduler.rolled_back()
    here.tick(SECOND)
    assert capsys.readouterr().err.count("cannot be scheduled") == 1


def test_runs_that_the_store_refuses_of_one_job_hold_up_no_other(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    here.tick()
    here.refuse_runs("cursed")
    here.tick(MINUTE)
    assert [len(here.runs("cursed")), len(here.runs("sound"))] == [0, 1]
    here.accept()
    here.tick(10 * MINUTE)
    [run] = here.runs("cursed")
    assert "stands for 11" in (run.reason or "")
    said = capsys.readouterr().err
    assert (said.count("cannot be scheduled"), said.count("tick failed")) == (1, 0)
    assert "a check that nobody thought of" in said


def test_a_mended_definition_is_tried_at_once(assemble: Assemble) -> None:
    here = assemble(JOBS)
    break_schedule(here)
    here.tick()
    here.around.places.jobs_file.write_text(JOBS.replace('"1m"', '"1h"'))
    here.steps.reloader.ask()
    here.tick(SECOND)
    assert shown_next(here, "cursed") is not None
    here.tick(SECOND)
    assert broken_config(here) == []


def test_a_pause_between_runs_that_cannot_be_planned_holds_up_no_end(assemble: Assemble) -> None:
    here = assemble('[jobs.cursed]\ncommand = "true"\nevery_after = "1h"\n')
    here.tick()
    here.tick_until(lambda: here.runs("cursed"), "it has a first run", HOUR)
    here.refuse_decisions("cursed")
    [run] = here.runs("cursed")
    here.tick_until(lambda: here.status(run.id) is Status.SUCCEEDED, "its end is stored")
    here.accept()
    here.tick(10 * MINUTE)
    assert shown_next(here, "cursed") is not None
