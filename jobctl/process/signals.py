"""The signal functions that a keeper needs.

Taken from the C module that `signal` wraps: `signal` brings `enum`, `functools` and `collections` for the names of
its constants, which costs each keeper 0.8 MB and 5 ms and gives it nothing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # typeshed has no stub for it

SIGHUP: int = _signal.SIGHUP
SIGINT: int = _signal.SIGINT
SIGQUIT: int = _signal.SIGQUIT
SIGKILL: int = _signal.SIGKILL
SIGUSR1: int = _signal.SIGUSR1
SIGUSR2: int = _signal.SIGUSR2
SIGPIPE: int = _signal.SIGPIPE
SIGALRM: int = _signal.SIGALRM
SIGTERM: int = _signal.SIGTERM
SIGCHLD: int = _signal.SIGCHLD
SIGSTOP: int = _signal.SIGSTOP
SIGTSTP: int = _signal.SIGTSTP
SIGCONT: int = _signal.SIGCONT
SIGXFSZ: int = _signal.SIGXFSZ
SIGXCPU: int = _signal.SIGXCPU
SIGSEGV: int = _signal.SIGSEGV
SIGABRT: int = _signal.SIGABRT

# Of which the C library has no business of its own. A spawn that is to put all of them to their default asks half as
# many questions, sixty system calls fewer, as one that looks for those that are handled.
ALL = tuple(sorted(_signal.valid_signals() - {SIGKILL, SIGSTOP}))

# Sent to everything by a closing terminal or a clumsy script. They are handled (by doing nothing), not ignored:
# ignoring would be inherited by the job, handlers are not.
_HARMLESS = (SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGXFSZ)


def take_over(wakeup_fd: int) -> None:
    """Give every signal its default meaning and an empty mask, except those that the keeper handles.

    Each handled signal writes its number as one byte to `wakeup_fd`, a non-blocking descriptor.
    """
    for number in ALL:
        _signal.signal(number, _do_nothing if number in _HANDLED else _signal.SIG_DFL)
    _signal.set_wakeup_fd(wakeup_fd, warn_on_full_buffer=False)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def hold_back() -> None:
    """Let no signal in until `let_in`. A number of none is a warning, for which Python 3.14 loads 20 ms of modules."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ALL)


def let_in() -> None:
    """Let all signals in."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def set_all_default() -> None:
    """Every signal at its default, none held back: how a job starts."""
    _signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def send_to_pidfd(pidfd: int, number: int) -> None:
    """Signal exactly the process that `pidfd` stands for. ProcessLookupError when it is gone."""
    _signal.pidfd_send_signal(pidfd, number)


def _do_nothing(number: int, frame: object) -> None:
    """A handler's only purpose here is the byte on the wake-up descriptor."""


_HANDLED = (SIGTERM, SIGCHLD, *_HARMLESS)
