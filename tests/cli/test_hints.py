"""The next step, for calls that are nearly right."""

from __future__ import annotations

import json
import os

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import parse_size
from tests.cli.showcase import Showcase


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        ("cancel", "`jobctl cancel --job {}` cancels all its runs"),
        ("retry", "`jobctl retry --job {}` queues its dead letters again"),
        ("dismiss", "`jobctl dismiss --job {}` dismisses its dead letters"),
        ("delete", "`jobctl delete --job {}` deletes all its ended runs, and with --dry-run says which"),
        ("wait", "`jobctl history {} --status scheduled,queued,running,retrying` shows those to wait for"),
    ],
)
def test_a_job_where_a_run_belongs_names_what_to_write(showcase: Showcase, verb: str, hint: str) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    for word, what, quoted in (("report", "is a job", "report"), ("repo*", "means jobs", "'repo*'")):
        said = showcase.call(verb, word)
        assert said.status == 4
        assert f"`{word}` {what}, no run" in said.err
        assert hint.format(quoted) in said.err
    assert "`no-job!` is no run id" in showcase.call(verb, "no-job!").err


@pytest.mark.parametrize(("verb", "option"), [("run", "--param"), ("cancel", "--signal"), ("enqueue", "--param")])
def test_an_option_without_its_value_names_the_help_of_its_verb(showcase: Showcase, verb: str, option: str) -> None:
    said = showcase.call(verb, "report", option)
    assert (said.status, said.err) == (
        2,
        f"jobctl: option '{option}' requires an argument\n  see `jobctl {verb} --help`\n",
    )


def test_that_a_run_has_ended_is_said_once(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    run = to_text(showcase.run_through("report", Status.FAILED))
    said = showcase.call("cancel", run)
    assert (said.status, said.out) == (6, "")
    assert "had ended already: failed (exit 3)" in said.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["*/5", "*", "*", "*", "*"], 'quote it: jobctl explain "*/5 * * * *"'),
        (["every 5m"], 'it is a key of the job: every = "5m"'),
        (["every", "5m"], 'it is a key of the job: every = "5m"'),
        (["every 15 minutes"], 'it is a key of the job: every = "15m"'),
        (["on boot"], "it is a key of the job: on_boot = true"),
        (["weekdays at 25:00"], '"25:00" is no time of day'),
    ],
)
def test_what_is_no_expression_names_what_to_write(showcase: Showcase, words: list[str], hint: str) -> None:
    said = showcase.call("explain", *words)
    assert said.status == 2
    assert hint in said.err


def test_explain_takes_the_words_that_add_takes(showcase: Showcase) -> None:
    said = showcase.call("explain", "weekdays at 8:30", "-n", "1")
    assert said.status == 0
    assert "30 8 * * 1-5" in said.out


def test_explain_takes_the_name_of_a_job(showcase: Showcase) -> None:
    showcase.define(
        '[jobs.both]\ncommand = "true"\nschedule = ["H 2 * * *", "0 5 * * 1"]\ntimezone = "Asia/Tokyo"\n'
        '[jobs.often]\ncommand = "true"\nevery = "5m"\n[jobs.hourly]\ncommand = "true"\nschedule = "5 4 * * *"\n'
        '[jobs.alone]\ncommand = "true"\nschedule = "5 4 * * *"\n'
    )
    both = json.loads(showcase.call("explain", "both", "-n", "1", "--json").out)
    assert [one["expression"] for one in both] == ["H 2 * * *", "0 5 * * 1"]
    assert [one["timezone"] for one in both] == ["Asia/Tokyo"] * 2
    minute = both[0]["next"][0]["local"][14:16]
    assert both[0]["words"] == f"at 02:{minute} every day"
    said = showcase.call("explain", "both", "--tz", "UTC")
    assert said.out.count("Zone        UTC") == 2
    assert "`jobctl next both` tells its starts" in said.err
    assert "at the start of every hour" in showcase.call("explain", "hourly").out, "an expression goes before a job"
    assert json.loads(showcase.call("explain", "hourly", "--json").out)["expression"] == "0 * * * *"
    assert [one["expression"] for one in json.loads(showcase.call("explain", "alone", "--json").out)] == ["5 4 * * *"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "often",
            "often is a job without a cron expression\n  it starts by `every 5m`; `jobctl next often` looks ahead",
        ),
        ("by-hand", "by-hand is a job without a cron expression\n  nothing starts it by itself"),
        ("nothing", '"nothing" is not a preset'),
    ],
)
def test_explain_of_what_has_no_expression_says_so(showcase: Showcase, word: str, message: str) -> None:
    showcase.define('[jobs.often]\ncommand = "true"\nevery = "5m"\n[jobs.by-hand]\ncommand = "true"\n')
    said = showcase.call("explain", word)
    assert said.status == 2
    assert message in said.err


def test_an_hour_that_no_day_has_is_named_by_add(showcase: Showcase) -> None:
    said = showcase.call("add", "x", "--command", "true", "--schedule", "weekdays at 25:00")
    assert said.status == 2
    assert '"25:00" is no time of day' in said.err
    assert "hours are 0 to 23" in said.err


def test_a_size_with_half_a_unit_names_the_whole_one() -> None:
    with pytest.raises(ValueError, match='write "2GB"'):
        parse_size("2G")


def test_runs_that_an_id_may_mean_are_aligned(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    showcase.run_through("mail-queue", Status.TIMED_OUT)
    showcase.run_through("report", Status.FAILED)
    said = showcase.call("show", "0")
    assert "  mail-queue  timed out\n" in said.err
    assert "  report      failed\n" in said.err


def test_a_log_whose_middle_was_cut_out_says_what_is_kept(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    run_id = showcase.run_through("report", Status.SUCCEEDED, log_bytes=3_000_000)
    log = showcase.write_log(run_id, 1, b"x" * 8192)
    os.truncate(log, 3_000_000)
    os.sync()
    assert "kept of 3MB\n" in showcase.call("show", to_text(run_id)).out
