"""One state directory has one daemon."""

from __future__ import annotations

import signal
from collections.abc import Iterator

from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require


def test_a_second_daemon_ends_with_5_and_names_the_first(installation: Installation) -> None:
    first = installation.daemon()
    second = installation.call("daemon")
    assert second.returncode == 5
    assert f"pid {first.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    installation.trigger("quick", "three")
    installation.wait_settled()
    require(Oracle(installation).violations() + leftovers(installation, first))


def test_a_daemon_takes_over_at_once_from_one_that_was_killed(installation: Installation) -> None:
    for _ in range(3):
        first = installation.daemon()
        first.signal(signal.SIGKILL)  # not waited for: the lock may still be held for a moment
        installation.daemon().kill()


def test_one_of_two_daemons_that_start_together_wins(installation: Installation) -> None:
    both = [installation.start(), installation.start()]
    loser = next(daemon for daemon in _repeat(both) if daemon.ended_within(0.1))
    assert loser.exit_code() == 5
    (winner,) = [daemon for daemon in both if daemon is not loser]
    winner.wait_ready()
    installation.trigger("quick")
    installation.wait_settled()
    require(leftovers(installation, winner))


def _repeat(daemons: list[Daemon]) -> Iterator[Daemon]:
    while True:
        yield from daemons
