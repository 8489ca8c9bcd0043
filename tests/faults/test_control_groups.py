"""A daemon in a delegated control group: nobody of a run is out of reach, though its keeper was killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import processes
from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import leftovers, require
from tests.end_to_end.waiting import until
from tests.process.delegated import delegated_group

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make control groups everywhere"),
]

# The main process ends; what stays has another session, another parent and no variables.
JOBS = """\
[jobs.hides]
command = "env -i setsid sh -c 'sh -c \\"echo \\\\$\\\\$ > hidden; exec sleep 60\\" &' & wait; exec sleep 60"
cwd = "."
grace = "5s"
[jobs.quick]
command = "cat /proc/self/cgroup"
"""


@pytest.fixture
def group() -> Iterator[Path]:
    with delegated_group() as made:
        yield made


def start_in(group: Path, installation: Installation) -> Daemon:
    """A daemon whose own group it is from its first instruction, as with a service manager."""
    enter = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    daemon = Daemon([*enter, *installation.command("daemon")], installation.environment, installation.daemon_log)
    installation.adopt(daemon)
    return daemon.wait_ready()


def test_a_daemon_finds_its_group_and_leaves_nothing_in_it(group: Path, installation: Installation) -> None:
    installation.write_jobs(JOBS)
    daemon = start_in(group, installation)
    (run,) = installation.trigger("quick")
    installation.wait_settled()
    assert f"{group.name}/jobctl-".encode() in (installation.log(run) or b"")
    require(leftovers(installation, daemon))
    assert [path for path in group.iterdir() if path.is_dir()] == []


def test_whoever_hides_from_a_dead_keeper_is_seen_and_stopped_by_the_next_daemon(
    group: Path, installation: Installation
) -> None:
    installation.write_jobs(JOBS)
    daemon = start_in(group, installation)
    (run,) = installation.trigger("hides")
    hidden = int(until((installation.folder / "hidden").exists, "it hides") and _text(installation.folder / "hidden"))
    daemon.kill()
    ((keeper, _),) = processes.busy_keepers(installation.state_dir).items()
    (main,) = (pid for pid in processes.children(keeper) if pid != hidden)
    for pid in (keeper, main):
        os.kill(pid, signal.SIGKILL)

    daemon = start_in(group, installation)
    assert installation.status_of(run) == "running"
    assert installation.call("cancel", run).returncode in (0, 1)
    until(lambda: installation.status_of(run) == "lost", "its end is unknown")
    assert not processes.is_alive(hidden)
    require(leftovers(installation, daemon))
    assert [path for path in group.iterdir() if path.is_dir()] == []


def _text(path: Path) -> str:
    return until(path.read_text, "its pid").strip()
