"""`history --columns`: which columns, in which order, and what the times in them mean."""

from __future__ import annotations

import pytest

from jobctl.cli.render.json import run_document
from jobctl.cli.render.run_choice import FIELDS, NAMES
from jobctl.cli.render.run_lines import RunLines
from jobctl.domain.run import Status
from jobctl.store.records import HistoryFilter
from tests.cli.showcase import Showcase


@pytest.fixture
def ran(showcase: Showcase) -> Showcase:
    """One run that succeeded and one that failed."""
    showcase.load()
    showcase.run_through("backup", Status.SUCCEEDED)
    showcase.clock.at += 3_600_000
    showcase.run_through("report", Status.FAILED)
    return showcase


def test_columns_come_as_they_are_named_and_empty_ones_vanish(ran: Showcase) -> None:
    said = ran.call("history", "--columns", "status,job,key,exit")
    head, *rows = said.out.splitlines()
    assert head.split() == ["STATUS", "JOB", "EXIT"]
    assert [row.split()[0] for row in rows] == ["failed", "succeeded"]
    assert said.status == 0


def test_every_column_can_be_shown_on_a_narrow_screen_too(ran: Showcase) -> None:
    said = ran.call("history", "--columns", ",".join(NAMES))
    assert said.status == 0
    assert {"RUN", "AGE", "MADE", "STARTED", "ENDED", "DUE", "WAIT", "QUEUE", "PRIORITY"} <= set(
        said.out.splitlines()[0].split()
    )


def test_what_runs_used_is_shown_unless_the_screen_is_too_narrow(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase.load()
    showcase.run_through("backup", Status.SUCCEEDED, read_bytes=0, written_bytes=4_000_000)
    showcase.run_through("report", Status.SUCCEEDED, cpu_seconds=0.004, read_bytes=0)
    head, *rows = showcase.call("history").out.splitlines()
    assert head.split() == ["RUN", "JOB", "STATUS", "WHEN", "TOOK", "CPU", "MEMORY", "WRITTEN", "ORIGIN"]
    assert [row.split()[5:-1] for row in rows] == [["4ms", "12MB"], ["0.2s", "12MB", "4MB"]]
    monkeypatch.setenv("COLUMNS", "62")
    head = showcase.call("history").out.splitlines()[0]
    assert head.split() == ["RUN", "JOB", "STATUS", "WHEN", "TOOK", "ORIGIN"]


def test_the_runs_of_a_job_are_shown_with_what_they_used(ran: Showcase) -> None:
    assert "TOOK   CPU  MEMORY  ORIGIN" in ran.call("show", "backup").out


def test_a_follower_sees_the_columns_that_were_chosen_each_below_its_name(ran: Showcase) -> None:
    [run] = ran.context.store.runs.history(HistoryFilter(statuses=(Status.FAILED,), limit=1))
    lines = RunLines(("memory", "job", "exit"), ("backup", "report"), 80)
    assert [lines.header(), lines.line(run, ran.clock.at, lambda text, _: text)] == [
        "MEMORY  JOB     EXIT",
        "  12MB  report  3",
    ]


@pytest.mark.parametrize(("width", "use"), [(80, False), (160, True)])
def test_a_follower_with_a_wide_screen_sees_what_runs_used(ran: Showcase, width: int, *, use: bool) -> None:
    [run] = ran.context.store.runs.history(HistoryFilter(statuses=(Status.FAILED,), limit=1))
    lines = RunLines((), ("backup", "report"), width)
    assert ("CPU  MEMORY" in lines.header()) is use
    assert ("0.2s    12MB" in lines.line(run, ran.clock.at, lambda text, _: text)) is use


def test_every_column_can_be_followed(ran: Showcase) -> None:
    [run] = ran.context.store.runs.history(HistoryFilter(limit=1))
    lines = RunLines(NAMES, ("backup",), 80)
    assert lines.header().split() == [name.upper() for name in NAMES]
    assert "report" in lines.line(run, ran.clock.at, lambda text, _: text)


def test_fields_of_the_csv_are_chosen_by_the_names_of_its_header(ran: Showcase) -> None:
    said = ran.call("history", "--csv", "--columns", "job,status")
    assert said.out.splitlines() == ["job,status", "report,failed", "backup,succeeded"]
    (run, *_) = ran.context.store.runs.find(range(1 << 62))
    assert tuple(run_document(run)) == FIELDS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--columns", "stauts"], "there is no column `stauts`\n  did you mean `status` or"),
        (["--columns", "memori", "--csv"], "there is no column `memori`"),
        (["--columns", ","], "--columns names no column"),
        (["--columns", "job", "--json"], "--columns and --json exclude each other"),
        (["--columns", "jop", "-f"], "there is no column `jop`"),
        (["--columns", "job", "--events"], "--events tells of people"),
    ],
)
def test_what_cannot_be_shown_is_refused(ran: Showcase, words: list[str], said: str) -> None:
    answer = ran.call("history", *words)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_a_table_whose_times_do_not_fall_says_what_its_order_is(showcase: Showcase) -> None:
    showcase.load()
    first = showcase.add("backup")
    showcase.clock.at += 60_000
    showcase.run_through("report", Status.SUCCEEDED)
    assert "in the order" not in showcase.call("history", "--status", "succeeded").err
    showcase.clock.at += 60_000
    showcase.end(first, showcase.begin(first), Status.SUCCEEDED)
    assert "in the order in which they were made; WHEN is when they started" in showcase.call("history").err


def test_times_that_differ_by_less_than_the_table_shows_are_in_order(showcase: Showcase) -> None:
    showcase.load()
    first = showcase.add("backup")
    showcase.clock.at += 300
    showcase.run_through("report", Status.SUCCEEDED, seconds=0.1)
    showcase.end(first, showcase.begin(first), Status.SUCCEEDED, seconds=0.1)
    told = showcase.call("history", "--columns", "job,started").out
    assert [line.split() for line in told.splitlines()[1:]] == [["report", "20:05:09"], ["backup", "20:05:09"]]
    assert "in the order" not in showcase.call("history").err


def test_more_runs_are_promised_only_where_there_are_more(ran: Showcase) -> None:
    assert "the newest 1 run; more with --limit or --offset" in ran.call("history", "-n", "1").err
    for all_there_are in (["-n", "2"], ["-n", "1", "--offset", "1"], ["-n", "1", "--status", "failed"]):
        assert "more with" not in ran.call("history", *all_there_are).err


def test_dead_letters_are_no_news_about_what_starts(ran: Showcase) -> None:
    told = ran.call("dead")  # without a daemon
    assert (len(told.out.splitlines()), told.err) == (2, "")
