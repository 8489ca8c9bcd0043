"""A schedule that cannot be followed any more, as when its zone has gone from the system: told, and the rest works."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.shell import Shell

JOBS = """
[jobs.lost]
command = "true"
schedule = "0 * * * *"
timezone = "Europe/Berlin"
[jobs.sound]
command = "true"
schedule = "30 * * * *"
"""
PROBLEM = 'the schedule of lost cannot be followed: there is no time zone "Europe/Atlantis"'


@pytest.fixture
def place(jobctl: Shell) -> Shell:
    """Two jobs; since they were loaded the zone of one of them has sunk."""
    jobctl.site.define(JOBS)
    jobctl("list")
    with closing(sqlite3.connect(jobctl.site.ctx.places.database)) as database, database:
        for table, column in (("jobs", "timezone"), ("job_versions", "definition")):
            database.execute(f"UPDATE {table} SET {column} = replace({column}, 'Berlin', 'Atlantis')")
    return jobctl


def test_next_names_the_job_and_goes_on_with_the_others(place: Shell) -> None:
    said = place("next", "-n", "3")
    assert said.status == 1
    assert [line.split()[-6] for line in said.out.splitlines()[1:]] == ["sound"] * 3
    assert f"jobctl: {PROBLEM}\n" in said.err
    said = place("next", "-n", "3", "--json")
    assert [start["job"] for start in json.loads(said.out)] == ["sound"] * 3
    assert json.loads(said.err.splitlines()[-1])["error"]["message"] == PROBLEM
    assert place("next", "sound").status == 0


def test_why_says_that_this_is_why(place: Shell) -> None:
    said = place("why", "lost")
    assert (said.status, said.out) == (1, "")
    assert f"jobctl: {PROBLEM}\n" in said.err
    assert place("why", "sound").status == 0


@pytest.mark.parametrize("words", [["status"], ["list"], ["show", "lost"], ["top", "--once"], ["history"], ["health"]])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_only_shows_the_job_does_not_care(place: Shell, words: list[str], form: list[str]) -> None:
    said = place(*words, *form)
    assert said.status == (2 if words == ["health"] else 0), said.err
    assert "unexpected" not in said.err
