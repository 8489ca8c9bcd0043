"""Payloads through the real daemon: from the call to the command, over retries and kills."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """\
[jobs.letter]
command = ["sh", "-c", 'echo "$1"; cat; echo; cat "$JOBCTL_PARAMS_FILE"', "sh", "to {to}"]
stdin = "params"
max_concurrent = 4
[jobs.letter.params]
to = { type = "string", required = true }

[jobs.flaky]
command = 'echo "$JOBCTL_PARAM_WHAT $JOBCTL_ATTEMPT"; [ $JOBCTL_ATTEMPT = 2 ]'
retries = 0
retry_delay = "20ms"
params = { what = { type = "string", default = "try" } }
every = "1h"

[jobs.gated]
command = 'echo started; until [ -e gate ]; do sleep 0.02; done'
cwd = "."
params = { secret = { type = "string" } }
"""


def test_a_payload_reaches_its_command_in_every_way(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    run = installation.call("enqueue", "letter", "--param", "to=Ada & Bob").stdout.strip()
    assert installation.call("wait", run).returncode == 0
    assert installation.log(run) == b'to Ada & Bob\n{"to":"Ada & Bob"}\n{"to":"Ada & Bob"}'
    assert list((installation.state_dir / "params").iterdir()) == []
    shown = installation.run(run)
    assert (shown["origin"], shown["params"]) == ("queue", {"to": "Ada & Bob"})


def test_the_retries_of_a_run_are_its_own_and_each_attempt_has_the_payload(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    done = installation.call("run", "flaky", "--retries", "1", "--param", "what=again")
    assert (done.returncode, done.stdout) == (0, "again 1\nagain 2\n")
    assert installation.call("run", "flaky").returncode == 1


def test_a_delayed_run_starts_when_its_time_has_come(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    run = installation.ask("enqueue", "letter", "--param", "to=x", "--delay", "700ms")
    assert run["status"] == "scheduled"
    assert installation.call("wait", run["id"]).returncode == 0
    shown = installation.run(run["id"])
    assert 0 <= shown["wait"] < 5


def test_what_is_queued_without_a_daemon_starts_with_one(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    lines = "".join(json.dumps({"params": {"to": f"n{number}"}, "id": f"k{number}"}) + "\n" for number in range(20))
    command = installation.command("enqueue", "letter", "--from", "-")
    done = subprocess.run(
        command, env=installation.environment, input=lines, capture_output=True, text=True, timeout=60
    )
    runs = done.stdout.split()
    assert (done.returncode, len(runs)) == (0, 20)
    again = subprocess.run(
        command, env=installation.environment, input=lines, capture_output=True, text=True, timeout=60
    )
    assert again.stdout.split() == runs
    installation.daemon()
    assert installation.call("wait", *runs).returncode == 0
    assert [installation.log(run) for run in runs[:2]] == [
        f'to n{number}\n{{"to":"n{number}"}}\n{{"to":"n{number}"}}'.encode() for number in range(2)
    ]
    assert len(installation.history()) == 20


def test_the_file_of_a_lost_run_is_removed(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    run = installation.call("enqueue", "gated", "--param", "secret=hush").stdout.strip()
    until(lambda: installation.log(run) == b"started\n", "the job runs")
    (file,) = (installation.state_dir / "params").iterdir()
    assert json.loads(file.read_text()) == {"secret": "hush"}
    (keeper,) = processes.busy_keepers(installation.state_dir)
    jobs = processes.children(keeper)
    for pid in (keeper, *jobs):
        processes.kill(pid)
    assert installation.call("wait", run).returncode == 75
    assert not file.exists()


def test_a_daemon_that_is_killed_leaves_the_payload_to_the_running_job(installation: Installation) -> None:
    installation.write_jobs(
        JOBS.replace("until [ -e gate ]; do sleep 0.02; done", "").replace(
            "echo started; ", 'until [ -e gate ]; do sleep 0.02; done; cat "$JOBCTL_PARAMS_FILE"'
        )
    )
    daemon = installation.daemon()
    run = installation.call("enqueue", "gated", "--param", "secret=hush").stdout.strip()
    until(lambda: list((installation.state_dir / "params").glob("*")), "the job runs")
    daemon.kill()
    Path(installation.folder, "gate").touch()
    installation.daemon()
    assert installation.call("wait", run).returncode == 0
    assert installation.log(run) == b'{"secret":"hush"}'
    assert list((installation.state_dir / "params").iterdir()) == []
