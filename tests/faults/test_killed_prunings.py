"""Whoever prunes may be killed anywhere: no run is left without its log, and no log without its run for long."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = '[daemon]\nmax_concurrent = 4\n[jobs.says]\ncommand = "echo something"\nmax_concurrent = 4\n'
SHORT = '[retention]\nsucceeded = "1s"\n'
COUNT = 12

# Before anything is removed, between the rows and their files, between the files and the note of them.
DEATHS = ["prune.files_removed", "prune.rows_removed", "prune.files_removed:2", "prune.rows_removed:2"]


def failing_at(place: str) -> dict[str, str]:
    return {"JOBCTL_ALLOW_FAILPOINTS": "1", "JOBCTL_FAILPOINT": place}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Some runs that have ended; no daemon."""
    made = Installation(tmp_path)
    made.write_jobs(JOBS)
    (tmp_path / "lines").write_text("{}\n" * COUNT)
    bring_work(made)
    assert len(runs(made)) == len(logs(made)) == COUNT
    yield made
    made.close()


def bring_work(installation: Installation) -> None:
    """COUNT more runs that end well; no daemon afterwards."""
    daemon = installation.daemon()
    installation.call("enqueue", "says", "--from", str(installation.folder / "lines"))
    installation.wait_settled()
    daemon.stop()


def runs(installation: Installation) -> set[str]:
    return {run["id"] for run in installation.history()}


def logs(installation: Installation) -> set[str]:
    return {path.name.split("-")[0] for path in (installation.state_dir / "logs").glob("*/*.log")}


def litter(installation: Installation) -> int:
    with closing(sqlite3.connect(installation.state_dir / "jobctl.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((count,),) = connection.execute("SELECT count(*) FROM litter")
    return int(count)


@pytest.mark.parametrize("place", DEATHS)
def test_a_verb_that_is_killed_leaves_nothing_that_the_next_does_not_finish(
    place: str, installation: Installation
) -> None:
    everyday = installation.environment
    installation.environment = everyday | failing_at(place)
    assert installation.call("prune", "--older-than", "0s").returncode == -signal.SIGKILL
    installation.environment = everyday
    assert runs(installation) <= logs(installation)
    installation.call("prune", "--older-than", "0s")
    assert logs(installation) == runs(installation)
    assert (len(runs(installation)), litter(installation)) == (1, 0)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("place", ["prune.files_removed", "prune.rows_removed"])
def test_fifty_that_are_killed_one_after_the_other_leave_nothing_either(place: str, installation: Installation) -> None:
    everyday = installation.environment
    for death in range(50):
        installation.environment = everyday | failing_at(f"{place}:{1 + death % 2}")
        assert installation.call("prune", "--older-than", "0s").returncode == -signal.SIGKILL
        installation.environment = everyday
        assert runs(installation) <= logs(installation)
        bring_work(installation)
    installation.call("prune", "--older-than", "0s")
    assert logs(installation) == runs(installation)
    assert (len(runs(installation)), litter(installation)) == (1, 0)


@pytest.mark.parametrize("place", DEATHS)
def test_a_daemon_that_is_killed_finishes_when_it_is_back(place: str, installation: Installation) -> None:
    installation.write_jobs(SHORT + JOBS)
    dying = installation.start(environment=failing_at(place))
    assert dying.exit_code() == -signal.SIGKILL
    assert runs(installation) <= logs(installation)
    installation.daemon()
    until(lambda: len(runs(installation)) == 1, "the rest is pruned")
    until(lambda: logs(installation) == runs(installation), "so are the logs")
    until(lambda: litter(installation) == 0, "and nobody waits for them any more")
    counts = installation.ask("status")["counts"]
    assert counts["succeeded"] == 1
