"""The limits of one attempt, seen from its keeper: which of them the kernel keeps for the whole tree, what is to be
stopped because nobody else counts the tree, and which one an attempt died of.

Limits of setrlimit(2) bind each process for itself. Where a control group with the controllers for it was delegated,
the kernel binds memory and processes of the whole tree instead; elsewhere the keeper stops a tree that outgrows its
memory or number. CPU time of the tree is counted by nobody but the keeper. It looks whenever its meter does.
"""

from __future__ import annotations

import os
import resource

from jobctl.process import identity, signals, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.process.control_group import ControlGroup
    from jobctl.process.meter import Meter

NONE, MEMORY, CPU, OPEN_FILES, PROCESSES = range(5)  # as in `domain/reached_limit.py`
_KINDS = {
    resource.RLIMIT_DATA: MEMORY,
    resource.RLIMIT_CPU: CPU,
    resource.RLIMIT_NOFILE: OPEN_FILES,
    resource.RLIMIT_NPROC: PROCESSES,
}
_NONE_AT_ALL: dict[int, int] = {}
_NOTHING: frozenset[int] = frozenset()
_NEARLY = 0.9  # of its memory: who is killed by a signal then has been refused some
_DEATHS_FOR_WANT_OF_MEMORY = (signals.SIGKILL, signals.SIGSEGV, signals.SIGABRT)
# What programs say last of what the kernel refused them, in lower case.
_LAST_WORDS = {
    MEMORY: (b"cannot allocate memory", b"memoryerror", b"out of memory", b"outofmemory", b"bad_alloc"),
    OPEN_FILES: (b"too many open files",),
    PROCESSES: (b"resource temporarily unavailable", b"cannot fork", b"can't start new thread"),
}


class LimitWatch:
    """Belongs to one attempt. `amounts` are bytes, seconds and numbers, by kind."""

    __slots__ = ("_group", "_in_group", "_rlimits", "amounts", "enforced")

    def __init__(self, rlimits: tuple[tuple[int, int, int], ...], group: ControlGroup | None) -> None:
        self._rlimits = rlimits
        self._group = group
        self._in_group: frozenset[int] = _NOTHING
        self.amounts = {_KINDS[kind]: soft for kind, soft, _ in rlimits if kind in _KINDS} if rlimits else _NONE_AT_ALL
        self.enforced = NONE  # the limit that the keeper stopped the tree for

    def bind(self, *, grouped: bool) -> tuple[tuple[int, int, int], ...]:
        """Hand over to the group what it can keep; what is left for the process itself. Before the job starts."""
        if not grouped or self._group is None:
            return self._rlimits
        taken = (
            self._group.limit_memory(self.amounts.get(MEMORY)),
            self._group.limit_processes(self.amounts.get(PROCESSES)),
        )
        self._in_group = frozenset(kind for kind, is_taken in zip((MEMORY, PROCESSES), taken, strict=True) if is_taken)
        return tuple(one for one in self._rlimits if _KINDS.get(one[0]) not in self._in_group)

    def is_near(self, meter: Meter) -> bool:
        """Whether the tree may soon be too large, so that it is worth a closer look."""
        memory = self.amounts.get(MEMORY)
        return memory is not None and MEMORY not in self._in_group and 2 * meter.memory_now > memory

    def exceeded(self, meter: Meter) -> int:
        """The limit that the tree as a whole has passed and that nobody but the keeper keeps; noted as enforced."""
        memory, cpu, processes = (self.amounts.get(kind) for kind in (MEMORY, CPU, PROCESSES))
        if cpu is not None and meter.cpu_seconds >= cpu:
            self.enforced = CPU
        elif memory is not None and MEMORY not in self._in_group and meter.memory_now > memory:
            self.enforced = MEMORY if _memory_shared_fairly() > memory else NONE
        elif processes is not None and PROCESSES not in self._in_group and meter.processes_now > processes:
            self.enforced = PROCESSES  # RLIMIT_NPROC does not bind root
        return self.enforced

    def died_of(self, meter: Meter, signal: int, last_words: bytes) -> int:
        """The limit that an attempt which ended badly has run into, as far as there is evidence."""
        if self.enforced:
            return self.enforced
        if CPU in self.amounts and (signal == signals.SIGXCPU or meter.cpu_seconds >= self.amounts[CPU]):
            return CPU
        if self._was_refused_memory(meter, signal):
            return MEMORY
        if PROCESSES in self._in_group and self._group is not None and self._group.was_refused_processes():
            return PROCESSES
        said = last_words.lower()
        found = (kind for kind, words in _LAST_WORDS.items() if kind in self.amounts and any(w in said for w in words))
        return next(found, NONE)

    def _was_refused_memory(self, meter: Meter, signal: int) -> bool:
        if MEMORY not in self.amounts:
            return False
        if MEMORY in self._in_group:
            return self._group is not None and self._group.was_killed_for_memory()
        return signal in _DEATHS_FOR_WANT_OF_MEMORY and meter.peak_memory >= _NEARLY * self.amounts[MEMORY]


def _memory_shared_fairly() -> int:
    """Bytes of the whole tree, each shared page counted once among those who share it: what the sum of all resident
    memory says of a server and its forked workers is far too much, and nobody should die of that."""
    return sum(identity.proportional_memory(pid) for pid in tree.descendants(os.getpid()))
