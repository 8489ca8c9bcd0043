"""All steps of a daemon, joined as wiring joins them, ticked by hand: real store and keepers, a clock that is set."""

from __future__ import annotations

import select
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from jobctl.daemon.inquest import Inquest
from jobctl.daemon.loop import Loop
from jobctl.daemon.recovery import Recovery
from jobctl.daemon.settler import Settler
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.daemon.wakeup import Wakeup
from jobctl.domain.run import Attempt, NewRun, Origin, Run, Status
from jobctl.process import record
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.migrate import LATEST
from jobctl.wiring.service import make_steps
from tests.daemon.set_clock import SetClock

PATIENCE = 20.0  # seconds that a condition may take on a busy machine before the test fails

_ALL_GATES = "all.gate"


class Assembly:
    """`refuse` and `accept` let the database refuse the ends of one run, as a CHECK that nobody thought of would.

    One keeper is ready, as in a daemon that has run something.
    """

    def __init__(self, around: Surroundings, clock: SetClock, wakeup: Wakeup) -> None:
        self.around = around
        warm_up(around)
        self.store = around.store
        self.clock = clock
        self.wakeup = wakeup
        manager = ServiceManager()
        settler = Settler(around)
        self.inquest = Inquest(around, settler)
        self.steps = make_steps(around, clock, manager, settler, self.inquest, Recovery(around, self.inquest))
        self.loop = Loop(around, clock, wakeup, manager, self.steps, drain=False)

    def die(self) -> None:
        """The daemon is gone; its keepers live on."""
        close(self.around)

    def recover(self) -> None:
        Recovery(self.around, self.inquest).recover(self.clock.now())

    def add(self, job: str, **changes: object) -> int:
        now, defined = self.clock.now(), self.around.catalogue.job(job)
        attempts = 1 if defined is None else defined.retry.retries + 1
        new = NewRun(job, Origin.MANUAL, Status.QUEUED, now, now, max_attempts=attempts)
        return self.store.runs.add(new._replace(**changes)).id  # type: ignore[arg-type]

    def tick(self, ms: int = 0) -> None:
        """A tick, after so much time has gone by."""
        self.loop.tick(self.clock.pass_time(ms))

    def tick_until(self, condition: Callable[[], object], what: str, ms: int = 0) -> None:
        """Tick whenever a keeper has something to say, and now and then."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain: {what}"
            select.select([self.around.pool], [], [], 0.02)
            self.tick(ms)

    def run(self, run_id: int) -> Run:
        found = self.store.runs.get(run_id)
        assert found is not None
        return found

    def status(self, run_id: int) -> Status:
        return self.run(run_id).status

    def attempt(self, run_id: int) -> Attempt:
        return self.store.attempts.of_run(run_id)[-1]

    def runs(self, job: str) -> list[Run]:
        return self.store.runs.history(HistoryFilter(jobs=(job,), limit=100))

    def begin(self, job: str) -> int:
        """A run of a job that writes its pid into a file of its name; begun when this returns."""
        run_id = self.add(job)
        self.tick_until((self.folder / job).exists, f"{job} runs")
        return run_id

    @property
    def folder(self) -> Path:
        return self.around.places.jobs_file.parent

    def record_of(self, run_id: int) -> Path:
        return self.around.places.keepers_dir / self.attempt(run_id).keeper

    def keeper_pid(self, run_id: int) -> int:
        header = record.read(self.record_of(run_id)).header
        assert header is not None
        return header.pid

    def refuse(self, run_id: int) -> None:
        self._execute(
            f"CREATE TRIGGER refusal BEFORE UPDATE OF state ON attempts WHEN NEW.state = 4 AND NEW.run_id = {run_id} "
            "BEGIN SELECT RAISE(ABORT, 'a check that nobody thought of'); END"
        )

    def refuse_claim(self, *run_ids: int) -> None:
        """Let the database refuse the claims of these runs."""
        cursed = ", ".join(map(str, run_ids))
        self._execute(
            f"CREATE TRIGGER refusal BEFORE UPDATE OF status ON runs WHEN NEW.status = 3 AND NEW.id IN ({cursed}) "
            "BEGIN SELECT RAISE(ABORT, 'a check that nobody thought of'); END"
        )

    def refuse_definition(self, job: str) -> None:
        """Let the database refuse the definition of one job."""
        self._execute(
            f"CREATE TRIGGER refusal BEFORE UPDATE OF hash ON jobs WHEN NEW.name = '{job}' "
            "BEGIN SELECT RAISE(ABORT, 'a check that nobody thought of'); END"
        )

    def pile_up_pings(self, job: str, count: int) -> None:
        """As if so many runs of a job had succeeded and nobody had told its address of them."""
        self._execute(
            "WITH RECURSIVE runs (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM runs WHERE id < "
            f"{count}) INSERT INTO pings (job_id, run_id, attempt, kind, status, exit_code, made_at, due_at) "
            f"SELECT jobs.id, runs.id, 1, 2, 10, 0, {self.clock.now()}, {self.clock.now()} "
            f"FROM runs, jobs WHERE jobs.name = '{job}'"
        )

    def refuse_runs(self, job: str) -> None:
        """Let the database refuse every run of one job."""
        self._execute(
            "CREATE TRIGGER refusal BEFORE INSERT ON runs "
            f"WHEN NEW.job_id = (SELECT id FROM jobs WHERE name = '{job}') "
            "BEGIN SELECT RAISE(ABORT, 'a check that nobody thought of'); END"
        )

    def refuse_decisions(self, job: str) -> None:
        """Let the database refuse what is decided about the slots of one job."""
        self._execute(
            "CREATE TRIGGER refusal BEFORE UPDATE OF watermark ON job_state "
            f"WHEN NEW.job_id = (SELECT id FROM jobs WHERE name = '{job}') "
            "BEGIN SELECT RAISE(ABORT, 'a check that nobody thought of'); END"
        )

    def bring_up_to_date(self) -> None:
        """As a newer jobctl does whose schema has one version more."""
        self._execute(f"PRAGMA user_version = {LATEST + 1}")

    def accept(self) -> None:
        self._execute("DROP TRIGGER refusal")

    def _execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.around.places.database)) as database, database:
            database.execute(sql)


def warm_up(around: Surroundings, count: int = 1) -> None:
    """Have so many keepers ready."""
    for keeper in [around.pool.reserve() for _ in range(count)]:
        around.pool.release(keeper)


def close(around: Surroundings) -> None:
    """What a daemon that ends lets go of; its keepers finish. A second time does nothing."""
    try:
        around.pool.fileno()
    except ValueError:
        return
    around.pool.close()
    around.store.close()


def open_gates(folder: Path) -> None:
    """Let every gated job of this folder end, also one without a keeper."""
    (folder / _ALL_GATES).touch()


def gated(name: str, *keys: str) -> str:
    """A job that writes its pid into a file of its name and works until there is a file `NAME.gate`; exits with 3.

    `open_gates` lets all of them go, so that no job outlives its test.
    """
    wait = f"until [ -e {name}.gate ] || [ -e {_ALL_GATES} ]; do sleep 0.05; done"
    script = f"echo $$ > {name}.new; mv {name}.new {name}; {wait}; exit 3"
    return "\n".join([f"[jobs.{name}]", f'command = "{script}"', 'cwd = "."', *keys, ""])
