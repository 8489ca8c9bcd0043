"""How long a job usually takes, from its newest runs."""

from __future__ import annotations

from jobctl.domain.run import Status
from jobctl.operations.usual import usual_seconds
from tests.operations.site import Site
from tests.store.building import NOW, run_through


def test_it_is_the_median_of_the_successes(site: Site) -> None:
    assert usual_seconds(site.ctx, "hello") is None
    run_through(site.ctx.store, "hello", Status.FAILED)
    assert usual_seconds(site.ctx, "hello") is None
    run_through(site.ctx.store, "hello", Status.SUCCEEDED, now=NOW + 60_000)
    assert usual_seconds(site.ctx, "hello") == 0.5
    assert usual_seconds(site.ctx, "fails") is None
