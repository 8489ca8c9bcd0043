"""Heartbeats of a daemon: real runs, a real child process, a real server."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

import pytest

from jobctl.domain.alert import AlertKind
from jobctl.domain.run import Status
from tests.channels.servers import Manner, WebServer, web_server
from tests.daemon.assembly import PATIENCE, Assembly
from tests.daemon.set_clock import HOUR, MINUTE, SECOND, SetClock

Assemble = Callable[[str], Assembly]


@pytest.fixture
def clock() -> SetClock:
    """Keepers tell ends by the real time, and it matters how old they are."""
    return SetClock(round(1000 * time.time()))


def job(server: WebServer, command: str = "true", name: str = "backup") -> str:
    return f'[jobs.{name}]\ncommand = "{command}"\nheartbeat = "http://127.0.0.1:{server.port}/{name}-key"\n'


def pings(server: WebServer) -> list[str]:
    return [line.removeprefix("GET ") for line in server.asked]


def arrive(here: Assembly, server: WebServer, *expected: str, ms: int = 20) -> None:
    here.tick_until(lambda: len(pings(server)) >= len(expected), f"{expected} arrive", ms)
    here.tick_until(lambda: not here.store.heartbeats.waiting(9), "all of it is written down", ms)
    assert pings(server) == list(expected)


def wait_out(here: Assembly, condition: Callable[[], object], what: str, ms: int) -> None:
    """Let time go by until then, but none while a server is asked: it would seem to hang."""
    heartbeats = here.steps.heartbeats
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain: {what}"
        select.select([here.around.pool.fileno(), heartbeats.fileno()], [], [], 0.02)
        here.tick(0 if heartbeats._under_way else ms)


def test_start_and_success_are_told_in_their_order(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(job(server))
        here.add("backup")
        arrive(here, server, "/backup-key/start", "/backup-key/0")


def test_a_failure_is_told_once_no_attempt_is_left(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(job(server, "exit 7") + 'retries = 1\nretry_delay = "1s"\n')
        here.add("backup")
        arrive(here, server, *["/backup-key/start"] * 2, "/backup-key/7", ms=100)


def test_a_job_without_a_heartbeat_pings_nobody(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(job(server) + '[jobs.other]\ncommand = "true"\n')
        run_id = here.add("other")
        here.tick_until(lambda: here.status(run_id) is Status.SUCCEEDED, "it succeeds")
        assert here.store.heartbeats.waiting(9) == []
        assert here.steps.heartbeats._pinger is None


def test_a_server_that_hangs_delays_no_run(assemble: Assemble) -> None:
    with web_server(manner=Manner.SLOW) as server:
        here = assemble(job(server))
        for run_id in (here.add("backup"), here.add("backup")):
            here.tick_until(lambda run_id=run_id: here.status(run_id) is Status.SUCCEEDED, "it succeeds")  # type: ignore[misc]


def test_thousands_of_one_job_hold_up_those_of_no_other(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    with web_server() as server, web_server(manner=Manner.SLOW) as hanging:
        here = assemble(job(hanging, name="busy") + job(server))
        here.pile_up_pings("busy", 2500)
        here.add("backup")
        arrived = ["/backup-key/start", "/backup-key/0"]
        here.tick_until(lambda: pings(server) == arrived, "those of the other job arrive", 50)
    said = capsys.readouterr().err
    assert "heartbeat given up job=busy pings=1950 reason=" in said
    assert said.count("given up") < 10


def test_what_did_not_arrive_is_said_tried_again_and_alerted(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(job(server))
        here.add("backup")
        wait_out(here, lambda: here.store.alerts.open([AlertKind.HEARTBEAT_FAILED]), "an alert is open", 5 * SECOND)
        [alert] = here.store.alerts.open([AlertKind.HEARTBEAT_FAILED])
        assert alert.message.startswith("heartbeats of backup do not arrive since ")
        assert alert.message.endswith(": the server answered 403 Forbidden: well, no")
        server.manner = Manner.WELL
        wait_out(here, lambda: not here.store.heartbeats.waiting(9), "it arrives", MINUTE)
        here.tick_until(lambda: not here.store.alerts.open(), "the alert is over", SECOND)
    said = capsys.readouterr().err
    assert "heartbeat arrives again job=backup" in said
    assert "backup-key" not in said


def test_a_start_that_is_no_news_any_more_is_given_up_and_the_end_is_kept(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(job(server, "until [ -e gate ]; do sleep 0.05; done") + 'cwd = "."\n')
        here.add("backup")
        wait_out(here, lambda: server.asked, "the start is tried", 0)
        wait_out(here, lambda: not here.store.heartbeats.waiting(9), "the start is given up", SECOND)
        assert "heartbeat given up job=backup" in capsys.readouterr().err
        server.manner = Manner.WELL
        server.asked.clear()
        (here.folder / "gate").touch()
        arrive(here, server, "/backup-key/0")


def test_an_end_outlives_the_daemon(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(job(server))
        here.add("backup")
        here.tick_until(lambda: len(server.asked) >= 2, "the end is refused", 100)
        here.tick_until(lambda: [one.tries for one in here.store.heartbeats.waiting(9)] == [1], "it is put off")
        here.steps.heartbeats.close()
        here.die()
        server.manner = Manner.WELL
        server.asked.clear()
        here.clock.pass_time(HOUR)
        successor = assemble(job(server))
        arrive(successor, server, "/backup-key/0")


def test_an_hours_old_end_is_worth_nothing(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(job(server))
        here.add("backup")
        here.tick_until(lambda: [one.tries for one in here.store.heartbeats.waiting(9)] == [1], "it is put off", 20)
        here.tick(5 * HOUR)
        wait_out(here, lambda: not here.store.heartbeats.waiting(9), "it is dropped", SECOND)
        assert "it came too late" in capsys.readouterr().err


def test_the_daemon_itself_pings_each_minute(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(f'[daemon]\nheartbeat = "http://127.0.0.1:{server.port}/daemon-key"\n')
        here.tick_until(lambda: len(server.asked) == 1, "the first arrives")
        here.tick(30 * SECOND)
        here.tick(29 * SECOND)
        assert here.loop._next_at() <= here.clock.now() + 2 * SECOND
        here.tick_until(lambda: len(server.asked) == 2, "the second arrives", 100)
        assert set(pings(server)) == {"/daemon-key"}


def test_an_own_address_that_was_taken_out_fails_no_more(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(f'[daemon]\nheartbeat = "http://127.0.0.1:{server.port}/daemon-key"\n')
        here.tick_until(lambda: here.store.heartbeats.failing(), "it fails", 100)
        here.around.places.jobs_file.write_text("[daemon]\n")
        here.steps.reloader.ask()
        here.tick_until(lambda: not here.store.heartbeats.failing(), "it is forgotten", 500)


def test_a_child_that_was_killed_is_replaced(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(job(server))
        here.add("backup")
        arrive(here, server, "/backup-key/start", "/backup-key/0")
        pinger = here.steps.heartbeats._pinger
        assert pinger is not None
        pinger._process.kill()
        server.asked.clear()
        here.add("backup")
        here.tick_until(lambda: "/backup-key/0" in pings(server), "the next end arrives", 500)


def test_a_child_with_nothing_to_do_leaves(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(job(server))
        here.add("backup")
        arrive(here, server, "/backup-key/start", "/backup-key/0")
        here.tick(2 * MINUTE)
        assert here.steps.heartbeats._pinger is None
