"""Jobs that bear witness: each writes a line when it starts and when it ends, to a place that jobctl does not know.

A witness line is one write to a file opened for appending, so lines of concurrent jobs never mix and their order in
the file is the order in which they were written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# $1 witness file, $2 seconds of work or the gate to wait for, $3 exit code or the name of a signal.
SCRIPT = """\
echo "start $JOBCTL_RUN_ID $JOBCTL_ATTEMPT $$" >>"$1"
echo "output of $JOBCTL_RUN_ID-$JOBCTL_ATTEMPT"
case "$2" in
0) ;;
/*) until [ -e "$2" ]; do sleep 0.05; done ;;
*) sleep "$2" ;;
esac
echo "end $JOBCTL_RUN_ID $JOBCTL_ATTEMPT $$" >>"$1"
case "$3" in [0-9]*) exit "$3" ;; *) kill -s "$3" $$ ;; esac
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What one job does, and so what must be recorded of it."""

    seconds: float = 0.0
    gate: str | None = None  # works until a file of this name is in the folder, instead
    exit_code: int | None = 0
    signal: int | None = None
    at_once: int = 20  # max_concurrent of the job
    attempts: int = 1  # executions that a run takes
    more: str = ""  # further keys of the job

    @property
    def status(self) -> str:
        return "succeeded" if self.exit_code == 0 else "failed"


WORKLOAD = {
    "quick": Work(),
    "slow": Work(seconds=0.3),
    "three": Work(exit_code=3),
    "killed": Work(exit_code=None, signal=9),
    "single": Work(seconds=0.05, at_once=1),
    "again": Work(exit_code=4, attempts=2, more='retries = 1\nretry_delay = "0s"\n'),
}
MAX_CONCURRENT = 6


def jobs_toml(workload: dict[str, Work], folder: Path, max_concurrent: int = MAX_CONCURRENT) -> str:
    """A jobs file for the workload; the script and the witness file are in `folder`."""
    script = folder / "work.sh"
    if not script.exists():  # a job that starts while it is written again would do nothing and succeed
        script.write_text(SCRIPT)
    parts = [f'[daemon]\nmax_concurrent = {max_concurrent}\ngrace = "1s"\n']
    for name, work in workload.items():
        duration = f"{work.seconds:g}" if work.gate is None else str(folder / work.gate)
        end = str(work.exit_code) if work.signal is None else "KILL"
        words = ["/bin/sh", str(script), str(folder / "witness"), duration, end]
        parts.append(f"[jobs.{name}]\ncommand = {words!r}\nmax_concurrent = {work.at_once}\n{work.more}")
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Testimony:
    """One line of a witness."""

    event: str  # start | end | cut, when power was cut and all that ran ended
    run: str
    attempt: int
    pid: int


def testimonies(folder: Path) -> list[Testimony]:
    """All whole lines of the witness file, in their order."""
    file = folder / "witness"
    if not file.exists():
        return []
    lines = file.read_text().splitlines()
    words = map(str.split, lines)  # some jobs have more to say
    return [Testimony(event, run, int(attempt), int(pid)) for event, run, attempt, pid, *_ in words]
