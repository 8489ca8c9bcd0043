"""`add`: what is said about the time becomes keys of the job, whichever words say it."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.cli.shell import Shell
from tests.cli.showcase import Showcase


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["--schedule", "every 5 minutes"], {"every": "5m"}),
        (["--schedule", "at boot"], {"on_boot": True}),
        (["--schedule", "every day at 6"], {"schedule": "0 6 * * *"}),
        (["--schedule", "at boot", "--every", "10m"], {"on_boot": True, "every": "10m"}),
        (["--schedule", "hourly", "--on-boot"], {"schedule": "hourly", "on_boot": True}),
        (["--every", "10m"], {"every": "10m"}),
        (["--schedule", "hourly", "--schedule", "every day at 6"], {"schedule": ["hourly", "0 6 * * *"]}),
        (["--schedule", "at boot", "--schedule", "hourly"], {"on_boot": True, "schedule": "hourly"}),
    ],
)
def test_the_time_is_in_the_file(showcase: Showcase, words: list[str], keys: dict[str, object]) -> None:
    said = showcase.call("add", "new", "--command", "true", *words)
    assert said.status == 0, said.err
    assert tomllib.loads(showcase.jobs_file.read_text())["jobs"]["new"] == {"command": "true", **keys}


def test_a_program_that_is_not_there_is_doubted_by_all_that_check_the_file(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.a]\ncommand = ["/typo"]\nstart_deadline = "5m"\n')
    said = [jobctl("check").out, jobctl("reload", "--plan").err, jobctl("add", "new", "--command", "true").err]
    said.append(jobctl("remove", "new", "--dry-run").err)
    for text in said:
        assert "there is no program /typo" in text
        assert "2 warnings" in text
    assert "2 doubts" in jobctl("doctor").out
    assert json.loads(jobctl("reload", "--plan", "--json").out)["warnings"] == 2


def test_two_intervals_are_refused(showcase: Showcase) -> None:
    before = showcase.jobs_file.read_text()
    said = showcase.call("add", "new", "--command", "true", "--schedule", "every 5 minutes", "--every", "10m")
    assert (said.status, said.err.splitlines()[0]) == (2, "jobctl: --schedule names an interval, and so does --every")
    assert showcase.jobs_file.read_text() == before


def test_an_interval_among_schedules_is_refused_with_what_would_do(showcase: Showcase) -> None:
    said = showcase.call("add", "new", "--command", "true", "--schedule", "every 5 minutes", "--schedule", "hourly")
    assert said.status == 2
    assert said.err == (
        "jobctl: --schedule: `every 5 minutes` is an interval, which stands alone\n"
        '  give it alone, or as an expression of cron, such as "*/5 * * * *"\n'
    )


def test_what_is_wrong_with_an_option_has_no_place_in_a_file(showcase: Showcase) -> None:
    said = showcase.call("add", "new", "--command", "true", "--schedule", "60 * * * *", "--json")
    [problem] = json.loads(said.err)["error"]["problems"]
    assert (said.status, problem["key"]) == (3, "jobs.new.schedule")
    assert (problem["file"], problem["line"], problem["column"]) == (None, None, None)


def test_an_editor_with_an_open_quote_is_named(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "vi '")
    said = showcase.call("edit")
    assert (said.status, said.err.splitlines()[0]) == (1, "jobctl: a quote in VISUAL is not closed")
