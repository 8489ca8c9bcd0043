"""Ten thousand jobs."""

from __future__ import annotations

import pytest

from jobctl.config.load import load
from jobctl.errors import JobsFileError
from tests.config.conftest import NOW, Write

COUNT = 10_000
TEXT = '[defaults]\ntimeout = "1h"\n' + "".join(
    f'[jobs.j{number}]\ncommand = "true"\ndescription = "number {number}"\n'
    f'schedule = "{number % 60} {number % 24} * * *"\nretries = 2\n'
    for number in range(COUNT)
)


def test_ten_thousand_jobs_load(write: Write) -> None:
    path = write(TEXT)
    jobs = load(path, NOW).configuration.jobs
    assert len(jobs) == COUNT
    assert jobs["j9999"].source.line == 2 + 5 * 9999 + 1
    assert jobs["j9999"].triggers.schedule == ("39 15 * * *",)


def test_ten_thousand_errors_are_all_told(write: Write) -> None:
    path = write(TEXT.replace("retries", "retrys"))
    with pytest.raises(JobsFileError) as caught:
        load(path, NOW)
    assert len(caught.value.problems) == COUNT


def test_a_chain_of_ten_thousand_jobs_is_followed_to_its_end(write: Write) -> None:
    links = "".join(
        f'[jobs.j{number}]\ncommand = "x"\nafter = ["j{(number + 1) % COUNT}"]\n' for number in range(COUNT)
    )
    with pytest.raises(JobsFileError) as caught:
        load(write(links), NOW)
    assert caught.value.message == (
        "jobs.toml:3:10: jobs.j0.after[0]: this chain never begins: j0 after j1 after … after j9999 after j0; "
        "take one of them out"
    )
