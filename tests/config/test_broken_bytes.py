"""Whatever the bytes: a jobs file either loads or is refused in words. Nothing else ever comes out of it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.config.load import load
from jobctl.config.starter import starter_text
from jobctl.errors import JobsFileError, Problem
from tests.config.conftest import NOW
from tests.config.samples import COMPLETE

ROUNDS = [pytest.param(300, id="some"), pytest.param(20_000, id="many", marks=pytest.mark.long)]
SIGNS = b"\"'[]{}=.,#\n\r\\ \0-+_abctrue019:TZ\xc3\xa9\xff"


def loads_or_says_why(path: Path, content: bytes) -> bool:
    """Whether the bytes make a usable file; a refusal must have a sentence for every problem."""
    path.write_bytes(content)
    path.chmod(0o600)
    problems = _refused_for(path)
    if problems is None:
        return True
    assert problems
    assert all(problem.message and problem.line <= content.count(b"\n") + 1 for problem in problems)
    return False


def _refused_for(path: Path) -> tuple[Problem, ...] | None:
    try:
        load(path, NOW)
    except JobsFileError as error:
        return error.problems
    return None


@pytest.mark.parametrize("step", [pytest.param(7, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.long)])
def test_a_file_cut_at_any_byte(tmp_path: Path, step: int) -> None:
    content = COMPLETE.encode()
    usable = [loads_or_says_why(tmp_path / "jobs.toml", content[:end]) for end in range(0, len(content), step)]
    assert not all(usable)


def test_a_starter_cut_at_any_byte(tmp_path: Path) -> None:
    content = starter_text().encode()
    usable = [loads_or_says_why(tmp_path / "jobs.toml", content[:end]) for end in range(len(content) + 1)]
    assert usable[-1]
    assert not usable[0]


@pytest.mark.parametrize(
    "rounds", [pytest.param(300, id="some"), pytest.param(20_000, id="many", marks=pytest.mark.long)]
)
def test_a_file_with_random_bytes_changed_taken_out_or_put_in(tmp_path: Path, rounds: int) -> None:
    draw = random.Random(20261122)
    for _ in range(rounds):
        content = bytearray(COMPLETE.encode())
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(content))
            change = draw.randrange(4)
            if change == 0:
                content[at] ^= 1 << draw.randrange(8)
            elif change == 1:
                content[at] = draw.choice(SIGNS)
            elif change == 2:
                del content[at : at + draw.randint(1, 20)]
            else:
                content[at:at] = bytes(draw.choices(SIGNS, k=draw.randint(1, 5)))
        loads_or_says_why(tmp_path / "jobs.toml", bytes(content))


@pytest.mark.parametrize(
    "rounds", [pytest.param(300, id="some"), pytest.param(20_000, id="many", marks=pytest.mark.long)]
)
def test_a_file_whose_values_and_keys_are_exchanged(tmp_path: Path, rounds: int) -> None:
    """Valid TOML with the wrong things in the wrong places."""
    draw = random.Random(42)
    pairs = [line.split(" = ", 1) for line in COMPLETE.splitlines() if " = " in line and not line.startswith("[")]
    headers = [line for line in COMPLETE.splitlines() if line.startswith("[")]
    values = [value for _, value in pairs] + [
        "nan",
        "inf",
        "-1",
        "0",
        '""',
        "{}",
        "[]",
        "1979-05-27",
        "[[{}]]",
        "07:32:00",
    ]
    for _ in range(rounds):
        lines = []
        for header in draw.sample(headers, k=5):
            keys = {key: draw.choice(values) for key, _ in draw.sample(pairs, k=6)}
            lines += [header, *(f"{key} = {value}" for key, value in keys.items())]
        loads_or_says_why(tmp_path / "jobs.toml", "\n".join(lines).encode())


@settings(max_examples=150)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_at_all(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    loads_or_says_why(tmp_path_factory.getbasetemp() / "any.toml", content)
