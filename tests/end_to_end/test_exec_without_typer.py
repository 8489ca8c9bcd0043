"""`exec` as a crontab has it does without typer, and nobody sees a difference."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from jobctl.cli.quick_look import plain_call
from tests.end_to_end.installation import Installation

_BY_TYPER = "from jobctl.cli import quick_look, main; quick_look.plain_call = lambda words: None; main.main()"
PLAIN = [
    ["exec", "--name", "any", "--", "sh", "-c", "cat; echo err >&2; exit 3"],
    ["exec", "-n", "any", "echo", "--", "--json", "-n", "x"],
    ["exec", "-n", "first", "-n", "any", "--", "echo", "--", "--help"],
    ["exec", "-q", "-n", "any", "--no-color", "--", "env", "--version"],
    ["--json", "exec", "-n", "any", "--", "no-such-command"],
    ["exec", "--json", "-n", "any", "--", "/etc"],
    ["-v", "exec", "-n", "any", "no-such-command"],
    ["exec", "-n", "not a name", "--", "true"],
    ["--json", "exec", "-n", "", "--", "true"],
    ["exec", "-n", "any", ""],
    ["exec", "-n", "any", "--", "", "x"],
    ["exec", "-n", "any", "--", "sh", "-c", "kill -SEGV $$"],
    ["-c", "no-such-file.toml", "exec", "-n", "any", "echo", "hi"],
    ["--state-dir", "open", "exec", "-n", "any", "--", "sh", "-c", "echo hi; exit 7"],
]
LEFT_TO_TYPER = [
    ["exec", "--name=any", "--", "echo", "hi"],
    ["exec", "-nany", "echo", "hi"],
    ["exec", "-qn", "any", "echo", "hi"],
    ["exec", "--", "true"],
    ["exec", "-n", "any", "--"],
    ["exec", "-n", "any", "--nmae", "x", "true"],
]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    made.write_jobs('[jobs.known]\ncommand = "true"\n')
    (tmp_path / "open").mkdir(mode=0o755)  # others may enter it: no place for records
    yield made
    made.close()


def called(installed: Installation, start: Sequence[str], words: Sequence[str]) -> tuple[int, bytes, bytes, list[str]]:
    """Exit status, both outputs, and the job and status of each run that is kept, the newest first."""
    places = ["-c", str(installed.jobs_file), "--state-dir", str(installed.state_dir)]
    done = subprocess.run(
        [sys.executable, "-P", *start, *places, *words], input=b"in\n", capture_output=True, timeout=60,
        env=installed.environment, cwd=installed.folder, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr, [f"{one['job']} {one['status']}" for one in installed.history()]


@pytest.mark.parametrize("words", [*PLAIN, *LEFT_TO_TYPER], ids=" ".join)
def test_a_call_does_the_same_with_and_without_typer(installed: Installation, words: list[str]) -> None:
    assert (plain_call(words) is not None) == (words in PLAIN)
    status, out, err, runs = called(installed, ["-m", "jobctl"], words)
    by_typer = called(installed, ["-c", _BY_TYPER], words)
    assert (status, out, err) == by_typer[:3]
    assert by_typer[3] == runs + runs
    assert out or err or status
