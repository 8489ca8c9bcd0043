"""The jobs file breaks, is written while it is read, or changes under waiting and running runs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import WORKLOAD, Work, jobs_toml

_HELD = {"held": Work(gate="gate", at_once=1), "quick": Work()}


def _half(text: str) -> str:
    """Cut where no valid file ends: within the command of a job."""
    return text[: text.rindex("work.sh")]


def test_a_broken_file_is_refused_and_the_old_definitions_stay(installation: Installation) -> None:
    daemon = installation.daemon()
    good = installation.jobs_file.read_text()
    for broken in ("[jobs.quick\n", good.replace("command", "comand"), _half(good), "\0\1\2"):
        installation.write_jobs(broken)
        refused = installation.call("reload")
        assert refused.returncode == 3, broken
        assert "Traceback" not in refused.stderr
        daemon.signal(signal.SIGHUP)
    installation.write_jobs(good)
    installation.trigger(*WORKLOAD)
    installation.wait_settled()
    require(Oracle(installation).violations() + leftovers(installation, daemon))


def test_a_file_broken_before_the_daemon_starts_keeps_it_from_starting(installation: Installation) -> None:
    installation.daemon().stop()
    installation.trigger("quick")
    good = installation.jobs_file.read_text()
    installation.write_jobs(_half(good))
    assert installation.call("daemon").returncode == 3
    installation.write_jobs(good)
    daemon = installation.daemon()
    installation.wait_settled()
    require(Oracle(installation).violations() + leftovers(installation, daemon))


def test_a_file_that_is_written_while_it_is_read_ends_in_force_as_it_was_written_last(
    installation: Installation,
) -> None:
    """In place and in pieces, as editors should not and scripts do."""
    daemon = installation.daemon()
    good = installation.jobs_file.read_bytes()
    with installation.jobs_file.open("r+b", buffering=0) as file:
        for end in range(0, len(good), 37):
            file.seek(0)
            file.truncate(0)
            file.write(good[:end])
            daemon.signal(signal.SIGHUP)
        file.seek(0)
        file.truncate(0)
        file.write(good)
    assert installation.call("reload").returncode == 0
    assert sorted(job["name"] for job in installation.ask("list")) == sorted(WORKLOAD)
    installation.trigger(*WORKLOAD)
    installation.wait_settled()
    require(Oracle(installation).violations() + leftovers(installation, daemon))


def test_a_job_removed_while_it_runs_ends_as_it_would_have(installation: Installation) -> None:
    installation.define(_HELD)
    daemon = installation.daemon()
    (running,) = installation.trigger("held")
    until(lambda: running in installation.started(), "the run has begun")
    installation.define({"quick": Work()})
    assert installation.call("reload").returncode == 0
    installation.open_gate("gate")
    installation.wait_settled()
    require(Oracle(installation, _HELD).violations() + leftovers(installation, daemon))


def test_slots_that_wait_are_cancelled_with_a_reason_when_their_job_is_removed(installation: Installation) -> None:
    busy = Work(gate="gate", at_once=1, more='every = "1s"\noverlap = "queue"\n')
    installation.define({"held": busy})
    daemon = installation.daemon()
    until(lambda: [run for run in installation.history() if run["status"] == "queued"], "a slot waits", 30)
    installation.define({"quick": Work()})
    assert installation.call("reload").returncode == 0
    until(lambda: not [run for run in installation.history() if run["status"] == "queued"], "the slots are cancelled")
    cancelled = [run for run in installation.history() if run["status"] == "cancelled"]
    assert cancelled
    assert all("removed" in run["reason"] for run in cancelled)
    installation.open_gate("gate")
    installation.wait_settled()
    require(leftovers(installation, daemon))


def test_a_job_changed_while_it_waits_starts_as_it_is_now_and_a_running_one_ends_as_it_was(
    installation: Installation,
) -> None:
    installation.define({"held": Work(gate="gate", exit_code=7, at_once=1)})
    daemon = installation.daemon()
    before, after = installation.trigger("held", "held")
    until(lambda: before in installation.started(), "the first has begun")
    installation.define({"held": Work(gate="gate", exit_code=8, at_once=1)})
    assert installation.call("reload").returncode == 0
    installation.open_gate("gate")
    installation.wait_settled()
    assert (installation.run(before)["exit_code"], installation.run(after)["exit_code"]) == (7, 8)
    require(leftovers(installation, daemon))


def test_a_daemon_killed_between_a_change_and_its_reload_takes_the_change_into_force(
    installation: Installation, tmp_path: Path
) -> None:
    daemon = installation.daemon()
    installation.trigger("slow", "three")
    daemon.kill()
    changed = dict(WORKLOAD) | {"slow": Work(seconds=0.1), "new": Work(exit_code=5)}
    installation.write_jobs(jobs_toml(changed, tmp_path))
    daemon = installation.daemon()
    installation.trigger("new")
    installation.wait_settled()
    require(Oracle(installation, changed).violations() + leftovers(installation, daemon))


def test_an_env_file_that_is_a_pipe_or_never_ends_holds_nothing_up(installation: Installation) -> None:
    """Opening a pipe waits for a writer: the daemon did at a reload, and no signal reached it any more."""
    daemon = installation.daemon()
    pipe = installation.folder / "pipe"
    os.mkfifo(pipe)
    good = installation.jobs_file.read_text()
    jobs = (("piped", pipe), ("endless", "/dev/zero"))
    odd = "".join(f'[jobs.{name}]\ncommand = "true"\nenv_file = "{path}"\n' for name, path in jobs)
    installation.write_jobs(f"{good}\n{odd}")
    checked = installation.call("check")
    assert checked.returncode == 0
    assert f"{pipe}: it is a named pipe, not a plain file" in checked.stdout + checked.stderr
    assert installation.call("reload").returncode == 0
    for job, words in (("piped", f"{pipe}: it is a named pipe"), ("endless", "/dev/zero: it is a device")):
        failed = installation.call("run", job)
        assert failed.returncode == 126
        assert f"cannot read env_file {words}, not a plain file" in failed.stderr
    installation.trigger("quick")
    installation.wait_settled()
    assert [run["status"] for run in installation.ask("history", "quick")] == ["succeeded"]
    assert daemon.stop() == 0
