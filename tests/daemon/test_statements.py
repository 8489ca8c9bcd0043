"""What a run costs in statements, which are most of what it costs the daemon."""

from __future__ import annotations

import select
from collections.abc import Callable
from itertools import groupby

from jobctl.domain.run import Status
from jobctl.store.sqlite.store import SqliteStore
from tests.daemon.assembly import PATIENCE, Assembly

Assemble = Callable[[str], Assembly]
JOBS = '[daemon]\nmax_concurrent = 1\n[jobs.quick]\ncommand = ["/bin/true"]\noverlap = "allow"\n'
RUNS = 20
# Read ahead, begin, end and claim (two each), commit; the run, twice whether somebody else wrote.
MOST = 10


def test_a_run_of_a_queue_that_drains_costs_few(assemble: Assemble) -> None:
    here = assemble(JOBS)
    ids = [here.add("quick") for _ in range(RUNS)]
    here.tick_until(lambda: here.status(ids[0]) is Status.SUCCEEDED, "the first has ended")
    asked: list[str] = []
    store = here.store
    assert isinstance(store, SqliteStore)
    store._database._connection.set_trace_callback(asked.append)
    ticks = 0
    while len(here.around.in_flight):
        select.select([here.around.pool], [], [], PATIENCE)
        here.loop.tick(here.clock.now(), alone=not store.changed())
        ticks += 1
    store._database._connection.set_trace_callback(None)
    assert all(here.status(run_id) is Status.SUCCEEDED for run_id in ids)
    statements = [one for one, _ in groupby(asked)]  # triggers repeat the statement that set them off
    assert ticks < 2 * RUNS
    assert len(statements) <= MOST * ticks, "\n".join(statements[-2 * MOST :])


def test_of_many_jobs_due_together_each_is_looked_at_about_once(assemble: Assemble) -> None:
    names = [f"job-{number}" for number in range(30)]
    jobs = "".join(f'[jobs.{name}]\ncommand = ["/bin/true"]\n' for name in names)
    here = assemble("[daemon]\nmax_concurrent = 3\n" + jobs)
    ids = [here.add(name) for name in names]
    asked: list[str] = []
    store = here.store
    assert isinstance(store, SqliteStore)
    store._database._connection.set_trace_callback(asked.append)
    here.tick_until(lambda: all(here.status(run_id) is Status.SUCCEEDED for run_id in ids), "all have ended")
    store._database._connection.set_trace_callback(None)
    looks = [statement for statement in asked if "SELECT rank, id FROM runs" in statement]
    assert len(looks) <= 2 * len(names)
