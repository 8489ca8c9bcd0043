"""Waking the daemon, and knowing whether there is one."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.doorbell import Doorbell, ring
from jobctl.errors import StateBusy
from jobctl.instance_lock import InstanceLock, daemon_pid

HOLD_THE_LOCK = """
import sys
from collections.abc import Iterator
from pathlib import Path
from jobctl.instance_lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def is_readable(bell: Doorbell) -> bool:
    return bool(select.select([bell], [], [], 0)[0])


def test_a_ring_is_heard_once(tmp_path: Path) -> None:
    bell = Doorbell(tmp_path / "doorbell")
    ring(tmp_path / "doorbell")
    ring(tmp_path / "doorbell")
    assert is_readable(bell)
    bell.drain()
    assert not is_readable(bell)
    bell.close()


def test_ringing_where_nobody_lives_is_no_error(tmp_path: Path) -> None:
    ring(tmp_path / "doorbell")
    Doorbell(tmp_path / "doorbell").close()
    ring(tmp_path / "doorbell")


def test_a_bell_that_a_dead_daemon_left_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "doorbell").write_text("left behind")
    bell = Doorbell(tmp_path / "doorbell")
    ring(tmp_path / "doorbell")
    assert is_readable(bell)
    bell.close()


def test_a_thousand_rings_nobody_hears_block_no_one(tmp_path: Path) -> None:
    bell = Doorbell(tmp_path / "doorbell")
    for _ in range(1000):
        ring(tmp_path / "doorbell")
    bell.drain()
    assert not is_readable(bell)
    bell.close()


def test_a_path_longer_than_a_socket_address_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    bell = Doorbell(deep / "doorbell")
    ring(deep / "doorbell")
    assert is_readable(bell)
    bell.close()


def test_only_the_owner_may_ring(tmp_path: Path) -> None:
    bell = Doorbell(tmp_path / "doorbell")
    assert (tmp_path / "doorbell").stat().st_mode & 0o777 == 0o600
    bell.close()


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path / "daemon.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_daemon_is_told_who_the_first_is(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StateBusy, match=rf"another jobctl daemon \(pid {holder.pid}\) holds"):
        InstanceLock(tmp_path / "daemon.lock", wait=0)


def test_a_daemon_waits_for_one_that_is_about_to_end(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    threading.Timer(0.1, holder.kill).start()
    InstanceLock(tmp_path / "daemon.lock", wait=20).release()
    assert holder.wait(20) == -signal.SIGKILL


def test_a_daemon_waits_for_one_that_lets_go_and_lives_on(tmp_path: Path) -> None:
    held = InstanceLock(tmp_path / "daemon.lock")
    threading.Timer(0.1, held.release).start()
    InstanceLock(tmp_path / "daemon.lock", wait=20).release()


def test_a_lock_whose_holder_has_no_name_is_waited_for_too(tmp_path: Path) -> None:
    held = InstanceLock(tmp_path / "daemon.lock")
    (tmp_path / "daemon.lock").write_text("")
    threading.Timer(0.1, held.release).start()
    InstanceLock(tmp_path / "daemon.lock", wait=20).release()


def test_asking_for_the_daemon_names_the_holder(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    assert daemon_pid(tmp_path / "daemon.lock") == holder.pid


def test_the_lock_of_a_killed_daemon_is_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    InstanceLock(tmp_path / "daemon.lock").release()
    assert daemon_pid(tmp_path / "daemon.lock") is None


def test_where_no_daemon_ever_was_there_is_none(tmp_path: Path) -> None:
    assert daemon_pid(tmp_path / "daemon.lock") is None
