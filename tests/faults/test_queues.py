"""Clients fill the queues together while they and the daemon are killed: every printed id is one run, equal keys are
one run, payloads arrive, retries wait as long as they should, and no limit is ever exceeded.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import leftovers, require
from tests.faults.broken_copy import (
    BACKOFF_THAT_DOES_NOT_GROW,
    PAYLOAD_OF_ANOTHER,
    TOKENS_NOT_STORED,
    Breakage,
    broken_copy,
)
from tests.faults.crowd import Crowd
from tests.faults.queue_oracle import QueueOracle
from tests.faults.queue_work import Rate, define

_SLOW, _FAST = Rate(8, 2), Rate(40, 2)


def test_a_crowd_is_served_right_while_clients_and_daemons_are_killed(installation: Installation) -> None:
    _endure(installation, each=60, interval=0.1, kills=15, rate=_SLOW, patience=100)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_crowd_of_8_clients_with_1000_requests_each_is_served_right(installation: Installation) -> None:
    late = _endure(installation, each=1000, interval=0.2, kills=300, rate=_FAST, patience=1800)
    print(f"\n{len(late)} last retries started {statistics.median(late):.2f} s (median) to {late[-1]:.1f} s after due")


@pytest.fixture
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation of a package with the breakage that the test is parametrized with."""
    breakage: Breakage = request.param
    made = Installation(tmp_path, source=broken_copy(tmp_path, breakage))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (TOKENS_NOT_STORED, "more starts than 8 in 2 s"),
        (BACKOFF_THAT_DOES_NOT_GROW, "was due after"),
        (PAYLOAD_OF_ANOTHER, "was given another payload"),
    ],
    indirect=["broken"],
)
def test_with_one_promise_taken_out_the_oracle_notices(broken: Installation, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        _endure(broken, each=40, interval=0.01, kills=0, rate=_SLOW, patience=100)


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
