"""Clients that bring work to the queues together, and are killed and come back."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.installation import REPOSITORY, Installation
from tests.end_to_end.waiting import until

_CLIENT = Path(__file__).with_name("queue_client.py")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One run whose id was printed. `not_before` is in milliseconds; None: nobody can tell."""

    who: int
    number: int
    run: str
    job: str
    key: str | None
    digest: str
    not_before: int | None


class Crowd:
    """`count` clients of `each` requests."""

    def __init__(self, installation: Installation, count: int, each: int, interval: float) -> None:
        self._installation = installation
        self._each = each
        self._interval = interval
        self._ledger = installation.folder / "acknowledged"
        self._clients = {who: self._start(who, 0) for who in range(count)}

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to a client that is at work, if there is one."""
        working = [who for who, client in self._clients.items() if client.poll() is None]
        if working:
            victim = self._clients[chance.choice(working)]
            victim.kill()
            victim.wait()

    def revive(self) -> None:
        """Whoever was killed goes on after the last request that was acknowledged."""
        if all(client.poll() in (None, 0) for client in self._clients.values()):
            return
        reached = {line.who: line.number + 1 for line in self.acknowledged()}
        for who, client in self._clients.items():
            if client.poll() not in (None, 0):
                assert client.returncode < 0, (self._installation.folder / "client.log").read_text()
                self._clients[who] = self._start(who, reached.get(who, 0))

    def finish(self, patience: float) -> None:
        """Until every client has brought all that it had."""

        def all_done() -> bool:
            self.revive()
            return all(client.poll() == 0 for client in self._clients.values())

        until(all_done, "all clients are done", patience)

    def acknowledged(self) -> list[Acknowledged]:
        """Every whole line, in the order in which they were written."""
        if not self._ledger.exists():
            return []
        lines = self._ledger.read_text().splitlines(keepends=True)
        return [Acknowledged(**_loads(line)) for line in lines if line.endswith("\n")]

    def close(self) -> None:
        for client in self._clients.values():
            client.kill()
            client.wait()

    def _start(self, who: int, first: int) -> subprocess.Popen[bytes]:
        here = self._installation
        path = f"{here.environment['PYTHONPATH']}:{REPOSITORY}"
        words = [str(here.jobs_file), str(here.state_dir), *map(str, (who, first, self._each, self._interval))]
        ledger = os.open(self._ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with (here.folder / "client.log").open("ab") as stderr:
                return subprocess.Popen(
                    [sys.executable, "-P", str(_CLIENT), *words], env={**here.environment, "PYTHONPATH": path},
                    cwd=here.folder, stdout=ledger, stderr=stderr, stdin=subprocess.DEVNULL,
                )  # fmt: skip
        finally:
            os.close(ledger)


def _loads(line: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(line)
    return told
