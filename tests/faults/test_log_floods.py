"""Jobs that write more, or worse, than anybody would read: bounded on the disk, kept as bytes, shown safely."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

_JOBS = '''
[jobs.flood]
command = ["/bin/sh", "-c", "echo head; head -c 300000000 /dev/zero | tr '\\\\0' x | fold -w 99; echo tail"]
max_log_size = "1MB"

[jobs.long-line]
command = ["/bin/sh", "-c", "head -c 100000000 /dev/zero | tr '\\\\0' y"]
max_log_size = "1MB"

[jobs.odd-bytes]
command = ["/usr/bin/printf", 'a\\000b\\377\\376\\033[31mred\\033[0m\\r\\nlast']

[jobs.held]
command = """
echo before; touch FOLDER/begun
until [ -e FOLDER/gate ]; do sleep 0.05; done
echo after; exit 3"""
'''
_ODD_BYTES = b"a\0b\xff\xfe\x1b[31mred\x1b[0m\r\nlast"
_ALLOWED_ON_DISK = 4_000_000  # of a limit of 1 MB
_ALLOWED_MEANWHILE = 40_000_000  # what is written between two looks at the file is there for a moment


def _log_path(installation: Installation, run: str) -> Path:
    (path,) = (installation.state_dir / "logs").glob(f"*/{run}-1.log")
    return path


@pytest.mark.parametrize("job", ["flood", "long-line"])
def test_a_flood_is_bounded_on_the_disk_while_it_runs_and_after(job: str, installation: Installation) -> None:
    installation.write_jobs(_JOBS)
    daemon = installation.daemon()
    (run,) = installation.trigger(job)
    highest = 0

    def over() -> bool:
        nonlocal highest
        found = list((installation.state_dir / "logs").glob(f"*/{run}-1.log"))
        highest = max(highest, *(path.stat().st_blocks * 512 for path in found), 0)
        return installation.status_of(run) == "succeeded"

    until(over, "the flood ends", 60)
    assert highest <= _ALLOWED_MEANWHILE
    assert 0 < _log_path(installation, run).stat().st_blocks * 512 <= _ALLOWED_ON_DISK
    shown = installation.run(run)
    assert shown["log_bytes"] >= 100_000_000
    assert installation.call("logs", run, "-n", "5").returncode == 0
    assert daemon.stop() == 0


def test_odd_bytes_are_kept_as_they_are_and_piped_as_they_are(installation: Installation) -> None:
    installation.write_jobs(_JOBS)
    installation.daemon()
    (run,) = installation.trigger("odd-bytes")
    installation.wait_settled()
    assert installation.log(run) == _ODD_BYTES
    piped = installation.call("logs", run).stdout.encode("utf-8", "surrogateescape")
    assert piped == _ODD_BYTES


def test_a_log_deleted_by_others_costs_the_log_and_nothing_else(installation: Installation) -> None:
    installation.write_jobs(_JOBS.replace("FOLDER", str(installation.folder)))
    daemon = installation.daemon()
    (run,) = installation.trigger("held")
    until(lambda: (installation.folder / "begun").exists(), "the run has begun")
    _log_path(installation, run).unlink()
    installation.open_gate("gate")
    installation.wait_settled()
    shown = installation.run(run)
    assert (shown["status"], shown["exit_code"]) == ("failed", 3)
    asked = installation.call("logs", run)
    assert "Traceback" not in asked.stderr
    assert asked.stdout == ""
    assert asked.stderr.strip(), "why there is nothing to see"
    assert daemon.stop() == 0
