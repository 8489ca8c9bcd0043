"""A daemon's surroundings in a temporary state directory: real store, real keepers, a clock that tests set."""

from __future__ import annotations

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
from jobctl.process.pool import Pool
from jobctl.store.sqlite.store import SqliteStore

MONDAY = 1_795_392_000_000  # 2026-11-23T00:00:00Z
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


class SetClock:
    """Both clocks stand still until a test moves them."""

    def __init__(self, now: int) -> None:
        self.realtime = now
        self.since_boot = 1_000_000

    def now(self) -> int:
        return self.realtime

    def boottime(self) -> int:
        return self.since_boot

    def pass_time(self, ms: int) -> int:
        """Time goes by; returns the new now."""
        self.realtime += ms
        self.since_boot += ms
        return self.realtime

    def step(self, ms: int) -> int:
        """Somebody sets the clock; returns the new now."""
        self.realtime += ms
        return self.realtime


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
        store = SqliteStore.open(places.database, places.write_lock)
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
    for surroundings in opened:
        surroundings.pool.close()
        surroundings.store.close()
