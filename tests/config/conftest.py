"""A jobs file in a folder of its own, which is also the working directory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jobctl.config.load import Loaded, load
from jobctl.errors import JobsFileError

NOW = 1_795_370_400_000  # 2026-11-22T18:00:00Z

Write = Callable[..., Path]
Load = Callable[[str], Loaded]
Errors = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    return tmp_path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes, name: str = "jobs.toml", mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def loaded(write: Write) -> Load:
    def loaded(text: str) -> Loaded:
        return load(write(text), NOW)

    return loaded


@pytest.fixture
def errors(write: Write) -> Errors:
    """The lines with which a text is refused."""

    def errors(text: str) -> list[str]:
        with pytest.raises(JobsFileError) as caught:
            load(write(text), NOW)
        lines = [str(problem) for problem in caught.value.problems]
        assert "\n".join(lines) == caught.value.message
        return lines

    return errors
