"""A way to call verbs at a site."""

from __future__ import annotations

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
