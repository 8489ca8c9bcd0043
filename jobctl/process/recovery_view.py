"""What became of an attempt that the store holds as unfinished: the one question of recovery, and its answers.

A keeper that holds its lock lives, whatever its record says. Once the lock is free the record is final: END with the
attempt's token is how it ended; BEGIN alone means that the keeper was killed and the job may live on unsupervised;
neither means that nothing was executed. Nothing here depends on time, and `inspect` signals nobody.
"""

import enum
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from jobctl.domain.outcome import AttemptEnd
from jobctl.process import delegation, identity, record, signals, tree
from jobctl.process.control_group import ControlGroup
from jobctl.process.execute import SCARCITY
from jobctl.process.record import JobProcess, Record

_PASSES = 2  # a process in the middle of its exec has no environment to be found by: look again


class Fate(enum.Enum):
    """What can be said of an unfinished attempt."""

    ALIVE = "alive"  # its keeper lives: adopt it
    ENDED = "ended"
    UNSUPERVISED = "unsupervised"  # the keeper is gone, processes of the run are not
    LOST = "lost"  # it may have run, to an end that nobody saw
    NEVER_STARTED = "never started"


class Finding(NamedTuple):
    """`end` is set for ENDED, `pids` for UNSUPERVISED. `machine_down`, of LOST: its keeper was one of another boot."""

    fate: Fate
    end: AttemptEnd | None = None
    pids: tuple[int, ...] = ()
    machine_down: bool = False


def inspect(keepers_dir: Path, keeper: str, token: bytes, run_id: str, attempt: int) -> Finding:
    """Find out what became of an attempt. OSError when the record exists and cannot be read.

    A record that is missing or damaged proves nothing, so the answer is LOST (or UNSUPERVISED), never NEVER_STARTED.
    """
    path = keepers_dir / keeper
    if record.is_locked(path):
        return Finding(Fate.ALIVE)
    try:
        found = record.read(path)  # after the lock was free: from then on it cannot change
    except FileNotFoundError:
        found = Record(damaged=frozenset({"begin", "end"}))
    if found.end is not None and found.end.token == token:
        return Finding(Fate.NEVER_STARTED) if found.not_started else Finding(Fate.ENDED, found.end)
    begun = found.begin is not None and found.begin.token == token
    if not begun and "begin" not in found.damaged:
        return Finding(Fate.NEVER_STARTED)
    if pids := unsupervised_pids(run_id, attempt, _job_of(found, token), _group_of(found, token)):
        return Finding(Fate.UNSUPERVISED, pids=pids)
    return Finding(Fate.LOST, machine_down=found.header is not None and found.header.boot_id != identity.boot_id())


def unsupervised_pids(
    run_id: str, attempt: int, job: JobProcess | None = None, group: ControlGroup | None = None
) -> tuple[int, ...]:
    """Living processes of an attempt: those executed with its JOBCTL_RUN_ID and JOBCTL_ATTEMPT, when `job` is known
    and of this boot, its main process and that one's session, and whoever is in its control group."""
    marks = _marks(run_id, attempt)
    members = set() if group is None else set(group.pids())
    for _ in range(_PASSES):
        pids = {pid for pid in identity.all_pids() if pid > 1 and _belongs(pid, marks, job)}
        if pids | members:
            return tuple(sorted(pids | members))
    return ()


def stop_unsupervised(keepers_dir: Path, keeper: str, token: bytes, run_id: str, attempt: int, signal: int) -> int:
    """Signal every process of an attempt whose keeper is gone, with its descendants; how many took it. Without its
    record, or where the disk does not give that back, they are found by their environment alone.

    With SIGKILL call again until it returns 0: processes may be made faster than they are found.
    """
    found = _read_what_can_be(keepers_dir / keeper)
    job, group = _job_of(found, token), _group_of(found, token)
    marks = _marks(run_id, attempt)
    members = () if group is None else group.pids()
    count = 0 if group is None else group.signal(signal)
    for pid in unsupervised_pids(run_id, attempt, job):
        if pid in members:
            continue
        family = tree.descendants(pid)
        count += tree.signal_if(pid, signal, lambda pid=pid: _belongs(pid, marks, job))  # type: ignore[misc]
        count += sum(tree.signal_if_in_family(child, signal, pid, family) for child in family if child not in members)
    return count


def stop_keeper(keepers_dir: Path, keeper: str, *, kill: bool = False) -> bool:
    """Ask a keeper without a daemon to stop its job (SIGTERM, the attempt's grace, SIGKILL; with `kill` at once),
    record and exit. False when it is gone, or its record does not tell who it is. The process is verified by lock,
    boot id, start time and pidfd."""
    path = keepers_dir / keeper
    if not record.is_locked(path):
        return False
    header = _read_what_can_be(path).header
    if header is None or header.boot_id != identity.boot_id():
        return False
    return tree.signal_process(header.pid, header.start_time, signals.SIGQUIT if kill else signals.SIGTERM)


def collect(keepers_dir: Path, needed: Collection[str], control_group: str | None = None) -> list[str]:
    """Remove the records of keepers that are gone, but for those the store still needs; the names removed. With them
    go the groups below `control_group` of which no record speaks and in which nobody is."""
    removed = []
    for path in keepers_dir.iterdir():
        if path.name not in needed and not record.is_locked(path):
            path.unlink(missing_ok=True)
            removed.append(path.name)
    if control_group is not None:
        delegation.sweep(control_group, {path.name for path in keepers_dir.iterdir()})
    return removed


def _read_what_can_be(path: Path) -> Record:
    """The record; an empty one where it cannot be read, for a stop needs none. OSError for want of a descriptor."""
    try:
        return record.read(path)
    except OSError as problem:
        if problem.errno in SCARCITY:
            raise
        return Record()


def _job_of(found: Record, token: bytes) -> JobProcess | None:
    if found.header is None or found.header.boot_id != identity.boot_id():
        return None
    return found.job if found.job is not None and found.job.token == token else None


def _group_of(found: Record, token: bytes) -> ControlGroup | None:
    """The group in which the processes of this attempt are, and nobody else."""
    if found.group is None or found.header is None or found.header.boot_id != identity.boot_id():
        return None
    return ControlGroup(found.group) if found.begin is not None and found.begin.token == token else None


def _marks(run_id: str, attempt: int) -> frozenset[bytes]:
    return frozenset({f"JOBCTL_RUN_ID={run_id}".encode(), f"JOBCTL_ATTEMPT={attempt}".encode()})


def _belongs(pid: int, marks: frozenset[bytes], job: JobProcess | None) -> bool:
    stat = identity.stat(pid)
    if stat is None or stat.state in "ZX":
        return False
    if job is not None and pid == job.pid:
        return stat.start_time == job.start_time
    if job is not None and stat.session == job.pid and stat.start_time >= job.start_time:
        leader = identity.start_time(job.pid)  # another start time: the number was given to a later session
        return leader is None or leader == job.start_time
    return marks.issubset(identity.environment(pid))
