"""How long nothing is started after a refusal, and which runs a busy machine holds."""

from __future__ import annotations

from itertools import accumulate, repeat

import pytest

from jobctl.domain.admission import HostLoad, held_for_load, latest_start, next_hold, waits_for_idle
from jobctl.domain.job import WaitForIdle
from jobctl.domain.run import Origin, Run, Status

GB = 1_000_000_000
DUE = 1_000_000
BOTH = WaitForIdle(load_below=2.0, memory_free=GB, latest=7200.0)


def run(origin: Origin) -> Run:
    return Run(
        id=1, job="index", status=Status.QUEUED, origin=origin, reason=None, slot=None, created_at=0, due_at=DUE,
        started_at=None, finished_at=None, exit_code=None, signal=None, attempt=0, max_attempts=1, priority=5,
        queue="default", params=None, key=None, result=None, progress=None, message=None, parent_id=None,
        cpu_seconds=None, max_rss_bytes=None, log_bytes=None, dead_letter=False, keep=False, cancel_signal=None,
    )  # fmt: skip


def test_a_hold_doubles_from_a_second_to_a_minute() -> None:
    holds = list(accumulate(repeat(0, 8), lambda last, _: next_hold(last), initial=0))[1:]
    assert holds == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]


@pytest.mark.parametrize(
    ("wait", "host", "words"),
    [
        (BOTH, HostLoad(1.99, GB), None),
        (BOTH, HostLoad(2.0, GB), "the load is 2.00, not below 2; it starts 2h after it was due at the latest"),
        (BOTH, HostLoad(0.5, GB - 1), "of memory is free, less than 1GB; it starts 2h"),
        (BOTH, HostLoad(3.8, 5_000_000), "the load is 3.80, not below 2 and 5MB of memory is free, less than 1GB"),
        (BOTH, HostLoad(1.0, None), None),
        (WaitForIdle(load_below=0.5), HostLoad(0.6, 0), "the load is 0.60, not below 0.5"),
        (WaitForIdle(memory_free=GB), HostLoad(90.0, GB), None),
        (WaitForIdle(), HostLoad(90.0, 0), None),
    ],
)
def test_a_busy_machine_is_one_that_misses_a_condition(wait: WaitForIdle, host: HostLoad, words: str | None) -> None:
    found = held_for_load(wait, host)
    assert (found is None) == (words is None)
    assert words is None or words in (found or "")


def test_without_a_latest_start_none_is_told() -> None:
    assert held_for_load(WaitForIdle(load_below=0.5), HostLoad(1.0, None)) == (
        "held for load: the load is 1.00, not below 0.5"
    )


@pytest.mark.parametrize("origin", [origin for origin in Origin if origin is not Origin.MANUAL])
def test_a_run_waits_until_its_latest_start_and_no_longer(origin: Origin) -> None:
    latest = latest_start(BOTH, DUE)
    assert latest == DUE + 2 * 3_600_000
    assert waits_for_idle(BOTH, run(origin), DUE)
    assert waits_for_idle(BOTH, run(origin), latest - 1)
    assert not waits_for_idle(BOTH, run(origin), latest)
    assert waits_for_idle(WaitForIdle(load_below=1.0), run(origin), latest * 1000)


def test_what_a_person_started_waits_for_no_machine() -> None:
    assert not waits_for_idle(BOTH, run(Origin.MANUAL), DUE)
