"""What attempts used and which limit they died of, with the real daemon and without one."""

from __future__ import annotations

import sys

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = f"""
[jobs.hog]
command = ["{sys.executable}", "-IS", "-c", "bytearray(400_000_000)"]
limits = {{ memory = "200MB" }}
retries = 1
retry_delay = "100ms"
[jobs.burn]
command = "while :; do :; done"
limits = {{ cpu = "1s" }}
[jobs.modest]
command = "umask; nice; ulimit -n"
limits = {{ memory = "2GB", cpu = "30m", open_files = 64, processes = 5000 }}
umask = "027"
nice = 7
"""


def test_a_run_that_died_of_a_limit_says_so_in_every_place(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    installation.daemon()
    hog, burn = installation.trigger("hog", "burn")
    installation.wait_settled()
    words = "memory limit of 200MB reached"
    assert installation.run(hog)["reason"] == words
    assert [one["error"] for one in installation.run(hog)["attempts"]] == [words, words]
    assert installation.run(burn)["reason"] == "cpu limit of 1s used up"
    assert words in installation.call("history", "hog").stdout
    assert words in installation.call("show", hog).stdout
    messages = {one["job"]: one["message"] for one in installation.ask("alerts")}
    assert words in messages["hog"]
    assert "cpu limit of 1s used up" in messages["burn"]


def test_limits_that_nothing_reached_change_nothing_but_the_job(installation: Installation) -> None:
    installation.write_jobs(JOBS)
    done = installation.call("run", "modest")
    assert (done.returncode, done.stdout.split()) == (0, ["0027", "7", "64"])


def test_a_run_that_runs_says_what_it_uses_now(installation: Installation) -> None:
    installation.write_jobs('[jobs.pair]\ncommand = "sleep 60 & sleep 60 & wait"\n')
    installation.daemon()
    (pair,) = installation.trigger("pair")
    use = until(lambda: (found := installation.run(pair)["use"]) and found["processes"] == 3 and found, "its use")
    assert use["rss_bytes"] > 500_000
    assert use["cpu_seconds"] >= 0
    assert "3 processes with" in installation.call("show", pair).stdout
    installation.call("cancel", pair)
    installation.wait_settled()
    assert installation.run(pair)["use"] is None


def test_the_use_of_an_attempt_outlives_the_daemon_that_started_it(installation: Installation) -> None:
    hold = f"{sys.executable} -IS -c 'import time; b = bytearray(40_000_000); time.sleep(1)'"
    gate = installation.folder / "up"
    installation.write_jobs(f'[jobs.tree]\ncommand = """touch {gate}; {hold} & {hold} & wait"""\n')
    daemon = installation.daemon()
    (tree,) = installation.trigger("tree")
    until(gate.exists, "the job to run")
    daemon.kill()
    installation.daemon()
    installation.wait_settled()
    run = installation.run(tree)
    assert run["status"] == "succeeded"
    assert run["max_rss_bytes"] > 80_000_000
    assert run["attempts"][0]["max_rss_bytes"] == run["max_rss_bytes"]
    assert run["written_bytes"] is not None
