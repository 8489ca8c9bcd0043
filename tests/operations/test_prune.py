"""Pruning by hand."""

from __future__ import annotations

import json

from jobctl.config.definition import definition_of
from jobctl.config.fingerprints import fingerprints
from jobctl.domain.job import Job, JobRetention, Source
from jobctl.domain.retention import Bounds, Ending, Policy, Scope, older_than
from jobctl.domain.run import Status
from jobctl.domain.settings import Retention, Settings
from jobctl.operations.definitions import ensure_current
from jobctl.operations.prune import Share, Watcher, policy_in_force, prune, what_would_go
from jobctl.store.records import ServiceInfo
from tests.operations.site import JOBS, Site
from tests.store.building import run_through

RETENTION = '[retention]\nsucceeded = "7d"\nmax_log_bytes = "1MB"\n'
OWN = '[jobs.own]\ncommand = "true"\nretention = { failed = "2d", max_runs = 5 }\n'
DAY = 86_400


def old_runs(site: Site, job: str, status: Status, count: int) -> list[int]:
    """Runs of long ago. The last run of a defined job would stay: these jobs are not defined any more."""
    before = site.ctx.clock.now() - 1000 * DAY
    with site.ctx.store.transaction():
        return [run_through(site.ctx.store, job, status, before + at) for at in range(count)]


def test_without_a_daemon_the_bounds_are_those_of_the_jobs_file(site: Site) -> None:
    site.define(RETENTION + JOBS + OWN)
    policy = policy_in_force(site.ctx)
    assert policy.general == Bounds(7.0 * DAY, 90.0 * DAY, 10_000)
    assert policy.of_job == {"own": Bounds(7.0 * DAY, 2.0 * DAY, 5)}
    assert policy.max_log_bytes == 1_000_000


def test_with_a_daemon_the_bounds_are_those_that_it_has_loaded(site: Site) -> None:
    site.define(RETENTION + JOBS + OWN)
    ensure_current(site.ctx)
    settings = Settings(retention=Retention(succeeded=3600.0, max_runs_per_job=None))
    info = ServiceInfo(1, "0", 0, str(site.jobs_file), 0, "boot", 0, settings=json.dumps(fingerprints(settings)))
    site.ctx.store.service.started(info)
    site.pretend_daemon()
    site.define("this is no jobs file any more")
    policy = policy_in_force(site.ctx)
    assert policy.general == Bounds(3600.0, 90.0 * DAY, None)
    assert policy.of_job == {"own": Bounds(3600.0, 2.0 * DAY, 5)}


def test_a_stored_definition_tells_all_of_a_jobs_retention() -> None:
    own = JobRetention(60.0, 120.0, 3)
    job = Job("own", "true", Source("jobs.toml", 1), retention=own)
    stored = json.loads(json.dumps(definition_of(job)))["retention"]
    assert JobRetention(**stored) == own


def test_what_goes_is_told_by_job_and_class(site: Site) -> None:
    old_runs(site, "greeted", Status.SUCCEEDED, 3)
    old_runs(site, "greeted", Status.TIMED_OUT, 2)
    old_runs(site, "failed", Status.FAILED, 1)
    expected = {
        ("greeted", Ending.SUCCEEDED): Share(3, 0),
        ("greeted", Ending.FAILED): Share(2, 0),
        ("failed", Ending.FAILED): Share(1, 0),
    }
    would = what_would_go(site.ctx, older_than(60.0))
    assert (would.shares, would.total.runs) == (expected, 6)
    gone = prune(site.ctx, older_than(60.0), pause=lambda seconds: None)
    assert (gone.shares, gone.total.runs) == (expected, 6)
    assert what_would_go(site.ctx, older_than(60.0)).shares == {}


def test_pruning_is_written_into_the_audit_trail_unless_nothing_went(site: Site) -> None:
    old_runs(site, "greeted", Status.SUCCEEDED, 3)
    for _ in range(2):
        prune(site.ctx, older_than(60.0), pause=lambda seconds: None)
    [event] = site.ctx.store.events.recent(10)
    assert (event.action, event.detail) == ("prune", "3 runs, 0B of logs")


def test_only_what_is_in_the_scope_goes(site: Site) -> None:
    kept = old_runs(site, "failed", Status.FAILED, 2)
    old_runs(site, "greeted", Status.SUCCEEDED, 2)
    only = Scope(jobs=frozenset({"greeted"}))
    assert prune(site.ctx, older_than(60.0), only, pause=lambda seconds: None).total.runs == 2
    assert all(site.ctx.store.runs.get(run) is not None for run in kept)


def test_an_interruption_ends_it_between_two_slices(site: Site) -> None:
    old_runs(site, "greeted", Status.SUCCEEDED, 250)
    told: list[int] = []
    watcher = Watcher(lambda share: told.append(share.runs), lambda: told[-1] >= 100)
    pruned = prune(site.ctx, older_than(60.0), watcher=watcher, pause=lambda seconds: None)
    assert pruned.interrupted
    assert 100 <= pruned.total.runs < 250
    assert sum(site.ctx.store.runs.counts().values()) == 250 - pruned.total.runs


def test_it_rests_after_each_slice_that_has_written(site: Site) -> None:
    old_runs(site, "greeted", Status.SUCCEEDED, 150)
    rests: list[float] = []
    prune(site.ctx, older_than(60.0), pause=rests.append)
    assert len(rests) >= 2
    assert min(rests) > 0
    prune(site.ctx, Policy(Bounds()), pause=rests.append)
