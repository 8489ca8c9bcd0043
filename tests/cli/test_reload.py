"""`reload` without a daemon: the plan, and the exit status of what cannot be done."""

from __future__ import annotations

import json

from tests.cli.shell import Shell
from tests.operations.site import JOBS

CHANGED = JOBS.replace("echo bad", "echo worse").replace("30 2 * * *", "0 5 * * *")
MORE = '\n[jobs.more]\ncommand = "true"\n'


def test_the_plan_shows_every_job_that_changes_and_how(jobctl: Shell) -> None:
    jobctl("enable", "hello")
    jobctl.site.define(CHANGED.replace("[jobs.reports]", "[jobs.newsletter]"))
    said = jobctl("reload", "--plan")
    assert said.status == 0
    rows = [line.split()[:3] for line in said.out.splitlines()[1:]]
    assert [row[:2] for row in rows] == [
        ["newsletter", "added"],
        ["reports", "removed"],
        ["fails", "changed"],
        ["hello", "changed"],
    ]
    assert (rows[2][2], rows[3][2]) == ("command", "schedule")
    assert said.err == "would be 1 added, 1 removed, 2 changed; 4 jobs afterwards\n"


def test_the_plan_in_json_has_the_next_starts(jobctl: Shell) -> None:
    jobctl("enable", "hello")
    jobctl.site.define(CHANGED + MORE)
    plan = json.loads(jobctl("--json", "reload", "--plan").out)
    assert (plan["applied"], plan["jobs"]) == (False, 5)
    assert plan["added"] == [{"name": "more", "next_at": None}]
    (hello,) = [job for job in plan["changed"] if job["name"] == "hello"]
    assert hello["keys"] == ["schedule"]
    assert hello["rescheduled"] is True
    assert hello["next_before"].endswith("T02:30:00Z")
    assert hello["next_after"].endswith("T05:00:00Z")


def test_a_plan_that_changes_nothing_says_so(jobctl: Shell) -> None:
    jobctl("enable", "hello")
    said = jobctl("reload", "--plan")
    assert (said.status, said.out, said.err) == (0, "", "nothing changes: 4 jobs\n")


def test_without_a_daemon_it_is_5(jobctl: Shell) -> None:
    said = jobctl("reload")
    assert (said.status, said.out) == (5, "")
    assert said.err.startswith("jobctl: no daemon is running that could reload\n")


def test_a_broken_file_is_3_with_every_problem(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.a]\ncomand = "true"\n[jobs.b]\ncommand = "true"\nevery = "0x"\n')
    for words in (["reload"], ["reload", "--plan"]):
        said = jobctl(*words)
        assert (said.status, said.out) == (3, "")
        assert "jobs.toml:2:1: jobs.a.comand" in said.err
        assert "jobs.toml:5:9: jobs.b.every" in said.err


def test_a_missing_file_is_3(jobctl: Shell) -> None:
    jobctl.site.jobs_file.unlink()
    said = jobctl("reload", "--plan")
    assert (said.status, said.out) == (3, "")
    assert "there is no such file" in said.err
