"""How long a job usually takes, from its newest runs."""

from __future__ import annotations

from jobctl.domain.run import Status
from jobctl.operations.usual import usual_seconds
from tests.operations.site import Site
from tests.store.building import NOW, add, begin, run_through


def test_it_is_the_median_of_the_successes(site: Site) -> None:
    assert usual_seconds(site.ctx, "hello") is None
    run_through(site.ctx.store, "hello", Status.FAILED)
    assert usual_seconds(site.ctx, "hello") is None
    run_through(site.ctx.store, "hello", Status.SUCCEEDED, now=NOW + 60_000)
    assert usual_seconds(site.ctx, "hello") == 0.5
    assert usual_seconds(site.ctx, "fails") is None


def test_it_is_known_of_a_run_behind_which_many_wait(site: Site) -> None:
    store = site.ctx.store
    run_through(store, "hello", Status.SUCCEEDED)
    running = add(store, "hello", created_at=NOW + 60_000)
    for second in range(60):
        add(store, "hello", created_at=NOW + 61_000 + second)
    assert usual_seconds(site.ctx, "hello") is None, "nobody asks for it before one runs"
    begin(store, running)
    assert usual_seconds(site.ctx, "hello") == 0.5
