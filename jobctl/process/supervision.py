"""One attempt under a keeper's eyes: from BEGIN to END. It decides nothing but when to stop what."""

from __future__ import annotations

import os
import select
import time

from jobctl import failpoint
from jobctl.process import identity, left_files, params_file, record_file, signals
from jobctl.process.control_group import ControlGroup
from jobctl.process.execute import INHERITED, SCARCITY, CannotExecute, Command
from jobctl.process.limit_watch import CPU, NONE, LimitWatch
from jobctl.process.log_file import LogFile
from jobctl.process.meter import Meter
from jobctl.process.span import Span, now_ms
from jobctl.process.stopping import Stopping

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself is heavier than all that a keeper imports
    from resource import struct_rusage
    from typing import Any

_LOOK_WITHOUT_LOG = 0.5  # seconds; a log that grows fast is looked at more often
_NOTHING = 0  # the keeper's own standard input, /dev/null


class Supervision:
    """A running attempt. Instants are seconds of the monotonic clock unless they end in `_at`."""

    def __init__(self, fields: tuple[Any, ...], record: record_file.RecordFile, group: ControlGroup | None) -> None:
        """`fields` are those of AttemptSpec, in its order. The job gets into `group` where there is one."""
        self._group = group
        self.token: bytes
        self._params: tuple[bytes, bytes] | None  # the file of the payload, and its contents
        self.token, self._run_id, self._number, *command, timeout, self._grace, log_limit = fields[:-4]
        self._stdin, self._params, self._left, self._secrets = fields[-4:]
        argv, env, cwd, log_path, owner, umask, nice, rlimits = command
        self._command = Command(argv, env, cwd, owner, umask, nice, rlimits)
        self._limits = LimitWatch(rlimits, group)
        self._meter = Meter(group)
        self._log_path, self._log_limit = log_path, log_limit
        self._timeout: float | None = timeout
        self._record = record
        self._log: LogFile | None = None
        self.pid = 0
        self._status: int | None = None  # what wait4 said of the main process
        self._error: CannotExecute | None = None
        self._flags = 0
        self._span = Span()
        self._deadline: float | None = None
        self._look: float | None = None
        self._stopping = Stopping(group)
        self._is_halted = False  # by a signal that was passed on

    def start(self) -> None:
        """Write BEGIN and execute. Afterwards either `pid` is set or the attempt has already ended."""
        failpoint.hit("keeper.before_begin")
        try:
            self._record.write_begin(self.token, self._run_id, self._number, now_ms())
            failpoint.hit("keeper.after_begin")
            self._execute()
            failpoint.hit("keeper.after_exec")
        except CannotExecute as error:
            self._error = error
        except OSError as error:
            number = error.errno or 0
            self._error = CannotExecute(f"prepare the attempt ({_what(error)})", number, scarce=number in SCARCITY)

    def _execute(self) -> None:
        owner = self._command.owner
        if self._log_path:
            self._log = LogFile(self._log_path, self._log_limit, None if owner is None else owner[:2])
        if self._params is not None:
            params_file.write(*self._params, None if owner is None else owner[:2])
        stdin = _NOTHING if self._stdin is None else params_file.in_memory(self._stdin)
        door = self._door()
        self._command.rlimits = self._limits.bind(grouped=door != -1)
        try:
            self.pid = self._command.start(stdin, INHERITED if self._log is None else self._log.fd, door)
        finally:
            for fd in (stdin, door):
                if fd > _NOTHING:
                    os.close(fd)
        now = time.monotonic()
        self._span.begin()
        self._deadline = None if self._timeout is None else now + self._timeout
        self._look = now + _LOOK_WITHOUT_LOG if self._log is None else self._log.begin(now)
        self._meter.begin(now)
        self._note_job()

    def _door(self) -> int:
        try:
            door = -1 if self._group is None else self._group.door()
        except OSError:
            return -1  # the job does without
        self._meter.open()
        return door

    def _note_job(self) -> None:
        started = identity.start_time(self.pid)
        if started is None:
            return
        try:
            self._record.write_job(self.token, self.pid, started)
        except OSError:
            return  # only recovery after the keeper's own death would miss it, and that has other ways to find the job

    def note_exit(self, pid: int, status: int, usage: struct_rusage) -> None:
        """A process of the tree was reaped."""
        if pid == self.pid:
            self._status = status
        self._meter.reaped(usage)

    def stop(self, number: int, grace: float | None = None) -> None:
        """Somebody asks for the stop: the signal to the whole tree now, SIGKILL after `grace` seconds.

        Asking again never postpones the SIGKILL; asking with SIGKILL sends it at once.
        """
        if self._error is None:
            self._flags |= record_file.STOPPED
            self._begin_stop(number, self._grace if grace is None else grace)

    def pass_on(self, number: int) -> None:
        """The signal to the job's process group, as a terminal sends it. What it makes of it is its own affair."""
        if self.pid and self._status is None:  # not reaped: its number is nobody else's
            try:
                os.killpg(self.pid, number)
            except OSError:
                return  # it has just ended, or has made itself another user's
            if number in (signals.SIGSTOP, signals.SIGTSTP, signals.SIGCONT):
                self._is_halted = number != signals.SIGCONT

    def left_alone(self) -> None:
        """Who passed signals on is gone: what it stopped, nobody else would continue."""
        if self._is_halted:
            self.pass_on(signals.SIGCONT)

    def _begin_stop(self, number: int, grace: float) -> None:
        self._deadline = None
        self._stopping.begin(number, grace)

    def next_wake(self) -> float | None:
        """When `advance` has something to do, if nothing happens before."""
        wakes = [instant for instant in (self._deadline, self._look, self._stopping.next_at) if instant is not None]
        return min(wakes, default=None)

    def advance(self) -> None:
        """Do what is due: time out, kill, measure the log and the tree."""
        now = time.monotonic()
        if self._status is None and self._deadline is not None and now >= self._deadline:
            self._flags |= record_file.TIMED_OUT
            self._begin_stop(signals.SIGTERM, self._grace)
        self._stopping.advance(now)
        if self._look is not None and now >= self._look:
            self._look = now + _LOOK_WITHOUT_LOG if self._log is None else self._log.look(now)
            self._measure(now)  # not at instants of its own: one wake-up serves both

    def _measure(self, now: float) -> None:
        is_over = self._status is not None or self._stopping.is_begun
        if not self._meter.look(now, closely=self._limits.is_near(self._meter)):
            return
        if not is_over:
            limit = self._limits.exceeded(self._meter)
            if limit:
                self._flags |= record_file.LIMITED
                # Who has used up its time may tidy up; memory and processes are what the others are short of.
                self._begin_stop(signals.SIGTERM if limit == CPU else signals.SIGKILL, self._grace)
        self._meter.took(time.monotonic() - now)

    def has_ended(self, *, childless: bool) -> bool:
        """Whether END may be written.

        A run ends with its main process, whoever it leaves behind; one that is being stopped ends with its last.
        """
        if self._error is not None:
            return True
        if self._status is None:
            return False
        return not self._stopping.is_begun or childless or self._stopping.is_in_vain

    def conclude(self) -> tuple[object, ...]:
        """Remove the payload, mask what the job left, close the log and write END, for as long as it takes; the
        arguments END was written with."""
        failpoint.hit("keeper.before_end")
        if self._params is not None:
            params_file.remove(self._params[0])
        if self._secrets:
            for file in self._left:
                left_files.mask(file, self._secrets)
        self._meter.close()
        limit = self._limit_reached()
        log_bytes = self._close_log()
        times = self._span.end()
        more = (*self._moved(), limit, self._limits.amounts.get(limit, 0))
        end = (self.token, self.pid, *times, *self._outcome(), log_bytes, str(self._error or ""), more)
        pause = 0.05
        while True:
            try:
                self._record.write_end(*end)
                break
            except OSError:  # the disk, not the job: the result must not be lost for it
                select.select((), (), (), pause)
                pause = min(pause * 2, 5.0)
        failpoint.hit("keeper.after_end")
        return end

    def _limit_reached(self) -> int:
        """Asked only of those that ended badly and have limits at all."""
        if not self._limits.amounts or not self.pid or not (self._status or self._limits.enforced):
            return NONE
        status = self._status or 0
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        try:
            last_words = b"" if self._log is None else self._log.last_words()
        except OSError:
            last_words = b""
        return self._limits.died_of(self._meter, signal, last_words)

    def _moved(self) -> tuple[int, int]:
        return self._meter.moved if self._error is None else (record_file.ABSENT, record_file.ABSENT)

    def _close_log(self) -> int:
        """The bytes that the job wrote. A disk that reports a late error here must not cost the end its record."""
        if self._log is None:
            return record_file.ABSENT
        try:
            return self._log.close()
        except OSError:
            return record_file.ABSENT

    def _outcome(self) -> tuple[int, int, int, int, int, int]:
        """Exit code, signal, errno, flags, CPU milliseconds and peak memory in bytes."""
        if self._error is not None:
            flags = record_file.NOT_STARTED if self._error.scarce else 0
            return self._error.exit_code, 0, self._error.errno, flags, 0, 0
        status = self._status or 0
        code, signal = record_file.ABSENT, 0
        if os.WIFSIGNALED(status):
            signal = os.WTERMSIG(status)
        else:
            code = os.WEXITSTATUS(status)
        return code, signal, 0, self._flags, round(1000 * self._meter.cpu_seconds), self._meter.peak_memory


def _what(error: OSError) -> str:
    return os.fsdecode(error.filename) if error.filename else "its record"
