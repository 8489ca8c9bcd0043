"""JOB arguments are names and globs, run ids any beginning that is clear; what is not there is 4, with the nearest."""

from __future__ import annotations

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from tests.cli.showcase import Showcase


@pytest.mark.parametrize(
    ("words", "jobs"),
    [
        (["backup"], ["backup"]),
        (["r*"], ["report", "rotate"]),
        (["*-queue", "backup"], ["backup", "mail-queue"]),
        (["--group", "system"], ["backup"]),
        (["--tag", "db"], ["backup", "report"]),
        (["--tag", "d*", "r*"], ["report"]),
        (["--group", "m*"], ["mail-queue"]),
    ],
)
def test_jobs_are_selected(showcase: Showcase, words: list[str], jobs: list[str]) -> None:
    said = showcase.call("list", *words)
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == jobs


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "bakup"], "there is no job `bakup`\n  did you mean `backup`?"),
        (["list", "x*"], "no job matches `x*`\n  `jobctl list` shows all jobs"),
        (["list", "--group", "web"], "no job is in the group `web`\n  the groups are: mail, system"),
        (["list", "--tag", "web"], "no job has the tag `web`\n  the tags are: critical, db"),
        (["show", "raport"], "there is no job and no run `raport`\n  did you mean `report`?"),
        (["history", "rotat"], "there is no job `rotat`\n  did you mean `rotate`?"),
        (["logs", "rotate"], "rotate has never run\n"),
    ],
)
def test_what_is_not_there_is_4_with_the_nearest(showcase: Showcase, words: list[str], message: str) -> None:
    showcase.fill()
    said = showcase.call(*words)
    assert (said.status, said.out) == (4, "")
    assert said.err.startswith(f"jobctl: {message}")


def test_the_beginning_of_an_id_is_enough_while_it_is_clear(showcase: Showcase) -> None:
    showcase.load()
    first = to_text(showcase.add("backup"))
    assert showcase.call("show", first[:4]).out.startswith("id0000000001  backup  queued")
    second = to_text(showcase.add("report"))
    said = showcase.call("show", first[:4])
    assert said.status == 4
    assert "fits several runs; type more of the id" in said.err
    assert "  id0000000001  backup  queued\n  id0000000002  report  queued\n" in said.err
    assert showcase.call("show", second).status == 0
    assert showcase.call("show", second.upper()).status == 0


def test_an_id_typed_wrong_names_the_nearest(showcase: Showcase) -> None:
    showcase.load()
    run = to_text(showcase.add("backup"))
    wrong = run[:-1] + ("0" if run[-1] != "0" else "1")
    said = showcase.call("logs", wrong)
    assert said.status == 4
    assert "did you mean `id0000000002`?" in said.err


def test_an_id_that_is_gone_names_no_other_run_that_was_made_then(showcase: Showcase) -> None:
    showcase.load()
    runs = [to_text(showcase.run_through("backup", Status.SUCCEEDED)) for _ in range(2)]
    gone = runs[0][:8] + "".join("0" if letter != "0" else "1" for letter in runs[0][8:])
    said = showcase.call("show", gone)
    assert said.status == 4
    assert "did you mean" not in said.err


def test_a_job_that_is_gone_is_still_found_in_the_history(showcase: Showcase) -> None:
    showcase.fill()
    showcase.close()
    showcase.context = showcase.open()
    showcase.define('[jobs.other]\ncommand = "true"\n')
    assert "backup" in showcase.call("history", "backup").out
    assert "no jobs file defines it any more" in showcase.call("show", "backup").out
    assert [line.split()[0] for line in showcase.call("list").out.splitlines()[1:]] == ["other"]


def test_filters_of_the_history_work_together(showcase: Showcase) -> None:
    showcase.fill()

    def jobs(*words: str) -> list[str]:
        return [line.split()[1] for line in showcase.call("history", *words).out.splitlines()[1:]]

    assert jobs("--status", "failed", "--status", "timed_out") == ["report", "backup"]
    assert jobs("--origin", "manual") == ["mail-queue"]
    assert jobs("--last", "15m") == ["mail-queue", "mail-queue", "mail-queue", "report"]
    assert jobs("--since", "19:50", "--until", "20:00") == ["report"]
    assert jobs("--limit", "1", "--offset", "3") == ["report"]
    assert jobs("--until", "2d") == ["backup"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["history", "--last", "1d", "--since", "2h"], "--last and --since exclude each other"),
        (["history", "--last", "long"], '--last "long": expected a duration'),
        (["history", "--csv", "--json"], "--csv and --json exclude each other"),
        (["history", "--status", "fialed"], "there is no status `fialed`"),
        (["delete", "--status", ""], "--status names none"),
        (["history", "--origin", ","], "--origin names none"),
        (["history", "-n", "9" * 30], "invalid value for '-n' / '--limit'"),
        (["history", "--limit", "0"], "invalid value for '-n' / '--limit'"),
        (["next", "--until", "1 hour"], '--until: "1 hour" is not a time'),
        (["next", "--from", "3h", "--until", "2h"], "--until lies before the beginning"),
        (["logs", "backup", "--grep", "("], "--grep: `(` is no regular expression"),
        (["explain", "* * * *"], '"* * * *"'),
        (["explain", "daily", "--tz", "Berlin"], "there is no time zone `Berlin`"),
    ],
)
def test_wrong_usage_is_2_in_one_sentence(showcase: Showcase, words: list[str], message: str) -> None:
    said = showcase.call(*words)
    assert said.status == 2
    assert message in said.err.replace('"error": {', "")
    assert "Traceback" not in said.err
