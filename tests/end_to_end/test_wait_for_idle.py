"""A run that waits for an idle machine, with the real daemon on a machine that is never idle enough."""

from __future__ import annotations

from tests.end_to_end.installation import Installation

JOBS = """
[jobs.patient]
command = "echo patient"
wait_for_idle = { memory_free = "900TB", latest = "3s" }
[jobs.endless]
command = "echo endless"
wait_for_idle = { load_below = 0 }
[jobs.other]
command = "echo other"
"""


def test_a_held_run_says_so_everywhere_and_starts_at_its_latest(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    held = installation.call("enqueue", "endless").stdout.strip()
    words = "held for load: the load is"
    assert words in installation.run(held)["waits"]
    for verb in (["show", held], ["status"], ["history"], ["why", "endless"]):
        assert words in installation.call(*verb).stdout, verb
    assert installation.ask("why", "endless")["reason"] == "held_for_load"

    assert "1 run waits for an idle machine" in installation.call("next").stderr

    assert installation.call("run", "other").stdout == "other\n", "others pass by"
    assert installation.call("run", "endless").stdout == "endless\n", "a person need not wait"
    assert installation.status_of(held) == "queued"

    late = installation.call("enqueue", "patient").stdout.strip()
    shown = installation.ask("next", "patient")
    assert [one["run_id"] for one in shown] == [late]
    assert installation.call("wait", late, "--timeout", "60s").returncode == 0
    assert installation.run(late)["wait"] >= 3


def test_without_a_daemon_a_run_by_hand_waits_for_no_machine(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    assert installation.call("run", "endless").stdout == "endless\n"
