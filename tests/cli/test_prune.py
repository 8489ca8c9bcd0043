"""`jobctl prune` and what it says."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.operations.prune import Watcher
from tests.cli.shell import Shell
from tests.cli.showcase import NOW, Showcase
from tests.operations.site import Site
from tests.store.building import run_through

DAY = 86_400_000


@pytest.fixture
def past(showcase: Showcase) -> Showcase:
    """Runs of forty and of hundred days ago, and newer ones."""
    showcase.load()
    store = showcase.context.store
    with store.transaction():
        for days in (100, 40, 1):
            for job, status in (("backup", Status.SUCCEEDED), ("backup", Status.FAILED), ("report", Status.SKIPPED)):
                if status is Status.SKIPPED:
                    run_id = showcase.add(job, created_at=NOW - days * DAY, due_at=NOW - days * DAY)
                    store.runs.move(run_id, Status.QUEUED, status, NOW - days * DAY, "an earlier run is active")
                else:
                    run_through(store, job, status, NOW - days * DAY)
    return showcase


def test_the_bounds_of_the_file_decide(past: Showcase) -> None:
    would = past.call("prune", "--dry-run")
    assert would.out.splitlines() == [
        "JOB     ENDED            RUNS  LOGS",
        "backup  without failure     2    0B",
        "backup  with failure        1    0B",
        "report  without failure     2    0B",
    ]
    assert (would.status, would.err) == (0, "5 runs and 0B of logs would go\n")
    done = past.call("prune")
    assert (done.status, done.out, done.err) == (0, would.out, "5 runs and 0B of logs gone\n")
    again = past.call("prune")
    assert (again.status, again.out, again.err) == (0, "", "nothing has passed its bound\n")


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["--older-than", "50d"], 3), (["--older-than", "50d", "--status", "failed"], 1),
        (["--older-than", "0s", "--status", "skipped,failed"], 5), (["--status", "failed"], 1),
        (["report"], 2), (["rep*", "--older-than", "0s"], 3), (["--group", "system", "--older-than", "50d"], 2),
        (["--tag", "db", "--older-than", "50d"], 3),
    ],
)  # fmt: skip
def test_options_choose_what_goes(past: Showcase, words: list[str], runs: int) -> None:
    would = json.loads(past.call("--json", "prune", "--dry-run", *words).out)
    done = json.loads(past.call("--json", "prune", *words).out)
    assert would == done | {"dry_run": True}
    assert (done["runs"], sum(share["runs"] for share in done["jobs"])) == (runs, runs)


def test_a_missing_run_that_was_the_parent_of_another_breaks_no_sheet(past: Showcase) -> None:
    store = past.context.store
    parent = run_through(store, "backup", Status.SUCCEEDED, NOW - 90 * DAY)
    run_through(store, "backup", Status.SUCCEEDED, NOW - DAY)  # the last one, which stays
    child = run_through(store, "rotate", Status.SUCCEEDED, NOW - DAY, parent_id=parent)
    past.call("prune")
    assert past.call("show", to_text(parent)).status == 4
    assert past.call("show", to_text(child)).status == 0
    assert past.call("--json", "show", to_text(child)).status == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--older-than", "soon"], '--older-than "soon": expected a duration'),
        (["--older-than", "200000d"], "longer than 100 years"),
        (["--status", "running"], "a running run has not ended"),
        (["--status", "fialed"], "there is no status `fialed`"),
    ],
)
def test_what_cannot_be_meant_is_refused(past: Showcase, words: list[str], sentence: str) -> None:
    refused = past.call("prune", *words)
    assert (refused.status, refused.out) == (2, "")
    assert sentence in refused.err


def test_a_job_that_is_not_there_is_not_found(past: Showcase) -> None:
    assert past.call("prune", "bakcup").status == 4


def test_an_interruption_says_what_is_gone_and_exits_130(past: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.cli.prune.Watcher", lambda progress, interrupted: Watcher(progress, lambda: True))
    done = past.call("prune")
    assert (done.status, done.err) == (130, "nothing has passed its bound\n")


def test_a_broken_jobs_file_stops_what_needs_its_bounds_and_nothing_else(past: Showcase) -> None:
    past.define("[retention\n")
    assert past.call("prune").status == 3
    assert past.call("prune", "--older-than", "50d").status == 0


def test_a_log_that_cannot_be_deleted_is_an_error_that_names_it(jobctl: Shell, site: Site) -> None:
    run_id = run_through(site.ctx.store, "gone", Status.SUCCEEDED, site.ctx.clock.now() - DAY)
    log = site.ctx.places.log_file(run_id, 1)
    (log / "sub").mkdir(parents=True)
    done = jobctl("prune", "--older-than", "1h")
    assert done.status == 1
    assert f"the log {log} cannot be deleted" in done.err
