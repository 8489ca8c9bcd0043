"""The daemon prunes what has passed its bounds, with the logs; people prune by hand, with and without a daemon."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """\
[jobs.says]
command = "echo something; exit 0"

[jobs.fails]
command = "echo bad; exit 3"
"""
SHORT = '[retention]\nsucceeded = "1s"\n'


@pytest.fixture
def place(tmp_path: Path, installation: Installation) -> Installation:
    installation.write_jobs(JOBS)
    return installation


def logs(place: Installation) -> set[str]:
    """Runs that have a log on the disk."""
    return {path.name.split("-")[0] for path in (place.state_dir / "logs").glob("*/*.log")}


def runs(place: Installation) -> set[str]:
    return {run["id"] for run in place.history()}


def told_as_pruned(place: Installation) -> int:
    return sum(map(int, re.findall(r"pruned runs=(\d+)", place.daemon_log.read_text())))


def make_runs(place: Installation, job: str, count: int, *options: str) -> list[str]:
    made = [place.call("run", "--detach", job, *options).stdout.strip() for _ in range(count)]
    place.wait_settled()
    return made


def test_a_reload_with_a_smaller_bound_applies_to_what_is_stored(place: Installation) -> None:
    place.daemon()
    old = make_runs(place, "says", 3)
    kept = make_runs(place, "says", 1, "--keep")
    failed = make_runs(place, "fails", 2)
    last = make_runs(place, "says", 1)
    place.write_jobs(SHORT + JOBS)
    assert place.call("reload").returncode == 0
    until(lambda: runs(place) == {*kept, *failed, *last}, "the daemon has pruned")
    until(lambda: logs(place) == {*kept, *failed, *last}, "the logs are gone as well")
    [says] = [job for job in place.ask("list") if job["name"] == "says"]
    assert says["last_run"]["id"] == last[0]
    assert place.ask("status")["counts"]["succeeded"] == 2
    until(lambda: told_as_pruned(place) == 3, "the daemon has said so")
    assert old[0] not in place.call("show", old[0]).stdout


def test_a_daemon_goes_on_pruning_what_becomes_too_old_later(place: Installation) -> None:
    place.write_jobs(SHORT + JOBS)
    place.daemon()
    first = make_runs(place, "says", 2)
    until(lambda: runs(place) == {first[1]}, "the first run is gone")
    second = make_runs(place, "says", 1)
    until(lambda: runs(place) == set(second), "so is the second once another has ended")


def test_a_job_with_too_many_runs_loses_the_oldest(place: Installation) -> None:
    place.daemon()
    made = make_runs(place, "says", 5)
    failed = make_runs(place, "fails", 3)
    place.write_jobs(JOBS + "retention = { max_runs = 2 }\n")
    assert place.call("reload").returncode == 0
    until(lambda: runs(place) == {*made, *failed[1:]}, "the oldest of the limited job are gone")


def test_logs_that_are_too_large_cost_the_oldest_successes(place: Installation) -> None:
    place.daemon()
    failed = make_runs(place, "fails", 1)
    made = make_runs(place, "says", 4)
    size = sum(path.stat().st_size for path in (place.state_dir / "logs").glob("*/*.log"))
    place.write_jobs(f'[retention]\nmax_log_bytes = "{size - 1}B"\n{JOBS}')
    assert place.call("reload").returncode == 0
    until(lambda: runs(place) == {*failed, *made[1:]}, "the oldest success is gone")


@pytest.mark.parametrize("daemon", [True, False])
def test_what_would_go_is_what_goes(place: Installation, daemon: bool) -> None:
    if daemon:
        place.daemon()
        made = [*make_runs(place, "says", 3), *make_runs(place, "fails", 2)]
    else:
        for job in ("says", "says", "says", "fails", "fails"):
            place.call("run", job)
        made = [run["id"] for run in reversed(place.history())]
    before = runs(place)
    would = place.ask("prune", "--older-than", "0s", "--dry-run")
    assert runs(place) == before == set(made)
    assert would == {
        "dry_run": True, "interrupted": False, "runs": 3, "log_bytes": 24,
        "jobs": [
            {"job": "fails", "ended": "failed", "runs": 1, "log_bytes": 4},
            {"job": "says", "ended": "succeeded", "runs": 2, "log_bytes": 20},
        ],
    }  # fmt: skip
    assert place.ask("prune", "--older-than", "0s") == would | {"dry_run": False}
    assert runs(place) == logs(place) == {made[2], made[4]}
    assert place.ask("prune", "--older-than", "0s")["runs"] == 0


def test_an_empty_day_leaves_no_folder(place: Installation) -> None:
    place.call("run", "says")
    place.write_jobs('[jobs.other]\ncommand = "true"\n')  # the last run of a removed job need not stay
    assert place.ask("prune", "--older-than", "0s")["runs"] == 1
    assert list((place.state_dir / "logs").iterdir()) == []


def test_a_run_that_is_kept_says_so(place: Installation) -> None:
    kept = place.ask("run", "says", "--keep")["id"]
    place.call("run", "says")
    place.call("run", "says")
    assert place.ask("prune", "--older-than", "0s", "says")["runs"] == 1
    assert place.run(kept)["keep"] is True
    assert "whatever the retention says" in place.call("show", kept).stdout
