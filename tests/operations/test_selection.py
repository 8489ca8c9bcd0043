"""Which jobs and runs a text stands for."""

from __future__ import annotations

import pytest

from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound
from jobctl.operations.definitions import ensure_current
from jobctl.operations.selection import find_job_or_run, find_run, select_jobs
from tests.operations.site import Site


def test_a_name_with_the_signs_of_a_glob_is_taken_as_it_is_first(site: Site) -> None:
    assert select_jobs(site.ctx, ["hello", "h*"]) == ["hello"]
    assert select_jobs(site.ctx, ["*"]) == ["fails", "hello", "reports", "sleeps"]
    assert select_jobs(site.ctx) == ["fails", "hello", "reports", "sleeps"]
    assert select_jobs(site.ctx, ["[fh]*"]) == ["fails", "hello"]


def test_one_pattern_without_a_match_is_an_error_whatever_the_others_find(site: Site) -> None:
    with pytest.raises(NotFound, match="no job matches `x\\*`"):
        select_jobs(site.ctx, ["hello", "x*"])
    with pytest.raises(NotFound, match="`hello` is none of the jobs of that group or tag"):
        select_jobs(site.ctx, ["hello"], group="evening")


def test_a_job_goes_before_a_run_of_that_beginning(site: Site) -> None:
    now = site.ctx.clock.now()
    run = site.ctx.store.runs.add(NewRun("hello", Origin.MANUAL, Status.QUEUED, now, now))
    text = to_text(run.id)
    site.define(f'[jobs.{text[:6]}]\ncommand = "true"\n[jobs.hello]\ncommand = "true"\n')
    ensure_current(site.ctx)
    assert find_job_or_run(site.ctx, text[:6]) == text[:6]
    found = find_job_or_run(site.ctx, text[:7])
    assert isinstance(found, Run)
    assert found.id == run.id


def test_what_cannot_be_an_id_is_told_as_such(site: Site) -> None:
    with pytest.raises(NotFound, match="`not-an-id!` is no run id"):
        find_run(site.ctx, "not-an-id!")


def test_an_id_with_a_slip_at_its_end_is_told_with_the_nearest(site: Site) -> None:
    now = site.ctx.clock.now()
    text = to_text(site.ctx.store.runs.add(NewRun("hello", Origin.MANUAL, Status.QUEUED, now, now)).id)
    slip = text[:-1] + ("0" if text[-1] != "0" else "1")
    for find in (find_run, find_job_or_run):
        with pytest.raises(NotFound) as caught:
            find(site.ctx, slip)
        assert caught.value.hint == f"did you mean `{text}`?"


def test_many_candidates_are_cut(site: Site) -> None:
    now = site.ctx.clock.now()
    new = NewRun("hello", Origin.MANUAL, Status.QUEUED, now, now)
    first, *_ = site.ctx.store.runs.add_many([new] * 12)
    with pytest.raises(NotFound, match="fits several runs") as caught:
        find_run(site.ctx, to_text(first.id)[:4])
    assert caught.value.hint.count("hello") == 8
    assert caught.value.hint.endswith("\n…")
