"""What the verbs say while no daemon lives."""

from __future__ import annotations

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import Work


def test_a_run_that_ended_after_the_daemon_was_killed_is_not_shown_as_running(installation: Installation) -> None:
    installation.define({"held": Work(gate="gate", exit_code=7)})
    daemon = installation.daemon()
    (run,) = installation.trigger("held")
    until(lambda: run in installation.started(), "the run has begun")
    daemon.kill()
    assert installation.status_of(run) == "running"
    installation.open_gate("gate")
    until(lambda: not processes.keepers(installation.state_dir), "the keeper has recorded the end and left")
    assert installation.status_of(run) == "failed"
