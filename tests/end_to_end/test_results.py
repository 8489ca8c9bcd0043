"""What a job leaves in $JOBCTL_RESULT is the run's result, with and without a daemon."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.installation import Installation

JOBS = r"""
[jobs.good]
command = 'echo "{\"rows\": 3}" > "$JOBCTL_RESULT"'
[jobs.broken]
command = 'echo "{" > "$JOBCTL_RESULT"'
[jobs.large]
command = 'head -c 70000 /dev/zero | tr "\0" 1 > "$JOBCTL_RESULT"'
[jobs.failed]
command = 'echo 5 > "$JOBCTL_RESULT"; exit 3'
"""


@pytest.fixture(params=["with a daemon", "without a daemon"])
def place(request: pytest.FixtureRequest, installation: Installation) -> Installation:
    installation.write_jobs(JOBS)
    if request.param == "with a daemon":
        installation.daemon()
    return installation


@pytest.mark.parametrize(
    ("job", "status", "result", "reason"),
    [
        ("good", "succeeded", {"rows": 3}, None),
        ("broken", "succeeded", None, "its result was ignored: not JSON"),
        ("large", "succeeded", None, "its result was ignored: larger than 64KB"),
        ("failed", "failed", 5, None),
    ],
)
def test_the_result_is_kept_with_the_run(
    place: Installation, job: str, status: str, result: object, reason: str | None
) -> None:
    run = json.loads(place.call("run", job, "--json").stdout)
    assert (run["status"], run["result"]) == (status, result)
    assert (run["reason"] or "").startswith(reason or "")
    assert bool(run["reason"]) == bool(reason)
    assert list((place.state_dir / "results").iterdir()) == []


@pytest.mark.parametrize(
    "leaves",
    [
        'mkdir "$JOBCTL_RESULT"',
        'ln -s /etc/passwd "$JOBCTL_RESULT"',
        'mkfifo "$JOBCTL_RESULT"',
        """printf '"\\\\ud800"' > "$JOBCTL_RESULT" """,
    ],
    ids=["a folder", "a link", "a pipe", "half a character"],
)
def test_whatever_a_job_leaves_the_daemon_goes_on(installation: Installation, leaves: str) -> None:
    installation.write_jobs(f"[jobs.odd]\ncommand = '''{leaves}'''\n[jobs.next]\ncommand = \"true\"\n")
    installation.daemon()
    odd = json.loads(installation.call("run", "odd", "--json").stdout)
    assert (odd["status"], odd["result"]) == ("succeeded", None)
    assert installation.call("run", "next").returncode == 0
