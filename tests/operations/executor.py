"""Another process that executes a run without a daemon, to be killed or watched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jobctl.domain.run import AttemptState
from tests.operations.site import Site, wait_until

_PROGRAM = "tests.operations.execute_run"
_ROOT = Path(__file__).parents[2]


class Executor:
    """Use as a context manager: it is gone afterwards."""

    def __init__(self, site: Site, run_id: int) -> None:
        self._site = site
        self._run_id = run_id
        words = [str(site.jobs_file), str(site.state_dir), str(run_id)]
        self._process = subprocess.Popen([sys.executable, "-m", _PROGRAM, *words], cwd=_ROOT)

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    def wait_until_the_job_runs(self) -> None:
        def runs() -> bool:
            attempts = self._site.ctx.store.attempts.of_run(self._run_id)
            return bool(attempts) and attempts[0].state is AttemptState.RUNNING

        wait_until(runs, "the job runs")

    def kill(self) -> None:
        """SIGKILL: its keeper is left alone with the job."""
        self._process.kill()
        self._process.wait(20)
