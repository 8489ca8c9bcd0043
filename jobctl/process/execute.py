"""From a spec to a running job: the step between BEGIN and the job's first instruction.

Two ways lead there. `posix_spawn` costs 0.75 ms per `/bin/true` on the machine where it was measured and `fork` 1.3 ms,
but only a fork can set limits, niceness and users between itself and exec. So the plain attempt is spawned and the
special one is forked, as is one that is born in a control group; what the job finds is the same.

Working directory and umask of a spawned job are inherited: the keeper takes them on and lays them down again.
"""

# ruff: noqa: PTH123
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import errno
import os
import resource

from jobctl.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself is heavier than all that a keeper imports
    from typing import NoReturn

INHERITED = -1  # in the place of a log: the command writes to what the keeper itself has as stdout and stderr
NOT_EXECUTABLE = 126
NOT_FOUND = 127

# The machine has too little of something just now; nothing is wrong with the job.
SCARCITY = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT})

_WORDS_OF_PROGRAMS = {
    errno.ENOENT: "no such file, or its interpreter is missing",
    errno.EACCES: "not executable, or a folder on the way forbids it",
}
_WORDS = {
    errno.ENOEXEC: "neither a program nor a script with a #! line",
    errno.E2BIG: "arguments and environment are longer than the kernel allows",
    errno.ENOTDIR: "a part of the path is not a folder",
}


class CannotExecute(Exception):
    """The job's program did not start. `scarce`: it was the machine's fault and may go well later."""

    def __init__(self, action: str, number: int, *, scarce: bool = False) -> None:
        words = _WORDS_OF_PROGRAMS | _WORDS if action.startswith("execute") else _WORDS
        reason = words.get(number, os.strerror(number))
        super().__init__(f"cannot {action}: {reason} ({errno.errorcode.get(number, number)})")
        self.errno = number
        self.scarce = scarce
        self.exit_code = NOT_FOUND if number == errno.ENOENT and action.startswith("execute") else NOT_EXECUTABLE


class Command:
    """What is executed and as whom; the part of a spec that this file needs."""

    __slots__ = ("argv", "cwd", "env", "nice", "owner", "rlimits", "umask")

    def __init__(
        self,
        argv: tuple[bytes, ...],
        env: dict[bytes, bytes],
        cwd: bytes,
        owner: tuple[int, int, tuple[int, ...]] | None,
        umask: int | None,
        nice: int | None,
        rlimits: tuple[tuple[int, int, int], ...],
    ) -> None:
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.owner = owner
        self.umask = umask
        self.nice = nice
        self.rlimits = rlimits

    def start(self, stdin: int, log: int, door: int = -1) -> int:
        """Execute with these descriptors as 0 and as 1 and 2 (see INHERITED); the pid. CannotExecute says why not.

        `door` is that of a control group, in which the job is born if it can be.
        """
        if self.owner is None and self.nice is None and not self.rlimits and door == -1:
            return self._spawn(stdin, log)
        return self._fork(stdin, log, door)

    @property
    def _name(self) -> str:
        return os.fsdecode(self.argv[0])

    def _spawn(self, stdin: int, log: int) -> int:
        try:
            os.chdir(self.cwd)
        except OSError as error:
            raise CannotExecute(f"enter {os.fsdecode(self.cwd)}", error.errno or 0) from None
        previous = None if self.umask is None else os.umask(self.umask)
        sources = (stdin, 1, 2) if log == INHERITED else (stdin, log, log)
        moves = [(os.POSIX_SPAWN_DUP2, source, target) for target, source in enumerate(sources) if source != target]
        try:
            return os.posix_spawn(
                self.argv[0], self.argv, self.env, file_actions=moves, setsid=True, setsigmask=(),
                setsigdef=signals.ALL,
            )  # fmt: skip
        except OSError as error:
            number = error.errno or 0
            raise CannotExecute(f"execute {self._name}", number, scarce=number in SCARCITY) from None
        except ValueError:
            raise CannotExecute(f"execute {self._name}", errno.EINVAL) from None
        finally:
            if previous is not None:
                os.umask(previous)
            os.chdir("/")  # no file system stays busy because of a keeper

    def _fork(self, stdin: int, log: int, door: int) -> int:
        report, answer = os.pipe()
        with open(report, "rb", buffering=0) as failure:
            try:
                pid = self._forked(stdin, log, answer, door)
            finally:
                os.close(answer)
            words = failure.read(2048)  # empty when exec closed the other end
        if words:
            os.waitpid(pid, 0)
            number, _, action = words.partition(b" ")
            raise CannotExecute(os.fsdecode(action), int(number))
        return pid

    def _forked(self, stdin: int, log: int, answer: int, door: int) -> int:
        signals.hold_back()  # one between fork and exec would be taken by the keeper's handler and lost for the job
        try:
            pid = _fork(door)
            if pid == 0:
                self._become_the_job(stdin, log, answer)
            return pid
        except OSError as error:
            raise CannotExecute("make a process", error.errno or 0, scarce=True) from None
        finally:
            signals.let_in()

    def _become_the_job(self, stdin: int, log: int, answer: int) -> NoReturn:
        step = "start a session"
        try:
            os.setsid()
            os.dup2(stdin, 0)
            if log != INHERITED:
                os.dup2(log, 1)
                os.dup2(log, 2)
            if self.umask is not None:
                os.umask(self.umask)
            step = "set its limits"
            for kind, soft, hard in self.rlimits:
                resource.setrlimit(kind, (soft, hard))
            step = f"set its niceness to {self.nice}"
            if self.nice is not None:
                os.setpriority(os.PRIO_PROCESS, 0, self.nice)
            if self.owner is not None:
                step = f"become user {self.owner[0]}"
                change_user(*self.owner)
            step = f"enter {os.fsdecode(self.cwd)}"
            os.chdir(self.cwd)
            step = f"execute {self._name}"
            signals.set_all_default()
            os.execve(self.argv[0], self.argv, self.env)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None) or errno.EINVAL
            os.write(answer, b"%d %s" % (number, os.fsencode(step)[:1000]))
        finally:
            os._exit(NOT_EXECUTABLE)


def _fork(door: int) -> int:
    """A child, in the control group if there is one and the kernel lets it: without, a job is stopped by walking its
    tree, as everywhere else."""
    if door != -1:
        from jobctl.process import syscalls  # keepers have it; the daemon, which imports this file, needs no ctypes

        try:
            return syscalls.fork_into(door)
        except OSError as error:
            if error.errno in SCARCITY:
                raise
    return os.fork()


def change_user(uid: int, gid: int, groups: tuple[int, ...]) -> None:
    """Groups, then group, then user; and prove that there is no way back."""
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (gid, gid, gid) or set(os.getgroups()) != set(groups):
        raise PermissionError(errno.EPERM, "the user did not change")
