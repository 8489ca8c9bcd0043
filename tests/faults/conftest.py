"""An installation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation with the witnesses' workload, nothing running yet."""
    made = Installation(tmp_path)
    made.define()
    yield made
    made.close()
