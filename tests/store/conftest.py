"""One contract for every store: each test that takes `store` or `factory` runs against all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobctl.store.interface import Store
from jobctl.store.sqlite.store import SqliteStore

Factory = Callable[[], Store]
"""Each call opens the same store once more, as another process would."""


def open_sqlite(directory: Path) -> Store:
    return SqliteStore.open(directory / "jobctl.db", directory / "write.lock", checkpointer=True)


STORES = {"sqlite": open_sqlite}


@pytest.fixture(params=STORES)
def factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Factory]:
    opened: list[Store] = []

    def open_once_more() -> Store:
        opened.append(STORES[request.param](tmp_path))
        return opened[-1]

    yield open_once_more
    for store in opened:
        store.close()


@pytest.fixture
def store(factory: Factory) -> Store:
    return factory()
