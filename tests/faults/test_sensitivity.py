"""Whether these tests could fail: with one promise taken out of the package, the same faults must be noticed.

The sync of BEGIN and that of the commits are missed by no dead process; `test_power_cuts.py` takes them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.faults.broken_copy import ALL, SPEC_SENT_BEFORE_THE_COMMIT, WITHOUT_BEGIN, Breakage, broken_copy
from tests.faults.campaign import Campaign, Feed


@pytest.mark.parametrize("breakage", ALL, ids=lambda breakage: breakage.file)
def test_what_is_to_be_broken_is_there(breakage: Breakage, tmp_path: Path) -> None:
    broken_copy(tmp_path, breakage)  # some are tried only in the long runs, which would find that out late


@pytest.fixture
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation of a package with the breakage that the test is parametrized with."""
    breakage: Breakage = request.param
    made = Installation(tmp_path, source=broken_copy(tmp_path, breakage))
    made.define()
    yield made
    made.close()


@pytest.mark.parametrize("broken", [WITHOUT_BEGIN], indirect=True)
def test_without_begin_a_killed_keeper_doubles_its_run(broken: Installation) -> None:
    _expect_doubled(broken, "keeper.after_exec")


@pytest.mark.parametrize("broken", [SPEC_SENT_BEFORE_THE_COMMIT], indirect=True)
def test_with_the_spec_sent_before_the_commit_a_killed_daemon_doubles_its_run(broken: Installation) -> None:
    _expect_doubled(broken, "daemon.sent")


def _expect_doubled(broken: Installation, failpoint: str) -> None:
    campaign = Campaign(broken)
    campaign.establish()
    with Feed(broken, interval=0.02):
        campaign.kill_at(failpoint, times=2)
    with pytest.raises(AssertionError, match=r"was started \d+ times"):
        campaign.conclude(lost=lambda: None)
