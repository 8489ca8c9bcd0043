"""`jobctl progress` inside real jobs, with and without a daemon."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.end_to_end.installation import REPOSITORY, Installation
from tests.end_to_end.waiting import until

SAY = f'say() {{ PYTHONPATH="{REPOSITORY}" "{sys.executable}" -P -m jobctl progress "$@"; }}; '
JOBS = f"""
[jobs.indexer]
command = '''{SAY} gate() {{ until [ -e "$1" ]; do sleep 0.02; done; }}; cd FOLDER
say 3/10 --message "reading the rows"; touch said; gate one; say 60%; touch again; gate two; exit 1'''
retries = 1
retry_delay = "10ms"
[jobs.wrong]
command = '''{SAY} say 150; echo "150: $?"; say half; echo "half: $?"
say; echo "nothing: $?"; say -- -1; echo "-1: $?"'''
[jobs.late]
command = '''{SAY} (until [ -e "$GATE" ]; do sleep 0.02; done; say 99; echo "late: $?"; touch "$GATE.done") &'''
env = {{ GATE = "FOLDER/gate" }}
"""


@pytest.fixture(params=["with a daemon", "without a daemon"])
def place(request: pytest.FixtureRequest, installation: Installation) -> Installation:
    installation.write_jobs(JOBS.replace("FOLDER", str(installation.folder)))
    if request.param == "with a daemon":
        installation.daemon()
    return installation


def test_it_is_seen_while_the_job_runs_and_kept_with_its_run(place: Installation) -> None:
    call = place.begin_call("run", "indexer")
    until((place.folder / "said").exists, "the job has said how far it is")
    (seen,) = place.ask("status", "--json")["running"]
    assert (seen["progress"], seen["message"]) == (30, "reading the rows")
    assert "running (30%)" in place.call("status").stdout
    place.open_gate("one")
    until((place.folder / "again").exists, "the job has said it again")
    for document in (place.run(seen["id"]), *place.ask("history", "--json", "-n", "1")):
        assert (document["progress"], document["message"]) == (60, "reading the rows")
    assert "60%" in place.call("show", seen["id"]).stdout
    place.open_gate("two")
    assert call.wait(60) == 1
    ended = place.run(seen["id"])
    assert (ended["attempt"], ended["progress"], ended["message"]) == (2, 60, "reading the rows")
    assert list((place.state_dir / "results").iterdir()) == []


def test_a_new_attempt_begins_without_the_progress_of_the_last(place: Installation) -> None:
    jobs = f"""[jobs.twice]\ncommand = '''{SAY} cd "{place.folder}"; [ $JOBCTL_ATTEMPT = 2 ] || {{ say 50; exit 1; }}
touch second; until [ -e go ]; do sleep 0.02; done'''\nretries = 1\nretry_delay = "10ms"\n"""
    place.write_jobs(jobs)
    place.call("reload")
    call = place.begin_call("run", "twice")
    until((place.folder / "second").exists, "the second attempt runs")
    (run,) = place.history()
    assert (run["status"], run["attempt"], run["progress"]) == ("running", 2, None)
    place.open_gate("go")
    assert call.wait(60) == 0


def test_what_is_no_progress_is_told_and_ends_with_2(place: Installation) -> None:
    said = place.call("run", "wrong").stdout
    for word in ("150", "half", "nothing", "-1"):
        assert f"{word}: 2\n" in said
    assert "`150` is no progress\n  write a number from 0 to 100, such as 40, 40% or 3/10" in said
    assert "Traceback" not in said


def test_what_a_job_left_behind_is_refused_once_its_run_has_ended(place: Installation) -> None:
    run = json.loads(place.call("run", "late", "--json").stdout)
    place.open_gate("gate")
    until((place.folder / "gate.done").exists, "the process that was left behind has spoken")
    log = place.log(run["id"]) or b""
    assert log.endswith(b"late: 6\n")
    assert b"attempt 1 of late" in log
    assert b"has ended: the run is succeeded" in log
    assert place.run(run["id"])["progress"] is None
    assert list((place.state_dir / "results").iterdir()) == []


def test_progress_outlives_the_daemon_that_started_the_job(installation: Installation) -> None:
    installation.write_jobs(JOBS.replace("FOLDER", str(installation.folder)))
    daemon = installation.daemon()
    call = installation.begin_call("run", "indexer")
    until((installation.folder / "said").exists, "the job has said how far it is")
    daemon.kill()
    installation.open_gate("one")
    until((installation.folder / "again").exists, "the job has said it again")
    installation.daemon()
    installation.open_gate("two")
    assert call.wait(60) == 1
    (run,) = installation.history()
    assert (run["progress"], run["message"]) == (60, "reading the rows")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_job_of_another_user_says_it_too(installation: Installation) -> None:
    """Such a job cannot reach the state directory; what the verb writes for it is written by hand here, since the user
    may not be able to read the package either."""
    command = 'echo "40 counting" > "${JOBCTL_RESULT%.json}.progress"; until [ -e "$0" ]; do sleep 0.02; done'
    gate = Path("/tmp", f"jobctl-test-gate-{os.getpid()}")
    installation.write_jobs(
        f'[jobs.other]\ncommand = {json.dumps(command.replace("$0", str(gate)))}\nuser = "nobody"\n'
    )
    installation.daemon()
    try:
        run = installation.trigger("other")[0]
        until(lambda: installation.run(run)["progress"] == 40, "its progress is seen")
        gate.touch()
        installation.wait_settled()
    finally:
        gate.unlink(missing_ok=True)
    ended = installation.run(run)
    assert (ended["status"], ended["progress"], ended["message"]) == ("succeeded", 40, "counting")
    assert not Path("/run/jobctl", f"{run}-1").exists()
