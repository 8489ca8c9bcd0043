"""Heartbeats of the installed command, with a daemon and without one."""

from __future__ import annotations

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
