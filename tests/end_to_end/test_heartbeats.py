"""Heartbeats of the installed command, with a daemon and without one."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing

from tests.channels.servers import Manner, WebServer, web_server
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

KEY = "5ecret-key-of-a-check"


def jobs(server: WebServer) -> str:
    heartbeat = f'heartbeat = "http://127.0.0.1:{server.port}/{KEY}"'
    return (
        f'[jobs.good]\ncommand = "true"\n{heartbeat}\n'
        f'[jobs.bad]\ncommand = "kill -9 $$"\n{heartbeat}\n'
        f'[jobs.slow]\ncommand = "sleep 60"\ntimeout = "200ms"\n{heartbeat}\n'
    )


def test_starts_and_ends_are_told_with_a_daemon_and_without(installation: Installation) -> None:
    expected = [f"GET /{KEY}/{word}" for word in ("start", "0", "start", "137", "start", "124")]
    for with_daemon in (False, True):
        with web_server() as server:
            installation.write_jobs(jobs(server))
            if with_daemon:
                installation.daemon()
            for job, code in (("good", 0), ("bad", 137), ("slow", 124)):
                seen = len(server.asked)
                done = installation.call("run", job)
                assert (done.returncode, "heartbeat" in done.stderr) == (code, False)
                until(lambda seen=seen, server=server: len(server.asked) == seen + 2, "both arrive", 20)  # type: ignore[misc]
            assert server.asked == expected


def test_an_end_is_told_though_the_start_had_arrived_long_before(installation: Installation) -> None:
    """A number of the store's that became free with the start's arrival is the end's."""
    end = installation.folder / "end"
    with web_server() as server:
        heartbeat = f'heartbeat = "http://127.0.0.1:{server.port}/{KEY}"'
        installation.write_jobs(f'[jobs.waits]\ncommand = "until [ -e {end} ]; do sleep 0.05; done"\n{heartbeat}\n')
        command = installation.command("run", "waits")
        with subprocess.Popen(command, env=installation.environment, stdout=subprocess.DEVNULL) as run:
            until(lambda: server.asked == [f"GET /{KEY}/start"], "the start arrives")
            until(lambda: not waiting_pings(installation), "its arrival is noted")
            end.touch()
            assert run.wait() == 0
        assert server.asked == [f"GET /{KEY}/start", f"GET /{KEY}/0"]


def waiting_pings(installation: Installation) -> int:
    with closing(sqlite3.connect(installation.state_dir / "jobctl.db")) as database:
        return int(database.execute("SELECT count(*) FROM pings").fetchone()[0])


def test_without_a_daemon_what_does_not_arrive_is_said_and_left_for_one(installation: Installation) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        installation.write_jobs(jobs(server))
        done = installation.call("run", "good")
        assert done.returncode == 0
        assert "its heartbeat did not arrive: the server answered 403 Forbidden" in done.stderr
        assert KEY not in done.stderr
        server.manner = Manner.WELL
        server.asked.clear()
        installation.daemon()
        until(lambda: server.asked == [f"GET /{KEY}/0"], "the daemon tells the end", 30)
