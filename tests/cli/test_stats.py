"""`stats`: a table, a sheet, a calendar, and the same for scripts."""

from __future__ import annotations

import json

import pytest

from jobctl.cli.render.heat_map import heat_map
from jobctl.cli.render.sparkline import sparkline
from jobctl.cli.render.style import Meaning
from jobctl.domain.run import Status
from jobctl.domain.tally import Span
from jobctl.store.records import Ends
from tests.cli.shell import Shell
from tests.cli.showcase import Showcase

HOUR, DAY = int(Span.HOUR), int(Span.DAY)


def test_what_fails_comes_first_and_says_so(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("run", "fails")
    said = jobctl("stats")
    assert said.status == 0
    head, *rows = said.out.splitlines()
    assert head.split()[:3] == ["JOB", "RUNS", "OK"]
    assert [row.split()[:3] for row in rows] == [["fails", "1", "0%"], ["hello", "1", "100%"]]
    assert "fails 100%" in rows[0]
    assert "2 runs of 2 jobs, 50% of them successful" in said.err


def test_one_job_is_told_in_full(jobctl: Shell) -> None:
    jobctl("run", "hello")
    said = jobctl("stats", "hello", "--last", "24h")
    assert said.out.startswith("hello  the last 24 hours\n")
    assert "Trend       new\n" in said.out
    assert "half within" in said.out


def test_what_never_started_has_no_use_and_no_course_of_durations(showcase: Showcase) -> None:
    showcase.load()
    missed = showcase.add()
    showcase.context.store.runs.move(missed, Status.QUEUED, Status.MISSED, showcase.clock.at, "start_deadline passed")
    showcase.clock.at += 1_000
    said = showcase.call("stats", "backup").out
    assert "Besides  1 missed\n" in said
    assert "CPU" not in said
    assert "P95" not in said
    assert "Ends" not in said


def test_what_storage_moved_is_told_where_it_is_known(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    showcase.load()
    showcase.run_through("backup", Status.FAILED, read_bytes=1_000_000, written_bytes=0)
    showcase.run_through("backup", Status.SUCCEEDED, read_bytes=1_000_000, written_bytes=0)
    showcase.run_through("report", Status.SUCCEEDED)
    showcase.clock.at += 1_000
    assert "Memory      12MB at most\nStorage     2MB read, 0B written\n" in showcase.call("stats", "backup").out
    assert "Storage" not in showcase.call("stats", "report").out
    monkeypatch.setenv("COLUMNS", "120")
    head, *rows = showcase.call("stats").out.splitlines()
    assert "MEMORY  READ  P95 OVER TIME" in head, "a column in which all is 0 says nothing"
    assert [" 2MB " in row for row in rows] == [True, False]
    monkeypatch.setenv("COLUMNS", "80")
    assert "READ" not in showcase.call("stats").out.splitlines()[0]


def test_scripts_are_told_what_storage_moved_and_null_where_nobody_knows(showcase: Showcase) -> None:
    showcase.load()
    showcase.run_through("backup", Status.SUCCEEDED, read_bytes=1_000_000, written_bytes=0)
    showcase.run_through("report", Status.SUCCEEDED)
    showcase.clock.at += 1_000
    found = {one["job"]: one for one in json.loads(showcase.call("stats", "--json").out)}
    assert (found["backup"]["read_bytes"], found["backup"]["written_bytes"]) == (1_000_000, 0)
    assert (found["backup"]["before"]["read_bytes"], found["report"]["written_bytes"]) == (None, None)


def test_nothing_is_compared_with_a_period_in_which_nothing_ran(jobctl: Shell) -> None:
    jobctl("run", "fails")
    assert "Trend       fails 100%\n" in jobctl("stats", "fails").out


@pytest.mark.parametrize(
    ("length", "apart", "said"), [("1h", HOUR, "the hour before"), ("2h", HOUR * 2, "the 2 hours before")]
)
def test_a_verdict_says_what_it_is_measured_by(showcase: Showcase, length: str, apart: int, said: str) -> None:
    showcase.load()
    for _ in range(2):
        showcase.run_through("backup", Status.SUCCEEDED)
        showcase.clock.at += apart
    showcase.clock.at -= apart - 1_000
    assert f"steady (against {said})\n" in showcase.call("stats", "backup", "--last", length).out


def test_scripts_get_an_object_for_one_job_and_an_array_for_several(jobctl: Shell) -> None:
    jobctl("run", "hello")
    one = json.loads(jobctl("--json", "stats", "hello").out)
    assert (one["job"], one["runs"], one["succeeded"], one["success_rate"]) == ("hello", 1, 1, 1.0)
    assert one["p95"] == one["max"] or one["p95"] == pytest.approx(one["max"], rel=0.011, abs=0.002)
    assert one["before"]["runs"] == 0
    assert [found["job"] for found in json.loads(jobctl("--json", "stats").out)] == ["hello"]


def test_runs_count_whether_they_are_folded_or_not(jobctl: Shell) -> None:
    jobctl("run", "hello")
    before = json.loads(jobctl("--json", "stats", "hello").out)
    jobctl.site.ctx.store.statistics.fold(10)
    after = json.loads(jobctl("--json", "stats", "hello").out)
    assert before | {"until": None} == after | {"until": None}


def test_the_order_is_the_one_that_is_asked_for(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("run", "fails")
    assert [one["job"] for one in json.loads(jobctl("--json", "stats", "--by", "failures").out)] == ["fails", "hello"]
    said = jobctl("stats", "--by", "luck")
    assert said.status == 2
    assert said.err == "jobctl: --by luck: there is no such order\n  one of: cpu, mem, time, failures, wait\n"


@pytest.mark.parametrize(
    ("order", "column"),
    [("cpu", "CPU"), ("mem", "MEMORY"), ("time", "TIME"), ("failures", "FAILED"), ("wait", "WAIT")],
)
def test_what_jobs_are_sorted_by_is_shown_on_a_narrow_screen_too(
    jobctl: Shell, order: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobctl("run", "fails")
    monkeypatch.setenv("COLUMNS", "30")
    assert column in jobctl("stats", "--by", order).out.splitlines()[0].split()
    assert ("FAILED" in jobctl("stats").out.split()) is False


def test_nothing_is_no_error(jobctl: Shell) -> None:
    said = jobctl("stats")
    assert (said.status, said.out) == (0, "")
    assert said.err.startswith("No run has ended in the last 7 days")


def test_the_future_has_no_statistics(jobctl: Shell) -> None:
    assert jobctl("stats", "--since", "2999-01-01").status == 2


def test_the_calendar_has_a_row_for_each_day_and_two_signs_for_each_hour(jobctl: Shell) -> None:
    jobctl("run", "fails")
    lines = jobctl("stats", "--calendar").out.splitlines()
    assert len(lines) == 15
    assert "1 failed!" in lines[-1]
    assert all(len(line.split("  ")[1]) == 48 for line in lines[1:])
    (hour,) = json.loads(jobctl("--json", "stats", "--calendar").out)
    assert (hour["runs"], hour["failed"]) == (1, 1)


def plain(text: str, meaning: Meaning) -> str:
    return text


def test_an_hour_is_the_darker_the_more_ended_in_it() -> None:
    now = 20_000 * DAY + 3 * HOUR
    found = [Ends(20_000 * DAY + at * HOUR, runs, 0) for at, runs in enumerate([1, 50, 100])]
    (_, row) = heat_map(found, now, 1, plain)
    cells = row.split("  ")[1]
    assert len({cells[at : at + 2] for at in range(0, len(cells), 2)}) == 4
    assert heat_map(found, now, 1, plain, plain=True)[1].isascii()


def test_bars_are_as_high_as_their_numbers() -> None:
    assert sparkline([0, 4, None, 8]) == "▁▅ █"
    assert sparkline([1, 9, 1, 1, 1, 1], 3) == "█▁▁"
    assert sparkline([1, 2], plain=True).isascii()
