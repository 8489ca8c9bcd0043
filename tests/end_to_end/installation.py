"""One installation of jobctl: a jobs file, a state directory, and the proofs of what happened, kept elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.end_to_end import processes
from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.ledger import Ledger
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import WORKLOAD, Work, jobs_toml, testimonies

REPOSITORY = Path(__file__).resolve().parents[2]
_CLIENT = Path(__file__).with_name("trigger_client.py")
_MANY = Path(__file__).with_name("many_calls.py")
_UNFINISHED = "scheduled,queued,running,retrying"


class Installation:
    """`folder` holds the jobs file, the witness file, the ledger and the daemon's log; `state_dir` is jobctl's own.

    `source` is the folder that holds the package to run: the repository, or a copy that was broken on purpose.
    """

    def __init__(self, folder: Path, state_dir: Path | None = None, source: Path = REPOSITORY) -> None:
        self.folder = folder
        self.state_dir = state_dir or folder / "state"
        self.jobs_file = folder / "jobs.toml"
        self.ledger = Ledger(folder / "ledger")
        self.daemon_log = folder / "daemon.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(source),
        }
        self._daemons: list[Daemon] = []

    def define(self, workload: dict[str, Work] = WORKLOAD, **options: Any) -> None:
        """Write a jobs file for the workload."""
        self.write_jobs(jobs_toml(workload, self.folder, **options))

    def write_jobs(self, text: str) -> None:
        self.jobs_file.write_text(text)
        self.jobs_file.chmod(0o600)

    def command(self, *words: str) -> list[str]:
        places = ["-c", str(self.jobs_file), "--state-dir", str(self.state_dir)]
        return [sys.executable, "-P", "-m", "jobctl", *places, *words]

    def start(self, *words: str, environment: Mapping[str, str] | None = None) -> Daemon:
        """A daemon that may not be ready yet."""
        daemon = Daemon(self.command("daemon", *words), self.environment | dict(environment or {}), self.daemon_log)
        self._daemons.append(daemon)
        return daemon

    def adopt(self, daemon: Daemon) -> None:
        """One that a test started in its own way ends with the installation."""
        self._daemons.append(daemon)

    def daemon(self, *words: str, environment: Mapping[str, str] | None = None) -> Daemon:
        """A daemon that is ready."""
        return self.start(*words, environment=environment).wait_ready()

    def stop_daemons(self) -> None:
        """End the daemons; what runs goes on."""
        for daemon in self._daemons:
            if not daemon.has_ended():
                daemon.stop()

    def call(self, *words: str, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
        """One verb, whatever its exit status."""
        done = subprocess.run(
            self.command(*words), env=self.environment, cwd=self.folder, capture_output=True, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return subprocess.CompletedProcess(done.args, done.returncode, _text(done.stdout), _text(done.stderr))

    def call_many(
        self, calls: Sequence[Sequence[str]], seconds: float = 120.0
    ) -> list[subprocess.CompletedProcess[str]]:
        """One verb after the other, whatever their exit statuses; none of them reads anything."""
        words = [self.command(*call)[4:] for call in calls]
        done = subprocess.run(
            [sys.executable, "-P", str(_MANY)], env=self.environment, cwd=self.folder, input=json.dumps(words),
            capture_output=True, timeout=seconds, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers = zip(words, json.loads(done.stdout), strict=True)
        return [subprocess.CompletedProcess(call, one["status"], one["stdout"], one["stderr"]) for call, one in answers]

    def begin_call(self, *words: str) -> subprocess.Popen[bytes]:
        """One verb that is not waited for."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.command(*words), env=self.environment, cwd=self.folder, stdin=quiet, stdout=quiet, stderr=quiet
        )

    def ask(self, *words: str) -> Any:
        """The JSON document of a verb that must succeed."""
        done = self.call("--json", *words)
        assert done.returncode == 0, f"jobctl {' '.join(words)}: exit {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    def trigger(self, *jobs: str) -> list[str]:
        """One run for each name through `jobctl run --detach`, acknowledged into the ledger."""
        return [self._trigger(job) for job in jobs]

    def _trigger(self, job: str) -> str:
        done = self.call("run", "--detach", job)
        assert done.returncode == 0, f"run --detach {job}: exit {done.returncode}\n{done.stderr}"
        run = done.stdout.strip()
        self.ledger.acknowledge(run, job)
        return run

    def client(
        self, count: int, interval: float = 0.0, jobs: tuple[str, ...] = tuple(WORKLOAD)
    ) -> subprocess.Popen[bytes]:
        """A process that triggers `count` runs and acknowledges each into the ledger."""
        words = [str(self.jobs_file), str(self.state_dir), ",".join(jobs), str(count), str(interval)]
        ledger = self.ledger.open()
        try:
            with (self.folder / "client.log").open("ab") as stderr:
                return subprocess.Popen(
                    [sys.executable, "-P", str(_CLIENT), *words], env=self.environment, cwd=self.folder,
                    stdout=ledger, stderr=stderr, stdin=subprocess.DEVNULL,
                )  # fmt: skip
        finally:
            os.close(ledger)

    def run(self, run: str) -> dict[str, Any]:
        """The run as `show` tells it, with its attempts."""
        document = self.ask("show", run)
        assert isinstance(document, dict)
        return document

    def status_of(self, run: str) -> str:
        return str(self.run(run)["status"])

    def open_gate(self, name: str) -> None:
        """Let the jobs go on that wait at this gate."""
        (self.folder / name).touch()

    def started(self) -> set[str]:
        """Runs whose jobs have begun, by their own word."""
        return {line.run for line in testimonies(self.folder) if line.event == "start"}

    def history(self) -> list[dict[str, Any]]:
        """All runs."""
        runs = self.ask("history", "--limit", "1000000")
        assert isinstance(runs, list)
        return runs

    def log(self, run: str, attempt: int = 1) -> bytes | None:
        """What the attempt wrote, read past jobctl; None when there is no log."""
        for path in (self.state_dir / "logs").glob(f"*/{run}-{attempt}.log"):
            return path.read_bytes()
        return None

    def wait_settled(self, seconds: float = 60.0) -> None:
        """Until no run waits or runs."""

        def settled() -> bool:
            return bool(self.ask("history", "--limit", "1", "--status", _UNFINISHED) == [])

        until(settled, "all runs have ended", seconds)

    def close(self) -> None:
        """End every daemon and keeper of this installation."""
        for daemon in self._daemons:
            daemon.close()
        for pid in processes.keepers(self.state_dir):
            for job in processes.children(pid):
                processes.kill(job)
            processes.kill(pid)


def _text(output: bytes) -> str:
    """Every byte, also those that are no text: line ends as they are."""
    return output.decode("utf-8", "surrogateescape")
