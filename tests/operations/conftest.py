"""A site for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.operations.definitions import ensure_current
from tests.operations.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose jobs file was read; no daemon runs."""
    made = Site(tmp_path)
    ensure_current(made.ctx)
    yield made
    made.close()
