"""The acting verbs against a real daemon."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """\
[jobs.hello]
command = "echo hello"
schedule = "30 2 * * *"

[jobs.fails]
command = "echo bad >&2; exit 3"

[jobs.flaky]
command = "echo $JOBCTL_ATTEMPT; [ $JOBCTL_ATTEMPT = 3 ]"
retries = 3
retry_delay = "50ms"

[jobs.gated]
command = "echo started; while [ ! -e gate ]; do sleep 0.02; done; echo done"
cwd = "."
grace = "5s"

[jobs.mail]
command = "true"
queue = "mail"
"""


class Running:
    """`jobctl run` as a process that is watched while it runs."""

    def __init__(self, installation: Installation, *words: str) -> None:
        self.out, self.err = installation.folder / "run.out", installation.folder / "run.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = subprocess.Popen(
                installation.command("run", *words),
                env=installation.environment,
                cwd=installation.folder,
                stdout=out,
                stderr=err,
            )

    def wait_for(self, file: Path, text: str) -> None:
        until(lambda: text in file.read_text(), f"{text!r} in {file.name}")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)

    def status(self) -> int:
        return self._process.wait(20)


def with_daemon(installation: Installation) -> Installation:
    installation.write_jobs(JOBS)
    installation.daemon()
    return installation


def test_run_streams_what_the_daemon_executes_and_gives_its_status(installation: Installation) -> None:
    with_daemon(installation)
    good, bad = installation.call("run", "hello"), installation.call("run", "fails")
    assert (good.returncode, good.stdout) == (0, "hello\n")
    assert (bad.returncode, bad.stdout) == (3, "bad\n")
    assert "failed (exit 3)" in bad.stderr


def test_run_shows_every_attempt(installation: Installation) -> None:
    done = with_daemon(installation).call("run", "flaky")
    assert (done.returncode, done.stdout) == (0, "1\n2\n3\n")


def test_several_jobs_run_beside_each_other_and_each_line_names_its_job(installation: Installation) -> None:
    done = with_daemon(installation).call("run", "fails", "hello", "flaky")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert [line for line in lines if line.startswith("flaky")] == ["flaky | 1", "flaky | 2", "flaky | 3"]
    assert sorted(line for line in lines if not line.startswith("flaky")) == ["fails | bad", "hello | hello"]


def test_output_comes_while_the_job_runs(installation: Installation) -> None:
    running = Running(with_daemon(installation), "gated")
    running.wait_for(running.out, "started\n")
    (installation.folder / "gate").touch()
    assert running.status() == 0
    assert running.out.read_text() == "started\ndone\n"


def test_ctrl_c_cancels_what_the_daemon_executes(installation: Installation) -> None:
    running = Running(with_daemon(installation), "gated")
    running.wait_for(running.out, "started\n")
    running.interrupt()
    assert running.status() == 130
    (run,) = installation.history()
    assert (run["status"], run["signal"]) == ("cancelled", signal.SIGTERM)


def test_a_killed_follower_does_not_touch_the_run(installation: Installation) -> None:
    running = Running(with_daemon(installation), "gated")
    running.wait_for(running.out, "started\n")
    running.kill()
    (installation.folder / "gate").touch()
    (run,) = installation.history()
    assert installation.call("wait", run["id"]).returncode == 0


def test_a_daemon_takes_over_the_run_of_a_call_that_was_killed(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    running = Running(installation, "gated")
    running.wait_for(running.out, "started\n")
    running.kill()
    installation.daemon()
    (installation.folder / "gate").touch()
    (run,) = installation.history()
    assert installation.call("wait", run["id"]).returncode == 0
    assert installation.run(run["id"])["attempt"] == 1


def test_a_daemon_that_starts_beside_a_call_does_not_touch_its_run(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    running = Running(installation, "gated")
    running.wait_for(running.out, "started\n")
    installation.daemon()
    (installation.folder / "gate").touch()
    assert running.status() == 0
    assert running.out.read_text() == "started\ndone\n"
    (run,) = installation.history()
    assert (run["status"], run["attempt"]) == ("succeeded", 1)


def test_a_follower_outlives_the_daemon_and_still_tells_the_true_end(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    daemon = installation.daemon()
    running = Running(installation, "gated")
    running.wait_for(running.out, "started\n")
    daemon.kill()
    (installation.folder / "gate").touch()
    assert running.status() == 0
    assert running.out.read_text() == "started\ndone\n"


def test_the_second_run_of_a_job_says_behind_which_it_waits(installation: Installation) -> None:
    (first,) = with_daemon(installation).trigger("gated")
    running = Running(installation, "gated")
    running.wait_for(running.err, f"waits: max_concurrent = 1 of gated is reached: waits for {first}\n")
    (installation.folder / "gate").touch()
    assert running.status() == 0


def test_a_detached_run_waits_while_everything_is_paused(installation: Installation) -> None:
    with_daemon(installation)
    assert installation.call("pause", "--reason", "upgrade").returncode == 0
    assert installation.call("run", "hello").returncode == 6
    detached = installation.call("run", "hello", "--detach")
    assert re.fullmatch(r"it waits: everything is paused by .+ since .+ \(upgrade\)\n", detached.stderr)
    run = detached.stdout.strip()
    assert installation.call("wait", run, "--timeout", "300ms").returncode == 124
    assert installation.call("resume").returncode == 0
    assert installation.call("wait", run).returncode == 0


def test_a_pause_with_an_end_ends_by_itself(installation: Installation) -> None:
    with_daemon(installation)
    assert installation.call("pause", "--queue", "mail", "--for", "4s").returncode == 0
    done = installation.call("run", "mail")
    assert done.returncode == 0
    assert "waits: queue mail is paused by" in done.stderr


def test_a_run_as_scheduled_takes_the_place_of_the_slot(installation: Installation) -> None:
    with_daemon(installation)
    run = json.loads(installation.call("--json", "run", "hello", "--as-scheduled").stdout)
    assert run["origin"] == "manual"
    assert run["scheduled_for"].endswith(":30:00Z")
    assert installation.call("run", "hello", "--as-scheduled").returncode == 6


def test_cancel_stops_what_the_daemon_executes(installation: Installation) -> None:
    (run,) = with_daemon(installation).trigger("gated")
    until(lambda: installation.log(run) == b"started\n", "the job runs")
    done = installation.call("cancel", run, "--signal", "KILL")
    assert (done.returncode, done.stdout) == (0, f"gated {run} cancelled\n")
    assert installation.run(run)["signal"] == signal.SIGKILL


def test_reload_takes_the_file_into_force_and_shows_what_changed(installation: Installation) -> None:
    with_daemon(installation)
    installation.write_jobs(JOBS.replace("echo hello", "echo good morning"))
    plan = installation.ask("reload", "--plan")
    done = installation.ask("reload")
    assert plan["changed"] == done["changed"]
    assert [(job["name"], job["keys"]) for job in done["changed"]] == [("hello", ["command"])]
    assert installation.call("run", "hello").stdout == "good morning\n"


def test_a_broken_file_is_refused_and_the_old_definitions_stay_in_force(installation: Installation) -> None:
    with_daemon(installation)
    installation.write_jobs(JOBS + "[jobs.broken]\n")
    done = installation.call("reload")
    assert done.returncode == 3
    assert "jobs.broken" in done.stderr
    assert installation.call("run", "hello").stdout == "hello\n"


def test_a_job_that_the_daemon_has_not_read_yet_is_not_found_and_the_way_is_named(installation: Installation) -> None:
    with_daemon(installation)
    installation.write_jobs(JOBS + '[jobs.fresh]\ncommand = "echo fresh"\n')
    done = installation.call("run", "fresh")
    assert done.returncode == 4
    assert done.stderr.startswith("jobctl: there is no job `fresh`\n")
    assert "has changed since the daemon loaded it (`jobctl reload`)" in done.stderr
    assert installation.call("reload").returncode == 0
    assert installation.call("run", "fresh").stdout == "fresh\n"


def test_disabling_and_enabling_reaches_the_daemon(installation: Installation) -> None:
    with_daemon(installation)

    def next_at() -> object:
        return next(job["next_at"] for job in installation.ask("list") if job["name"] == "hello")

    before = next_at()
    assert before is not None
    assert installation.call("disable", "hello").returncode == 0
    until(lambda: next_at() is None, "nothing is planned")
    assert installation.call("enable", "hello").returncode == 0
    until(lambda: next_at() == before, "the next start is planned again")


def test_a_backup_is_made_while_the_daemon_works(installation: Installation) -> None:
    with_daemon(installation).trigger("hello", "fails", "flaky")
    target = installation.folder / "copy.db"
    done = installation.call("backup", str(target))
    assert done.returncode == 0, done.stderr
    assert target.read_bytes()[:15] == b"SQLite format 3"


def test_a_second_daemon_is_refused_and_the_first_one_named(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    first = installation.daemon()
    done = installation.call("daemon")
    assert done.returncode == 5
    assert f"another jobctl daemon (pid {first.pid}) holds" in done.stderr


def test_drain_waits_for_what_runs(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    daemon = installation.daemon("--drain")
    (run,) = installation.trigger("gated")
    until(lambda: installation.log(run) == b"started\n", "the job runs")
    daemon.signal(signal.SIGTERM)
    assert not daemon.ended_within(0.3)
    (installation.folder / "gate").touch()
    assert daemon.exit_code() == 0
    assert installation.status_of(run) == "succeeded"


def test_the_daemon_writes_its_log_as_json_when_told(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    daemon = installation.daemon("--log-format", "json")
    daemon.stop()
    lines = [json.loads(line) for line in installation.daemon_log.read_text().splitlines()]
    assert lines
    assert all(isinstance(line, dict) for line in lines)


def test_a_log_format_that_is_none_is_wrong_usage(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    done = installation.call("daemon", "--log-format", "xml")
    assert done.returncode == 2
    assert "'xml' is not one of 'text', 'json'" in done.stderr
