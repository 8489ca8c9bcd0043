"""Globs, --group and --tag mean the same to every verb that takes jobs."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.run import Status
from tests.cli.shell import Shell
from tests.store.building import add, run_through

JOBS = """
[jobs.sales]
command = "exit 1"
group = "reports"
tags = ["pdf"]
schedule = "30 2 * * *"
[jobs.stock]
command = "exit 1"
group = "reports"
tags = ["csv", "slow"]
schedule = "40 2 * * *"
[jobs.backup]
command = "exit 1"
group = "system"
tags = ["slow"]
schedule = "50 2 * * *"
"""
WAYS = [
    (("s*",), ["sales", "stock"]),
    (("--group", "reports"), ["sales", "stock"]),
    (("--tag", "slow"), ["backup", "stock"]),
    (("--group", "rep*", "--tag", "[cs]*"), ["stock"]),
    (("*a*", "--group", "reports"), ["sales"]),
]
JOB_FIELD = {"list": "name", "status": "name"}
BY_NAME = ["run", "enable", "disable", "list", "status", "next", "history", "dead"]
BY_OPTION = ["cancel", "retry", "dismiss", "delete"]


@pytest.fixture
def place(jobctl: Shell) -> Shell:
    """Three jobs."""
    jobctl.site.define(JOBS)
    return jobctl


def give_runs(place: Shell) -> None:
    """Each job gets a run that failed for good and one that waits."""
    store = place.site.ctx.store
    for job in ("sales", "stock", "backup"):
        run_through(store, job, Status.FAILED)
        add(store, job)


def jobs_of(verb: str, out: str) -> list[str]:
    found = json.loads(out)
    documents = found if isinstance(found, list) else [found]
    return sorted({document[JOB_FIELD.get(verb, "job")] for document in documents})


def words_of(verb: str, way: tuple[str, ...]) -> list[str]:
    """The way as the verb takes it: a name goes behind --job where the verb's own arguments are runs."""
    named = ["--job"] if verb in BY_OPTION and not way[0].startswith("-") else []
    extra = {"run": ["--detach"], "next": ["-n", "100", "--until", "2d"]}.get(verb, [])
    return [verb, *named, *way, *extra, "--json"]


@pytest.mark.parametrize("verb", [*BY_NAME, *BY_OPTION])
def test_every_verb_selects_the_same_jobs(place: Shell, verb: str) -> None:
    place("list")
    for way, jobs in WAYS:
        give_runs(place)
        said = place(*words_of(verb, way))
        assert said.status == 0, said.err
        assert jobs_of(verb, said.out) == jobs, way


@pytest.mark.parametrize("verb", [*BY_NAME, *BY_OPTION])
@pytest.mark.parametrize(
    ("way", "status", "message"),
    [
        (("--group", "report"), 4, "no job is in the group `report`\n  did you mean `reports`?"),
        (("--tag", "slaw"), 4, "no job has the tag `slaw`\n  did you mean `slow`?"),
        (("sails",), 4, "there is no job `sails`\n  did you mean `sales`?"),
        (("x*",), 4, "no job matches `x*`"),
        (("backup", "--group", "reports"), 4, "`backup` is none of the jobs of that group or tag"),
        (("--group", ""), 2, "--group is empty"),
    ],
)
def test_what_selects_nothing_is_told_alike(
    place: Shell, verb: str, way: tuple[str, ...], status: int, message: str
) -> None:
    said = place(*[word for word in words_of(verb, way) if word != "--json"])
    assert said.status == status
    assert f"jobctl: {message}" in said.err


@pytest.mark.parametrize("verb", ["show", "logs", "enqueue"])
def test_a_verb_of_one_job_takes_a_glob_that_means_one(place: Shell, verb: str) -> None:
    assert place("run", "backup").status == 1
    assert place(verb, "back*").status == 0
    said = place(verb, "s*")
    assert said.status == 2
    assert "`s*` means 2 jobs\n  name one of them: sales, stock" in said.err


def test_cancel_of_a_group_takes_what_waits_and_what_runs_and_queued_only_what_waits(jobctl: Shell) -> None:
    jobctl.site.define(
        '[jobs.long]\ncommand = "sleep 60"\ngroup = "night"\n[jobs.other]\ncommand = "true"\ngroup = "day"\n'
    )
    for name in ("long", "long", "other"):
        jobctl("run", name, "--detach")
    store = jobctl.site.ctx.store
    first, _ = store.runs.active("long")
    store.attempts.begin(first.id, bytes(16), "gone", first.created_at)
    jobctl.site.pretend_daemon()  # which sees to the running one
    assert "cancelled before it started" in jobctl("cancel", "--group", "night", "--queued").out
    assert [run.id for run in store.runs.active("long")] == [first.id]
    jobctl.site.end_pretending()
    assert jobctl("cancel", "--group", "night").status == 0
    assert store.runs.active("long") == []
    assert len(store.runs.active("other")) == 1


def test_the_waiting_runs_of_a_job_that_is_gone_can_be_cancelled(place: Shell) -> None:
    place("run", "backup", "--detach")
    place.site.define('[jobs.other]\ncommand = "true"\n')
    place("list")
    said = place("cancel", "--job", "backup", "--json")
    assert [run["status"] for run in json.loads(said.out)] == ["cancelled"]
