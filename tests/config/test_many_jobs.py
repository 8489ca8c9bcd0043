"""Ten thousand jobs."""

from __future__ import annotations

import pytest

from jobctl.config.concerns import Concerns
from jobctl.config.drafts import read_drafts
from jobctl.config.gather import gather
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


def test_parts_that_jobs_have_in_common_are_kept_once(write: Write) -> None:
    common = 'command = "true"\nretries = 2\ntimeout = "1h"\nschedule = "daily"\n'
    text = f'[jobs.a]\n{common}[jobs.b]\n{common}[jobs.c]\n{common.replace("2", "3")}env = {{ A = "1" }}\n'
    a, b, c = load(write(text), NOW).configuration.jobs.values()
    assert (a.retry, a.execution, a.triggers) == (b.retry, b.execution, b.triggers)
    assert a.retry is b.retry
    assert a.execution is b.execution
    assert a.triggers is b.triggers is c.triggers
    assert (c.retry.retries, c.execution.env) == (3, {"A": "1"})


def test_a_check_is_made_where_a_job_has_one_of_its_keys(write: Write) -> None:
    drafts = read_drafts(gather(write('[jobs.a]\ncommand = "x"\nnice = 3\n[jobs.b]\ncommand = "x"\numask = 1\n')), {})
    checked: list[tuple[str, str]] = []
    concerns = Concerns(
        (lambda draft: checked.append((draft.name, "first")), ("nice", "umask")),
        (lambda draft: checked.append((draft.name, "second")), ("umask", "cwd")),
    )
    for draft in drafts:
        concerns.check(draft)
    assert checked == [("a", "first"), ("b", "first"), ("b", "second")]  # an umask that is wrong is one no less
