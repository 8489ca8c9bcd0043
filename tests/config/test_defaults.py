"""`[defaults]`: any key of a job, for the jobs that do not set it."""

from __future__ import annotations

import pytest

from jobctl.domain.job import FromEnv, Triggers
from jobctl.domain.policies import Limits
from tests.config.conftest import Errors, Load


def test_the_key_of_the_job_wins(loaded: Load) -> None:
    text = '[defaults]\ntimeout = "1h"\nretries = 2\n[jobs.a]\ncommand = "x"\nretries = 0\n'
    job = loaded(text).configuration.jobs["a"]
    assert job.execution.timeout == 3600.0
    assert job.retry.retries == 0


def test_tables_merge_by_name(loaded: Load) -> None:
    text = (
        '[defaults]\nenv = { A = "1", B = "2" }\nlimits = { cpu = "1m", processes = 5 }\n'
        '[jobs.a]\ncommand = "x"\nenv = { B = { env = "C" } }\nlimits = { cpu = "2m" }\n'
    )
    execution = loaded(text).configuration.jobs["a"].execution
    assert execution.env == {"A": "1", "B": FromEnv("C")}
    assert execution.limits == Limits(cpu=120, processes=5)


def test_any_trigger_of_the_job_displaces_that_of_the_defaults(loaded: Load) -> None:
    text = '[defaults]\nschedule = "daily"\n[jobs.a]\ncommand = "x"\nevery = "90s"\n[jobs.b]\ncommand = "x"\n'
    jobs = loaded(text).configuration.jobs
    assert jobs["a"].triggers == Triggers(every=90)
    assert jobs["b"].triggers == Triggers(schedule=("daily",))


def test_even_the_command_may_be_a_default(loaded: Load) -> None:
    assert loaded('[defaults]\ncommand = "x"\n[jobs.a]\n').configuration.jobs["a"].command == "x"


def test_zone_and_grace_of_the_daemon_are_the_weakest_defaults(loaded: Load) -> None:
    daemon = '[daemon]\ntimezone = "Asia/Tokyo"\ngrace = "3s"\n'
    jobs = loaded(daemon + '[defaults]\ngrace = "5s"\n[jobs.a]\ncommand = "x"\n').configuration.jobs
    assert jobs["a"].triggers.timezone == "Asia/Tokyo"
    assert jobs["a"].execution.grace == 5.0


def test_a_wrong_default_is_told_once_and_not_for_every_job(errors: Errors) -> None:
    jobs = "".join(f'[jobs.j{number}]\ncommand = "x"\n' for number in range(5))
    lines = errors('[defaults]\nschedule = "0 0 30 2 *"\nspread = 5\ncalendar_exclude = ["x"]\nafter = ["y"]\n' + jobs)
    assert [line.split(": ")[0] for line in lines] == [f"jobs.toml:{line}" for line in ("2:12", "3:10", "4:21", "5:10")]


@pytest.mark.parametrize(
    ("zone", "at", "slot"),
    [
        ("Europe/Berlin", "2026-12-24T18:00:00", 1_798_131_600),
        ("UTC", "2026-12-24T18:00:00", 1_798_135_200),
        ("UTC", "2026-12-24T18:00:00.999+01:00", 1_798_131_600),
        ("Europe/Berlin", "2026-10-25T02:30:00", 1_792_888_200),  # twice on the clock: the first one
    ],
)
def test_an_instant_without_offset_is_of_the_zone_of_the_job(loaded: Load, zone: str, at: str, slot: int) -> None:
    text = f'[defaults]\ntimezone = "{zone}"\n[jobs.a]\ncommand = "x"\nat = {at}\n'
    assert loaded(text).configuration.jobs["a"].triggers.at == slot


def test_without_any_zone_an_instant_is_of_the_zone_of_the_machine(
    loaded: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    job = loaded('[jobs.a]\ncommand = "x"\nat = 2026-12-24T18:00:00\n').configuration.jobs["a"]
    assert job.triggers == Triggers(at=1_798_153_200)
