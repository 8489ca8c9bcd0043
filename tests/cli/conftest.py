"""A site for each test, and a way to call verbs there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.operations.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def jobctl(site: Site, capfdbinary: pytest.CaptureFixture[bytes]) -> Shell:
    return Shell(site, capfdbinary)
