"""`top` on a terminal of its own, with the real binary and a real daemon."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.process import identity
from tests.cli.pty_screen import Screen
from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """\
[daemon]
timezone = "UTC"
[jobs.alpha]
command = "echo started $TOKEN; printf '\\\\033[31mred\\\\n'; while :; do sleep 0.05; done"
grace = "1h"
on_start = true
env = {{ TOKEN = "hunter2hunter2" }}
secrets = ["TOKEN"]
[jobs.beta]
command = "trap '' TERM; echo up > up; while :; do sleep 0.05; done"
cwd = "{folder}"
grace = "1h"
on_start = true
[jobs.fails]
command = "exit 3"
on_start = true
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A daemon whose jobs `alpha` and `beta` run, and whose job `fails` fails."""
    made = Installation(tmp_path)
    made.write_jobs(JOBS.format(folder=tmp_path))
    try:
        made.daemon()
        until((tmp_path / "up").exists, "beta runs")
        yield made
    finally:
        made.close()


@pytest.fixture
def screen(installation: Installation) -> Iterator[Screen]:
    yield from watched(installation)


def watched(installation: Installation, *words: str, **environment: str) -> Iterator[Screen]:
    shown = Screen(installation.command("top", *words), 100, 30, installation.environment | environment)
    try:
        yield shown
    finally:
        shown.close()


def opened(screen: Screen) -> Screen:
    screen.wait_until(lambda seen: "Running  2" in seen and "exit 3" in seen, "a screen with all of it")
    return screen


def status_of(installation: Installation, job: str) -> str:
    return str(installation.ask("history", job, "-n", "1")[0]["status"])


def test_what_runs_is_shown_and_q_gives_the_terminal_back(installation: Installation, screen: Screen) -> None:
    text = opened(screen).text
    assert "daemon running" in text
    assert {"alpha", "beta", "fails"} <= set(text.split())
    assert "?1049" in screen.modes
    assert "?25" not in screen.modes
    screen.press("q")
    assert screen.wait_for_the_end() == 0
    screen.assert_restored()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP), (signal.SIGQUIT, -signal.SIGQUIT),
     (signal.SIGINT, 130)],
)  # fmt: skip
def test_whatever_ends_it_the_terminal_is_restored(screen: Screen, number: int, status: int) -> None:
    opened(screen).signal(number)
    assert screen.wait_for_the_end() == status
    screen.assert_restored()


def test_ctrl_c_of_the_terminal_is_an_interrupt(screen: Screen) -> None:
    opened(screen).press("\x03")
    assert screen.wait_for_the_end() == 130
    screen.assert_restored()
    assert "Traceback" not in screen.raw


def test_a_crash_restores_the_terminal_and_says_what_happened(installation: Installation) -> None:
    program = (
        "import sys\n"
        "from jobctl.cli.live.session import Session\n"
        "def crash(self, key): raise ZeroDivisionError('on purpose')\n"
        "Session._command = crash\n"
        "from jobctl.cli.main import call\n"
        "sys.exit(call(sys.argv[1:]))\n"
    )
    places = installation.command()[4:]
    screen = Screen([sys.executable, "-P", "-c", program, *places, "top"], 100, 30, installation.environment)
    try:
        opened(screen).press("s")
        assert screen.wait_for_the_end() == 1
        screen.assert_restored()
        assert "unexpected ZeroDivisionError: on purpose" in screen.raw
    finally:
        screen.close()


# As a shell does it: a group of its own in the foreground, its parent in the same session. Others cannot be stopped.
SHELL = """\
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = subprocess.Popen(sys.argv[1:], process_group=0)
os.tcsetpgrp(0, child.pid)
sys.exit(child.wait())
"""


def test_it_stops_as_others_do_and_comes_back(installation: Installation) -> None:
    command = [sys.executable, "-P", "-c", SHELL, *installation.command("top")]
    screen = Screen(command, 100, 30, installation.environment)
    try:
        opened(screen)
        [top] = processes.children(screen.process.pid)
        screen.press("\x1a")
        until(lambda: state_of(top) == "T", "it has stopped")
        screen.assert_restored()
        screen.resize(90, 25)
        os.kill(top, signal.SIGCONT)
        screen.wait_for("Running  2")
        assert "?1049" in screen.modes
        screen.press("q")
        assert screen.wait_for_the_end() == 0
        screen.assert_restored()
    finally:
        screen.close()


def state_of(pid: int) -> str:
    """One letter; T is stopped."""
    found = identity.stat(pid)
    return "" if found is None else found.state


def test_a_stop_that_nobody_can_notice_harms_nothing(screen: Screen) -> None:
    opened(screen).signal(signal.SIGSTOP)
    until(lambda: state_of(screen.process.pid) == "T", "it has stopped")
    screen.resize(100, 30)  # a shell has written over it
    screen.signal(signal.SIGCONT)
    screen.wait_for("Running  2")


def test_it_follows_the_size_of_the_terminal(screen: Screen) -> None:
    opened(screen)
    for columns, lines in ((60, 12), (200, 50), (20, 5), (80, 24)):
        screen.resize(columns, lines)
        screen.wait_until(lambda seen: seen.startswith("jobctl"), f"a screen of {columns}x{lines}")
        screen.wait_until(lambda seen, lines=lines: len(seen.splitlines()) == lines, "all lines")  # type: ignore[misc]
    screen.wait_for("Running  2")


def test_cancel_asks_before_it_acts(installation: Installation, screen: Screen) -> None:
    opened(screen).press("c")
    screen.wait_for("choose a run first")
    screen.press("/alpha\r")
    screen.wait_for("Running  1 of 2")
    screen.press("jc")
    screen.wait_for("cancel alpha ")
    screen.press("n")
    screen.wait_for("nothing was done")
    assert status_of(installation, "alpha") == "running"
    screen.press("cy")
    screen.wait_for("is being stopped")
    screen.wait_for("Running  0 of 1")
    assert status_of(installation, "alpha") == "cancelled"


def test_kill_spares_the_grace_and_a_cancelled_one_is_seen_to_be_stopping(
    installation: Installation, screen: Screen
) -> None:
    opened(screen).press("/beta\rjcy")
    screen.wait_for("is being stopped")
    screen.press("\x1bOS\x7f\x7f\x7f\x7f\r")
    screen.wait_for("Running  2")
    assert status_of(installation, "beta") == "running"
    screen.press("ky")
    screen.wait_for("is being killed")
    screen.wait_for("Running  1")
    until(lambda: status_of(installation, "beta") == "cancelled", "beta is gone")


def test_retry_asks_and_takes_failures_only(installation: Installation, screen: Screen) -> None:
    opened(screen)
    screen.press("\x1b[4~r")  # End: the failure is last
    screen.wait_for("retry fails ")
    screen.press("y")
    screen.wait_for("waits for its next attempt")
    until(lambda: installation.ask("history", "fails")[0]["attempt"] == 2, "a second attempt")
    screen.press("\x1b[1~r")
    screen.wait_for("is running")
    screen.wait_for("exit 3")
    screen.press("\x1b[4~c")
    screen.wait_for("has ended already; r retries it")


def test_logs_are_shown_safely_and_as_they_grow(installation: Installation, screen: Screen) -> None:
    opened(screen).press("/alpha\rj\r")
    text = screen.wait_for("started ***")
    assert "alpha" in text.splitlines()[0]
    assert "\\x1b[31mred" in text
    [run] = installation.ask("history", "alpha")
    [log] = (installation.state_dir / "logs").glob(f"*/{run['id']}-1.log")
    with log.open("a") as file:
        file.write("more of it\n")
    screen.wait_for("more of it")
    assert "hunter2" not in screen.raw
    screen.press("q")
    screen.wait_for("Running  1 of 2")


def test_help_shows_the_keys_and_any_key_goes_back(screen: Screen) -> None:
    for key in ("?", "h", "\x1bOP"):
        opened(screen).press(key)
        screen.wait_for("SIGKILL now")
        screen.press("q")
        screen.wait_for("Running  2")


def test_space_freezes_the_screen_and_not_the_jobs(installation: Installation, screen: Screen) -> None:
    opened(screen).press(" ")
    screen.wait_for("frozen at")
    installation.call("cancel", "--job", "alpha")
    assert status_of(installation, "alpha") == "cancelled"
    screen.press("s")
    assert "Running  2, most mem first" in screen.wait_for("most mem first")
    screen.press(" ")
    screen.wait_for("Running  1, most mem first")


def test_a_daemon_may_come_and_go_while_it_is_open(installation: Installation, screen: Screen) -> None:
    opened(screen)
    installation.stop_daemons()
    screen.wait_for("no daemon is running")
    assert "Running  2" in screen.text
    installation.daemon()
    screen.wait_until(lambda seen: "daemon running" in seen and "no daemon" not in seen, "the new daemon is seen")
    assert "Running  2" in screen.text


def test_without_a_daemon_a_run_is_stopped_all_the_same(installation: Installation, screen: Screen) -> None:
    opened(screen)
    installation.stop_daemons()
    screen.wait_for("no daemon is running")
    screen.press("/alpha\rjcy")
    screen.wait_for("is being stopped")
    screen.wait_for("Running  0 of 1")
    assert status_of(installation, "alpha") == "cancelled"


def test_colours_come_by_the_terminal_and_not_where_they_are_unwanted(installation: Installation) -> None:
    for words, environment, wanted in (
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        (("--no-color",), {}, False),
    ):
        for screen in watched(installation, *words, **environment):
            opened(screen)
            assert ("\x1b[32m" in screen.raw) == wanted
            screen.press("q")
            assert screen.wait_for_the_end() == 0


def test_where_the_locale_has_no_other_signs_it_is_all_ascii(installation: Installation) -> None:
    for screen in watched(installation, LC_ALL="C"):
        assert "#" in opened(screen).text
        assert screen.raw.isascii()


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_terminal_that_cannot_be_drawn_on_gets_the_table(installation: Installation, terminal: str) -> None:
    for screen in watched(installation, TERM=terminal):
        assert screen.wait_for_the_end() == 0
        assert "RUN           JOB" in screen.raw
        assert "\x1b[?1049h" not in screen.raw


def test_a_terminal_that_is_closed_ends_it(installation: Installation) -> None:
    screen = Screen(installation.command("top"), 80, 24, installation.environment)
    opened(screen)
    os.close(screen.end)
    screen.hang_up()
    until(lambda: screen.process.poll() is not None, "it ends")
    assert screen.process.returncode == -signal.SIGHUP
