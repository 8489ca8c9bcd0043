"""The files that the shells complete from follow the daemon's definitions and runs."""

from __future__ import annotations

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until


def test_a_daemon_puts_up_names_when_it_starts_and_when_it_reloads(installation: Installation) -> None:
    names = installation.state_dir / "names"
    installation.write_jobs('[jobs.first]\ncommand = "true"\ngroup = "one"\n')
    installation.daemon()
    until(names.exists, "names are put up")
    assert names.read_text() == "group\tone\njob\tfirst\nqueue\tdefault\n"
    installation.write_jobs('[jobs.second]\ncommand = "true"\nqueue = "slow"\n[queues.idle]\nmax_concurrent = 1\n')
    assert installation.call("reload").returncode == 0
    until(lambda: "second" in names.read_text(), "the new names are put up")
    assert names.read_text() == "job\tsecond\nqueue\tidle\nqueue\tslow\n"


def test_a_daemon_puts_up_the_newest_runs_a_while_after_they_were_made(installation: Installation) -> None:
    installation.write_jobs('[jobs.first]\ncommand = "exit 3"\non_start = true\n')
    installation.daemon()
    recent = installation.state_dir / "recent"
    until(recent.exists, "the newest runs are put up")
    [run] = installation.history()
    assert recent.read_text() == f"run\t{run['id']}\tfailed\tfirst\tended,retryable,dead\n"
    assert sorted(path.name for path in installation.state_dir.glob(".*")) == []
