"""Many clients at once, some of them killed: every id that was printed exists once, and runs once."""

from __future__ import annotations

import random

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until


def test_every_printed_id_exists_once_when_clients_are_killed(installation: Installation) -> None:
    _crowd(installation, runs_each=40, patience=60)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_printed_id_exists_once_with_8_clients_of_1000_runs(installation: Installation) -> None:
    _crowd(installation, runs_each=1000, patience=600)


def test_verbs_that_trigger_at_once_get_ids_of_their_own(installation: Installation) -> None:
    daemon = installation.daemon()
    clients = [installation.client(1, jobs=("quick",)) for _ in range(16)]
    assert [client.wait(60) for client in clients] == [0] * 16
    assert len(installation.ledger.runs()) == 16
    installation.wait_settled()
    require(Oracle(installation).violations() + leftovers(installation, daemon))


def _crowd(installation: Installation, runs_each: int, patience: float) -> None:
    daemon = installation.daemon()
    chance = random.Random(8)
    clients = [installation.client(runs_each, jobs=("quick", "three", "killed")) for _ in range(8)]
    for victim in clients[:3]:
        enough = chance.randrange(1, 4 * runs_each)
        until(lambda enough=enough: len(installation.ledger.runs()) >= enough, "runs are acknowledged", patience)  # type: ignore[misc]
        victim.kill()
    for client in clients:
        client.wait(patience)
    assert [client.returncode for client in clients[3:]] == [0] * 5
    assert len(installation.ledger.runs()) >= 5 * runs_each
    installation.wait_settled(patience)
    require(Oracle(installation).violations() + leftovers(installation, daemon))
