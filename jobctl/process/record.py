"""A keeper's record file, read by others: recovery, `cancel` without a daemon, and the pool when a keeper is gone."""

import fcntl
import os
from pathlib import Path
from typing import Any, NamedTuple

from jobctl.domain.outcome import AttemptEnd
from jobctl.domain.reached_limit import LimitKind, ReachedLimit
from jobctl.process import record_file
from jobctl.process.record_file import ABSENT


class Header(NamedTuple):
    """Who the keeper is. Its start time is in clock ticks since the boot that `boot_id` names."""

    boot_id: str
    pid: int
    start_time: int


class Begin(NamedTuple):
    """The attempt that the keeper last set out to execute."""

    token: bytes
    run_id: str
    attempt: int
    begun_at: int


class JobProcess(NamedTuple):
    """The main process of an attempt."""

    token: bytes
    pid: int
    start_time: int


class Record(NamedTuple):
    """What the file says. A slot is None when it was never written, and also when it is damaged: then `damaged`
    names it ("header", "begin", "job", "end", "group")."""

    header: Header | None = None
    begin: Begin | None = None
    job: JobProcess | None = None
    end: AttemptEnd | None = None
    not_started: bool = False  # of `end`: nothing was executed for want of a process, descriptor or space
    damaged: frozenset[str] = frozenset()
    group: str | None = None  # the path of the control group of its jobs


def read(path: Path) -> Record:
    """The record as it stands. FileNotFoundError when there is none, other OSErrors from the disk."""
    return parse(path.read_bytes())


def parse(contents: bytes) -> Record:
    """The record in the bytes of a file."""
    slots = {
        "header": record_file.HEADER_AT,
        "begin": record_file.BEGIN_AT,
        "job": record_file.JOB_AT,
        "end": record_file.END_AT,
        "group": record_file.GROUP_AT,
    }
    payloads = {name: record_file.payload_at(contents, offset) for name, offset in slots.items()}
    end, not_started = _end(payloads["end"])
    return Record(
        _header(payloads["header"]),
        _begin(payloads["begin"]),
        _job(payloads["job"]),
        end,
        not_started,
        frozenset(name for name, payload in payloads.items() if payload is None),
        os.fsdecode(payloads["group"]) if payloads["group"] else None,
    )


def is_locked(path: Path) -> bool:
    """Whether the keeper of this record lives: the one question of liveness. False when there is no file.

    Asked with a shared lock, so that two who ask at once do not take each other for the keeper.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def attempt_end(
    token: bytes,
    pid: int,
    started_at: int,
    finished_at: int,
    exit_code: int,
    signal: int,
    errno: int,
    flags: int,
    cpu_ms: int,
    max_rss: int,
    log_bytes: int,
    error: str,
    more: tuple[int, int, int, int] = record_file.NOTHING_MORE,
) -> AttemptEnd:
    """The arguments of `RecordFile.write_end` in the words of the domain."""
    executed = started_at != ABSENT
    read, written, limit, amount = more
    return AttemptEnd(
        token=token,
        started_at=started_at if executed else None,
        finished_at=finished_at,
        exit_code=None if exit_code == ABSENT else exit_code,
        signal=signal or None,
        error=error or None,
        pid=pid or None,
        timed_out=bool(flags & record_file.TIMED_OUT),
        stopped=bool(flags & record_file.STOPPED),
        cpu_seconds=cpu_ms / 1000 if executed else None,
        max_rss_bytes=max_rss if executed else None,
        log_bytes=None if log_bytes == ABSENT else log_bytes,
        read_bytes=None if read == ABSENT else read,
        written_bytes=None if written == ABSENT else written,
        limit=ReachedLimit(LimitKind(limit), amount, bool(flags & record_file.LIMITED)) if limit else None,
    )


def means_not_started(*end: Any) -> bool:
    """Whether the arguments of `RecordFile.write_end` say that the machine, not the job, was the reason."""
    return bool(end[7] & record_file.NOT_STARTED)


def _header(payload: bytes | None) -> Header | None:
    if not payload:
        return None
    magic, version, pid, start_time, boot_id = record_file.HEADER.unpack(payload)
    if magic != record_file.MAGIC or version != record_file.VERSION:
        return None
    return Header(boot_id.decode("ascii"), pid, start_time)


def _begin(payload: bytes | None) -> Begin | None:
    if not payload:
        return None
    token, run_id, attempt, begun_at = record_file.BEGIN.unpack(payload)
    return Begin(token, run_id.rstrip(b"\0").decode("ascii"), attempt, begun_at)


def _job(payload: bytes | None) -> JobProcess | None:
    return JobProcess(*record_file.JOB.unpack(payload)) if payload else None


def _end(payload: bytes | None) -> tuple[AttemptEnd | None, bool]:
    if not payload:
        return None, False
    *numbers, length = record_file.END.unpack_from(payload)
    after_words = record_file.END.size + length
    words = payload[record_file.END.size : after_words].decode("utf-8", "replace")
    # A keeper of an earlier version, which an upgrade left running, ends with the words.
    more = record_file.END_MORE.unpack(payload[after_words:]) if payload[after_words:] else record_file.NOTHING_MORE
    return attempt_end(*(*numbers, words, more)), means_not_started(*numbers)
