"""Power is cut: what was acknowledged is there, nothing is done twice, and the tests notice when a sync is missing.

The state is on an ext4 of its own that is shut down without writing out its journal; then everything is killed and the
file system mounted again. The ledger and the witness are on another disk. Root only.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.faults.broken_copy import WITHOUT_SYNC_OF_BEGIN, WITHOUT_SYNC_OF_COMMITS, Breakage, broken_copy
from tests.faults.campaign import Campaign
from tests.faults.disk import FailingDisk

pytestmark = [pytest.mark.root, pytest.mark.long, pytest.mark.timeout(3600)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FailingDisk]:
    made = FailingDisk(tmp_path / "image", tmp_path / "disk")
    yield made
    made.remove()


@pytest.fixture
def on_disk(disk: FailingDisk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation whose state is on the disk; of a broken package where the test says so."""
    breakage: Breakage | None = getattr(request, "param", None)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    options = {} if breakage is None else {"source": broken_copy(tmp_path, breakage)}
    made = Installation(folder, state_dir=disk.folder / "state", **options)
    made.define()
    yield made
    made.close()


def test_a_hundred_power_cuts_lose_and_double_nothing(on_disk: Installation, disk: FailingDisk) -> None:
    Campaign(on_disk).establish()
    _cut_and_judge(on_disk, disk, 100)


@pytest.mark.parametrize("on_disk", [WITHOUT_SYNC_OF_BEGIN], indirect=True)
def test_without_the_sync_of_begin_runs_are_doubled(on_disk: Installation, disk: FailingDisk) -> None:
    _expect_violation(on_disk, disk, r"was started \d+ times")


@pytest.mark.parametrize("on_disk", [WITHOUT_SYNC_OF_COMMITS], indirect=True)
def test_without_the_sync_of_commits_acknowledged_runs_are_gone(on_disk: Installation, disk: FailingDisk) -> None:
    _expect_violation(on_disk, disk, "was acknowledged and is gone|is not a database|is damaged")


def _expect_violation(installation: Installation, disk: FailingDisk, words: str, cuts: int = 15) -> None:
    Campaign(installation).establish()
    with pytest.raises(AssertionError, match=words):
        _cut_and_judge(installation, disk, cuts)


def _cut_and_judge(installation: Installation, disk: FailingDisk, cuts: int) -> None:
    chance = random.Random(cuts)
    for _ in range(cuts):
        _live_until_the_power_is_cut(installation, disk, chance)
    require(_verdict(installation))


def _live_until_the_power_is_cut(installation: Installation, disk: FailingDisk, chance: random.Random) -> None:
    daemon = installation.daemon()
    client = installation.client(1_000_000, interval=0.02)
    acknowledged = len(installation.ledger.runs())
    until(lambda: len(installation.ledger.runs()) > acknowledged + 2, "the client brings runs")
    assert not daemon.ended_within(chance.uniform(0, 0.8)), daemon.log_tail()
    last_moment = LastMoment(installation)
    disk.cut_power()
    daemon.close()
    _kill_everything(installation, client)
    last_moment.forget_what_followed()
    disk.unmount()
    disk.power_on()


class LastMoment:
    """The end of what a machine without power can have done.

    The processes here live on for a moment, and in it the kernel can tell one of them that its data are safe when they
    are not: jbd2_complete_transaction() takes a transaction that was dropped for one that is on the disk.
    """

    def __init__(self, installation: Installation) -> None:
        self._ledger, self._witness = installation.ledger.path, installation.folder / "witness"
        self._acknowledged, self._testified = self._ledger.stat().st_size, self._witness.stat().st_size

    def forget_what_followed(self) -> None:
        """Nobody was told anything and nothing was started after power was gone; ends harm no proof."""
        os.truncate(self._ledger, self._acknowledged)
        content = self._witness.read_bytes()
        before, after = content[: self._testified], content[self._testified :]
        kept = [line for line in after.splitlines(keepends=True) if not line.startswith(b"start")]
        self._witness.write_bytes(before + b"".join(kept) + b"cut - 0 0\n")


def _kill_everything(installation: Installation, client: subprocess.Popen[bytes]) -> None:
    """Keepers before their jobs: none may see how its job ended."""
    client.kill()
    client.wait()
    keepers = processes.keepers(installation.state_dir)
    jobs = [job for keeper in keepers for job in processes.descendants(keeper)]
    for pid in (*keepers, *jobs):
        processes.kill(pid)
    until(lambda: not processes.keepers(installation.state_dir), "the keepers are gone")
    until(lambda: not [job for job in jobs if processes.is_alive(job)], "the jobs are gone")


def _verdict(installation: Installation) -> list[str]:
    daemon = installation.daemon()
    installation.wait_settled(300)
    return Oracle(installation, lost=None, logs=False).violations() + leftovers(installation, daemon)
