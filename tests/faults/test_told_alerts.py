"""However often the daemon is killed, every alert that was committed is told, and none is told of that never was."""

from __future__ import annotations

import json
import random
import select

import pytest

from tests.channels.servers import WebServer, web_server
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until


def define(installation: Installation, server: WebServer, jobs: int) -> list[str]:
    names = [f"bad-{number}" for number in range(jobs)]
    tables = [f'[jobs.{name}]\ncommand = "exit 3"\n' for name in names]
    channel = (
        f'[channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:{server.port}/"\n[severity]\nmedium = ["hook"]\n'
    )
    installation.write_jobs("".join(tables) + channel)
    return names


def told(server: WebServer) -> set[str]:
    """The jobs of which the server has heard, in messages of their own or together."""
    documents = [json.loads(body) for body in server.bodies]
    return {alert["job"] for one in documents for alert in one.get("alerts", [one.get("alert")])}


def die_now_and_then(installation: Installation, kills: int, chance: random.Random) -> None:
    for _ in range(kills):
        daemon = installation.daemon()
        select.select((), (), (), chance.uniform(0.05, 3.0))
        daemon.kill()


_LONG = (pytest.mark.long, pytest.mark.timeout(900))  # sixty lives of up to three seconds and as many starts


@pytest.mark.parametrize(("jobs", "kills"), [(5, 4), pytest.param(40, 60, marks=_LONG)])
def test_no_alert_is_lost_over_kills(jobs: int, kills: int, installation: Installation) -> None:
    with web_server() as server:
        names = define(installation, server, jobs)
        installation.trigger(*names)
        die_now_and_then(installation, kills, random.Random(kills))
        installation.daemon()
        installation.wait_settled()
        assert {alert["job"] for alert in installation.ask("alerts")} == set(names)
        until(
            lambda: all(one["state"] == "sent" for one in installation.ask("alerts", "history")), "all are told", 90.0
        )
        assert told(server) == set(names)
        assert len(installation.ask("alerts", "history", "--limit", "999")) == jobs
