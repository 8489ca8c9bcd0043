"""A site for each test, and a way to call verbs there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.operations.status import HostState
from tests.cli.shell import Shell
from tests.cli.showcase import Showcase, local_zone
from tests.operations.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.state_dir.mkdir(mode=0o700)
    yield made
    made.close()


@pytest.fixture
def jobctl(site: Site, capfdbinary: pytest.CaptureFixture[bytes]) -> Shell:
    return Shell(site, capfdbinary)


@pytest.fixture
def showcase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Showcase]:
    """An installation without any run, in Berlin, on a clock that stands still, 100 columns wide; no daemon lives."""
    with local_zone(monkeypatch):
        made = Showcase(tmp_path, capsys)
        for name in ("JOBCTL_CONFIG", "JOBCTL_STATE_DIR", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("LC_ALL", "C.UTF-8")  # or the screens would be plain where that of the caller says C
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("jobctl.wiring.open_context", lambda config, state_dir, **_: made.open())
        monkeypatch.setattr("jobctl.cli.invocation.SystemClock", lambda: made.clock)
        host = HostState((0.5, 0.25, 0.1), 2, 8_000_000_000, 6_000_000_000, 40_000_000_000)
        monkeypatch.setattr("jobctl.operations.status.host_state", lambda ctx: host)
        monkeypatch.setattr("jobctl.config.load.warn_of_what_is_missing", lambda *_: None)  # machines differ
        yield made
        made.close()
