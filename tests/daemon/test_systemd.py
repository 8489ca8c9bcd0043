"""What a service manager hears."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.domain.run import NewRun, Origin, Status
from tests.daemon.set_clock import MONDAY


@pytest.fixture
def manager_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.settimeout(5)
    listener.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    yield listener
    listener.close()


def heard(listener: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in listener.recv(4096).decode().splitlines())


def test_ready_comes_with_a_status(manager_socket: socket.socket) -> None:
    ServiceManager().ready("12 jobs")
    assert heard(manager_socket) == {"READY": "1", "STATUS": "12 jobs"}


def test_reloading_says_when_as_the_manager_demands(manager_socket: socket.socket) -> None:
    ServiceManager().reloading()
    said = heard(manager_socket)
    assert said["RELOADING"] == "1"
    assert int(said["MONOTONIC_USEC"]) > 0


def test_jobs_do_not_inherit_the_manager(manager_socket: socket.socket) -> None:
    ServiceManager()
    assert "NOTIFY_SOCKET" not in os.environ


def test_the_watchdog_is_fed_at_half_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert ServiceManager().watchdog_interval_ms == 15_000


def test_a_watchdog_meant_for_another_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert ServiceManager().watchdog_interval_ms is None


def test_without_a_manager_nothing_is_said_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    ServiceManager().stopping("0 running")


def test_a_manager_that_went_away_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    ServiceManager().ready("1 job")


def test_a_manager_that_does_not_read_holds_nobody_up(manager_socket: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker, suppress(BlockingIOError):
        speaker.setblocking(False)
        while True:
            speaker.sendto(b"STATUS=unread", manager_socket.getsockname())
    manager = ServiceManager()
    manager.feed_watchdog()
    manager.status("1 running")
    assert heard(manager_socket) == {"STATUS": "unread"}


def test_the_manager_shows_jobs_and_runs_in_one_line(around: Callable[[str], Surroundings]) -> None:
    made = around('[jobs.nightly]\ncommand = "true"\n')
    made.store.runs.add(NewRun("nightly", Origin.MANUAL, Status.QUEUED, MONDAY, MONDAY))
    assert made.status_words == "1 job, 0 running, 1 queued"
