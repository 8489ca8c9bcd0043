"""Signals that are kept for a command: what stops it, and what lets it go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_KEEPS = """
import os, signal
from signal import SIGCONT, SIGTSTP
from jobctl.process.forwarding import Forwarding

def come(*numbers):
    for number in numbers:
        os.kill(os.getpid(), number)

def beside_the_stop(*, before=(), after=()):
    kill = os.kill

    def stop(pid, number):
        os.kill = kill
        come(*before)
        kill(pid, number)
        come(*after)

    os.kill = stop

def go_through(meanwhile=lambda: None):
    for number in forwarding.take():
        print(number, flush=True)
        if number == SIGTSTP:
            meanwhile()
            print(forwarding.stop_here(), flush=True)

with Forwarding() as forwarding, forwarding.of_stops():
"""


@contextmanager
def keeping(line: str) -> Iterator[subprocess.Popen[str]]:
    """A process that executes it while it keeps signals, in a group of its own as a shell starts it."""
    # Such a group can be stopped.
    words = [sys.executable, "-c", f"{_KEEPS}    {line}\n"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, process_group=0) as begun:
        try:
            yield begun
        finally:
            begun.kill()


def becomes(begun: subprocess.Popen[str]) -> int:
    """CLD_STOPPED or CLD_EXITED, whichever comes first."""
    found = os.waitid(os.P_PID, begun.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
    assert found is not None
    return found.si_code


def said(begun: subprocess.Popen[str]) -> list[str]:
    assert begun.stdout is not None
    return begun.stdout.read().split()


@pytest.mark.parametrize(
    "lines",
    [
        ("come(SIGTSTP, SIGCONT)", "go_through()"),  # before either is taken
        ("come(SIGCONT, SIGTSTP)", "go_through()"),  # so they are noted when both are delivered at once
        ("come(SIGTSTP)", "go_through(meanwhile=lambda: come(SIGCONT))"),  # after the stop is taken
        ("come(SIGTSTP)", "go_through(meanwhile=lambda: beside_the_stop(before=[SIGCONT]))"),  # right before the stop
        ("come(SIGTSTP)", "go_through(meanwhile=lambda: beside_the_stop(after=[SIGCONT]))"),  # while the stop waits
    ],
)
def test_who_was_told_to_go_on_before_he_stopped_does_not_stop(lines: tuple[str, ...]) -> None:
    with keeping("; ".join(lines)) as begun:
        assert becomes(begun) == os.CLD_EXITED
        assert said(begun) == ["20", "True", "18"]


def test_a_stop_after_the_word_to_go_on_holds_until_the_next_one() -> None:
    with keeping("come(SIGTSTP, SIGCONT, SIGTSTP); go_through()") as begun:
        assert becomes(begun) == os.CLD_STOPPED
        begun.send_signal(signal.SIGCONT)
        assert said(begun) == ["20", "True", "18", "20", "True", "18"]


def test_what_comes_in_between_is_neither_lost_nor_taken_out_of_its_turn() -> None:
    with keeping("come(SIGTSTP, signal.SIGUSR1, SIGCONT, signal.SIGUSR2); go_through()") as begun:
        assert said(begun) == ["20", "True", "10", "18", "12"]
