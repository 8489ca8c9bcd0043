"""How busy the processors are, from the kernel."""

from __future__ import annotations

import os

from jobctl.process.processors import CoreTime, busy_percents, core_times


def test_every_processor_has_its_time() -> None:
    cores = core_times()
    assert len(cores) == os.cpu_count()
    assert all(0 < core.busy < core.total for core in cores)


def test_how_busy_they_are_is_told_between_two_looks() -> None:
    before = (CoreTime(100, 1000), CoreTime(100, 1000), CoreTime(100, 1000))
    after = (CoreTime(150, 1100), CoreTime(100, 1000), CoreTime(90, 1010))
    assert busy_percents(before, after) == (50.0, 0.0, 0.0)


def test_a_processor_that_was_switched_off_meanwhile_makes_no_nonsense() -> None:
    assert busy_percents((CoreTime(1, 2),), ()) == ()
