"""Clients fill the queues together while they and the daemon are killed: every printed id is one run, equal keys are
one run, payloads arrive, retries wait as long as they should, and no limit is ever exceeded.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import leftovers, require
from tests.end_to_end.waiting import until
from tests.faults.broken_copy import (
    BACKOFF_THAT_DOES_NOT_GROW,
    PAYLOAD_OF_ANOTHER,
    TOKENS_NOT_STORED,
    Breakage,
    broken_copy,
)
from tests.faults.campaign import arming
from tests.faults.crowd import Crowd
from tests.faults.queue_oracle import QueueOracle
from tests.faults.queue_work import Rate, define

_SLOW, _FAST, _HARDLY = Rate(3, 3), Rate(20, 2), Rate(4, 600)


@pytest.mark.timeout(300)
def test_a_crowd_is_served_right_while_clients_and_daemons_are_killed(installation: Installation) -> None:
    _endure(installation, each=40, interval=0.1, kills=10, rate=_SLOW, patience=200)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_crowd_of_8_clients_with_1000_requests_each_is_served_right(installation: Installation) -> None:
    late = _endure(installation, each=1000, interval=0.2, kills=300, rate=_FAST, patience=1800)
    print(f"\n{len(late)} last retries started {statistics.median(late):.2f} s (median) to {late[-1]:.1f} s after due")


_FAILING = """\
[jobs.failing]
command = "echo $(date +%s%3N) >> witness; exit 5"
cwd = "."
retries = 3
retry_delay = "1s"
"""


def test_each_retry_is_due_as_the_policy_says_whenever_the_daemon_is_killed(installation: Installation) -> None:
    installation.write_jobs(_FAILING)
    daemon = installation.daemon()
    (run,) = installation.trigger("failing")
    dues = []
    for number, delay in enumerate((1000, 2000, 4000), 1):
        due_at, ended_at = until(lambda number=number: _retrying(installation, number), "the next attempt is due")  # type: ignore[misc]
        assert 0.9 * delay - 2 <= due_at - ended_at <= 1.1 * delay + 2
        dues.append(due_at)
        daemon.kill()
        daemon = installation.daemon()
    until(lambda: installation.status_of(run) == "failed", "no attempt is left", 60)
    starts = [int(word) for word in (installation.folder / "witness").read_text().split()]
    assert len(starts) == 4
    assert all(start >= due_at for start, due_at in zip(starts[1:], dues, strict=True))
    require(leftovers(installation, daemon))


def _retrying(installation: Installation, number: int) -> tuple[int, int] | None:
    """When the run that waits for the attempt after this one is due, and when this one ended."""
    query = """
        SELECT runs.due_at, attempts.finished_at
        FROM runs JOIN attempts ON attempts.run_id = runs.id AND attempts.number = runs.attempt
        WHERE runs.status = 4 AND runs.attempt = ?
    """
    with closing(sqlite3.connect(f"file:{installation.state_dir / 'jobctl.db'}?mode=ro", uri=True)) as database:
        found: tuple[int, int] | None = database.execute(query, (number,)).fetchone()
        return found


_HOURLY = """\
[queues.hourly]
rate_limit = "1/h"
[jobs.hourly]
command = "echo $JOBCTL_RUN_ID >> witness"
cwd = "."
queue = "hourly"
max_concurrent = 9
"""


def test_a_start_that_its_daemon_did_not_survive_costs_no_token(installation: Installation) -> None:
    first, second = _two_of_an_hour(installation, dies_at="daemon.claimed")
    daemon = installation.daemon()
    until(lambda: installation.status_of(first) == "succeeded", "the first start is made up for")
    _expect_the_second_to_wait(installation, first, second)
    require(leftovers(installation, daemon))


def test_a_start_that_outlived_its_daemon_has_cost_its_token(installation: Installation) -> None:
    first, second = _two_of_an_hour(installation, dies_at="daemon.sent")
    until(lambda: (installation.folder / "witness").exists(), "its keeper executes it")
    daemon = installation.daemon()
    until(lambda: installation.status_of(first) == "succeeded", "its end is recorded")
    _expect_the_second_to_wait(installation, first, second)
    require(leftovers(installation, daemon))


def _two_of_an_hour(installation: Installation, dies_at: str) -> list[str]:
    """Two runs of which one may start in an hour, and a daemon that died while it started the first."""
    installation.write_jobs(_HOURLY)
    armed = installation.start(environment=arming(dies_at, 1, installation.folder / "hits")).wait_ready()
    runs = installation.trigger("hourly", "hourly")
    assert armed.exit_code() == -signal.SIGKILL
    return runs


def _expect_the_second_to_wait(installation: Installation, first: str, second: str) -> None:
    shown = installation.run(second)
    assert shown["status"] == "queued"
    assert shown["waits"].startswith("rate_limit = 1/h of queue hourly is reached: the next one starts at ")
    assert (installation.folder / "witness").read_text().split() == [first]


@pytest.fixture
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation of a package with the breakage that the test is parametrized with."""
    breakage: Breakage = request.param
    made = Installation(tmp_path, source=broken_copy(tmp_path, breakage))
    yield made
    made.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("broken", "rate", "words"),
    [
        (TOKENS_NOT_STORED, _HARDLY, "more starts than 4 in 600 s"),
        (BACKOFF_THAT_DOES_NOT_GROW, _SLOW, "was due after"),
        (PAYLOAD_OF_ANOTHER, _SLOW, "was given another payload"),
    ],
    indirect=["broken"],
)
def test_with_one_promise_taken_out_the_oracle_notices(broken: Installation, rate: Rate, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        _endure(broken, each=40, interval=0.01, kills=0, rate=rate, patience=200)


def _endure(
    installation: Installation, each: int, interval: float, kills: int, rate: Rate, patience: float
) -> list[float]:
    """Returns the lateness of retries; the verdict is an AssertionError."""
    define(installation, rate)
    installation.daemon().stop()
    chance = random.Random(each)
    crowd = Crowd(installation, 8, each, interval)
    try:
        for _ in range(kills):
            daemon = installation.start()
            if chance.random() < 0.7:
                daemon.wait_ready()
            if chance.random() < 0.4:
                crowd.kill_one(chance)
            assert not daemon.ended_within(chance.uniform(0, 0.8)), daemon.log_tail()
            daemon.close()
            crowd.revive()
        daemon = installation.daemon()
        crowd.finish(patience)
        installation.wait_settled(patience)
    finally:
        crowd.close()
    oracle = QueueOracle(installation, crowd.acknowledged(), rate)
    require(oracle.violations() + leftovers(installation, daemon))
    return oracle.lateness()
