"""The keeper is killed and its job lives on: the daemon sees to the timeout and to a stop in the keeper's place."""

from __future__ import annotations

import pytest

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

_DEAF = """
[jobs.endless]
command = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
grace = "0.5s"
{more}
"""


def _orphan(installation: Installation, more: str) -> str:
    """A run that is deaf to SIGTERM and has lost its keeper."""
    installation.write_jobs(_DEAF.format(more=more))
    installation.daemon()
    (run,) = installation.trigger("endless")
    until(lambda: installation.log(run) == b"deaf\n", "it is deaf")
    (keeper,) = processes.busy_keepers(installation.state_dir)
    processes.kill(keeper)
    return run


def test_an_orphan_is_stopped_at_its_timeout_and_killed_after_its_grace(installation: Installation) -> None:
    run = _orphan(installation, 'timeout = "2s"')
    until(lambda: installation.status_of(run) == "lost", "the timeout and the grace have passed")


@pytest.mark.parametrize("words", [(), ("--signal", "KILL")], ids=["politely first", "at once"])
def test_an_orphan_can_be_cancelled(installation: Installation, words: tuple[str, ...]) -> None:
    run = _orphan(installation, "")
    installation.call("cancel", run, *words)
    until(lambda: installation.status_of(run) in ("lost", "cancelled"), "all its processes are gone")
