"""A site, and a way to call verbs in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.cli.main import call
from tests.operations.site import Site


class Said:
    """What a verb answered."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


class Shell:
    """Calls verbs in this process, with the places of the site."""

    def __init__(self, site: Site, capture: pytest.CaptureFixture[bytes]) -> None:
        self.site = site
        self._capture = capture

    def __call__(self, *words: str) -> Said:
        places = ["--config", str(self.site.jobs_file), "--state-dir", str(self.site.state_dir)]
        self._capture.readouterr()
        status = call([*words, *places])
        out, err = self._capture.readouterr()
        return Said(status, out.decode(), err.decode())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def jobctl(site: Site, capfdbinary: pytest.CaptureFixture[bytes]) -> Shell:
    return Shell(site, capfdbinary)
