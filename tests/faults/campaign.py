"""A long time of bad luck for one installation: daemons are killed again and again while clients bring work."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tests.end_to_end.daemon_process import Daemon, NotReady
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import WORKLOAD, Work, testimonies

_ENDLESS = 1_000_000
_SEVERAL = 8  # so many jobs get done between two hits, so that no run meets three daemons that die while starting it
_ARMED_SECONDS = 5.0  # a daemon with work meets every failpoint within that, or never


class Feed:
    """Clients that bring runs, one every `interval` seconds, for as long as the block lasts."""

    def __init__(self, installation: Installation, interval: float, jobs: tuple[str, ...] = tuple(WORKLOAD)) -> None:
        self._installation = installation
        self._interval = interval
        self._jobs = jobs
        self._client: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Feed:
        before = len(self._installation.ledger.runs())
        self._client = self._installation.client(_ENDLESS, self._interval, self._jobs)
        until(lambda: len(self._installation.ledger.runs()) > before, "the client brings runs")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Killed like everybody else: what it had not acknowledged may exist or not."""
        assert self._client is not None
        died = self._client.poll()
        self._client.kill()
        self._client.wait()
        if kind is None:
            assert died is None, (
                f"the client ended with {died}: {(self._installation.folder / 'client.log').read_text()}"
            )


class Campaign:
    """What happens to the daemon of one installation. The same `seed` makes the same choices."""

    def __init__(self, installation: Installation, seed: int = 1) -> None:
        self._installation = installation
        self._random = random.Random(seed)

    def establish(self) -> None:
        """A first daemon, so that the definitions are in force, and a first run."""
        daemon = self._installation.daemon()
        self._installation.trigger("quick")
        self._installation.wait_settled()
        daemon.stop()

    def kill_at_random(self, times: int, longest_life: float = 0.6) -> None:
        """SIGKILL at any moment of a life: while starting, recovering, ticking."""
        for _ in range(times):
            daemon = self._installation.start()
            if self._random.random() < 0.7:
                daemon.wait_ready()
            assert not daemon.ended_within(self._random.uniform(0, longest_life)), daemon.log_tail()
            daemon.close()

    def kill_at(self, failpoint: str, times: int) -> None:
        """Daemons or keepers that die at a failpoint, until it struck so many times.

        Each hit is followed by a daemon without the failpoint that gets several jobs done, and is killed too.
        """
        witness = self._witness(failpoint)
        passages, in_vain = [1, 2, 3, 5], 0
        while (before := hits(witness)) < times:
            passage = self._random.choice(passages)
            armed = self._installation.start(environment=arming(failpoint, passage, witness))
            if not _struck(armed, witness, before):  # some places are passed only once in a life
                passages = [lower for lower in passages if lower < passage] or [1]
                in_vain += 1
                assert in_vain <= 5 + times // 5, f"failpoint {failpoint} struck {before} times and then no more"
            armed.close()
            self._calm_life()

    def _calm_life(self) -> None:
        daemon = self._installation.daemon()
        enough = len(testimonies(self._installation.folder)) + 2 * _SEVERAL
        until(lambda: len(testimonies(self._installation.folder)) >= enough, "several jobs begin and end")
        until(self._is_job_at_work, "a job is at work, so that the next daemon has something to recover")
        daemon.close()

    def _is_job_at_work(self) -> bool:
        events = [one.event for one in testimonies(self._installation.folder)]
        return events.count("start") > events.count("end")

    def struck(self, failpoint: str) -> int:
        """How often a failpoint struck so far. A keeper that outlived its daemon may yet meet it."""
        return hits(self._witness(failpoint))

    def conclude(
        self,
        workload: Mapping[str, Work] = WORKLOAD,
        *,
        lost: Callable[[], int | None] = lambda: 0,
        patience: float = 120,
    ) -> None:
        """Let a last daemon finish the work and hold everything to the promises; `lost` is asked when all has ended."""
        daemon = self._installation.daemon()
        self._installation.wait_settled(patience)
        require(Oracle(self._installation, workload, lost=lost()).violations())
        require(leftovers(self._installation, daemon))

    def _witness(self, failpoint: str) -> Path:
        return self._installation.folder / f"hits-{failpoint}"


def arming(failpoint: str, passage: int, witness: Path) -> dict[str, str]:
    """The environment of a daemon that dies, or whose keepers die, at a passage of a failpoint."""
    return {
        "JOBCTL_ALLOW_FAILPOINTS": "1",
        "JOBCTL_FAILPOINT": f"{failpoint}:{passage}",
        "JOBCTL_FAILPOINT_WITNESS": str(witness),
    }


def hits(witness: Path) -> int:
    """How often the failpoint struck."""
    return len(witness.read_text().splitlines()) if witness.exists() else 0


def _struck(armed: Daemon, witness: Path, before: int) -> bool:
    """Wait until the failpoint strikes once more; False when it does not come to that. The time that it may take begins
    when the daemon is ready, or has died before: it may start on a busy machine."""
    with suppress(NotReady):
        armed.wait_ready()
    deadline = time.monotonic() + _ARMED_SECONDS
    while time.monotonic() < deadline:
        if hits(witness) > before:
            return True
        assert not armed.ended_within(0.02) or hits(witness) > before, armed.log_tail()
    return False
