"""The file of `jobctl init` works as it is."""

from __future__ import annotations

from jobctl.config.starter import starter_text
from tests.config.conftest import Load


def test_it_loads_without_any_warning(loaded: Load) -> None:
    starter = loaded(starter_text())
    assert starter.warnings == ()
    assert list(starter.configuration.jobs) == ["hello", "disk-report"]


def test_no_line_is_too_long_for_a_terminal() -> None:
    assert max(map(len, starter_text().splitlines())) <= 120
