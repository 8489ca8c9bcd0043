"""`overlap = "replace"`: the new slot stops the run before it, at once."""

from __future__ import annotations

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """
[jobs.newest]
command = ["/bin/sleep", "100"]
every = "3s"
overlap = "replace"
"""


def test_a_slot_stops_the_run_of_the_slot_before(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    until(lambda: installation.ask("history", "--status", "cancelled"), "a run is replaced")
    newest, replaced = installation.history()  # two: the stop did not wait for a third slot
    assert (newest["status"], replaced["status"]) == ("running", "cancelled")
    assert "replace" in replaced["reason"]
