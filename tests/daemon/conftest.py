"""A daemon's surroundings in a temporary state directory: real store, real keepers, a clock that tests set."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobctl.config.load import load
from jobctl.config.places import Places, make_state_dir
from jobctl.daemon.catalogue import Catalogue
from jobctl.daemon.in_flight import InFlight
from jobctl.daemon.journal import Journal
from jobctl.daemon.reloader import take_into_force
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.wakeup import Wakeup
from jobctl.doorbell import Doorbell
from jobctl.process.pool import Pool
from jobctl.store.sqlite.store import SqliteStore
from tests.daemon.assembly import Assembly, close, open_gates
from tests.daemon.set_clock import DAY, HOUR, MINUTE, MONDAY, SECOND, SetClock

__all__ = ["DAY", "HOUR", "MINUTE", "MONDAY", "SECOND", "SetClock"]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(jobs_file=tmp_path / "jobs.toml", state_dir=tmp_path / "state")
    make_state_dir(made)
    return made


@pytest.fixture
def around(places: Places) -> Iterator[Callable[[str], Surroundings]]:
    """`around(text)`: surroundings in which that jobs file is in force since MONDAY."""
    opened: list[Surroundings] = []

    def make(text: str, now: int = MONDAY) -> Surroundings:
        places.jobs_file.write_text(text)
        places.jobs_file.chmod(0o600)
        configuration = load(places.jobs_file, now).configuration
        store = SqliteStore.open(places.database, places.write_lock, checkpointer=True)
        with store.transaction():
            take_into_force(store, configuration, now)
        surroundings = Surroundings(
            places=places,
            store=store,
            catalogue=Catalogue(replace(configuration), "UTC"),
            in_flight=InFlight(),
            pool=Pool(places.keepers_dir),
            journal=Journal("text"),
        )
        opened.append(surroundings)
        return surroundings

    yield make
    open_gates(places.jobs_file.parent)
    for surroundings in opened:
        close(surroundings)


@pytest.fixture
def wakeup(tmp_path: Path) -> Iterator[Wakeup]:
    """Nobody waits on it, and the signals of the tests keep their meaning."""
    kept = {
        number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE)
    }
    bell = Doorbell(tmp_path / "doorbell")
    made = Wakeup(bell)
    yield made
    made.close()
    bell.close()
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def assemble(
    around: Callable[[str], Surroundings], clock: SetClock, wakeup: Wakeup
) -> Iterator[Callable[[str], Assembly]]:
    """`assemble(text)`: all steps of a daemon with that jobs file."""
    made: list[Assembly] = []

    def make(text: str) -> Assembly:
        made.append(Assembly(around(text), clock, wakeup))
        return made[-1]

    yield make
    for assembly in made:
        assembly.steps.delivery.close()
        assembly.steps.heartbeats.close()
