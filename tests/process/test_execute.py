"""What a job finds when it starts (SEMANTICS 2.8), on both ways to exec: spawned, and forked for special wishes."""

from __future__ import annotations

import os
import pwd
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from jobctl.process import signals
from jobctl.process.spec import Owner
from tests.process.conftest import Bench

NOBODY = pwd.getpwnam("nobody")
AS_NOBODY = Owner(NOBODY.pw_uid, NOBODY.pw_gid, (NOBODY.pw_gid, 12345))
WAYS = pytest.mark.parametrize("options", [{}, {"nice": 0}], ids=["spawned", "forked"])
# 32 and 33 are the C library's own: glibc leaves them ignored in whatever its posix_spawn starts, and takes them
# back when it needs them.
C_LIBRARY_SIGNALS = 0b11 << 31
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def status(bench: Bench, **options: Any) -> dict[str, str]:
    """/proc/self/status as a job without a shell in between sees it."""
    bench.run(bench.spec("/bin/cat", "/proc/self/status", **options))
    return dict(line.split(":\t", 1) for line in bench.output().splitlines())


@WAYS
def test_every_signal_is_at_its_default_and_none_is_blocked(bench: Bench, options: dict[str, Any]) -> None:
    found = status(bench, **options)
    for mask in ("SigBlk", "SigIgn", "SigCgt"):
        assert int(found[mask], 16) & ~C_LIBRARY_SIGNALS == 0, mask


def test_all_signals_are_named_to_a_spawn_but_those_that_cannot_be_handled() -> None:
    """The C library asks for each that is not named how it is handled."""
    assert set(signals.ALL) == signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


@WAYS
def test_no_descriptor_is_open_but_the_first_three(bench: Bench, options: dict[str, Any]) -> None:
    inherited = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    try:
        bench.run(bench.spec("/bin/ls", "-l", "/proc/self/fd", **options))
    finally:
        os.close(inherited)
    targets = [line.split(" -> ")[1] for line in bench.output().splitlines() if " -> " in line]
    assert targets[:3] == ["/dev/null", str(bench.log), str(bench.log)]
    assert len(targets) == 4  # the fourth is the folder that ls reads
    assert targets[3].endswith("/fd")


@WAYS
def test_the_environment_is_exactly_the_given_one(
    bench: Bench, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_FAILPOINT", "none")
    given = {"PATH": "/bin", "EMPTY": "", "UMLAUT": "ä", "RAW": "\udcff"}
    bench.run(bench.spec("/usr/bin/env", "-0", env=given, **options))
    found = dict(entry.split(b"=", 1) for entry in bench.log.read_bytes().split(b"\0") if entry)
    assert found == {b"PATH": b"/bin", b"EMPTY": b"", b"UMLAUT": "ä".encode(), b"RAW": b"\xff"}


@WAYS
def test_a_job_leads_a_session_of_its_own(bench: Bench, options: dict[str, Any]) -> None:
    end = bench.run(bench.spec(sys.executable, "-ISc", "import os; print(os.getsid(0), os.getpgrp())", **options))
    assert bench.output() == f"{end.pid} {end.pid}\n"


@WAYS
def test_folder_and_umask_are_as_told_and_do_not_stick_to_the_keeper(bench: Bench, options: dict[str, Any]) -> None:
    bench.run_shell("pwd; umask", cwd="/usr", umask=0o027, **options)
    assert bench.output() == "/usr\n0027\n"
    own = os.umask(0)
    os.umask(own)
    bench.run_shell("pwd; umask", cwd="/", log_path=str(bench.log) + "2", **options)
    assert Path(str(bench.log) + "2").read_text() == f"/\n{own:04o}\n"


def test_limits_hold(bench: Bench) -> None:
    limits = ((resource.RLIMIT_NOFILE, 77, 77), (resource.RLIMIT_AS, 1 << 30, 1 << 30))
    bench.run_shell("ulimit -n; ulimit -v", rlimits=limits)
    assert bench.output() == f"77\n{(1 << 30) // 1024}\n"


def test_the_cpu_limit_ends_a_job_that_burns(bench: Bench) -> None:
    end = bench.run_shell("while :; do :; done", rlimits=((resource.RLIMIT_CPU, 1, 6),))
    assert end.signal == 24  # SIGXCPU


def test_niceness_is_absolute(bench: Bench) -> None:
    bench.run_shell("nice", nice=7)
    assert bench.output() == "7\n"


def test_stdin_is_empty_unless_given(bench: Bench) -> None:
    bench.run_shell("cat; echo end")
    assert bench.output() == "end\n"


def test_stdin_may_be_larger_than_any_pipe(bench: Bench) -> None:
    bench.run_shell("wc -c", stdin=b"x" * 5_000_000)
    assert bench.output().strip() == "5000000"


@WAYS
def test_the_log_belongs_to_nobody_else(bench: Bench, options: dict[str, Any]) -> None:
    bench.run_shell("echo hello; echo error >&2", **options)
    assert bench.output() == "hello\nerror\n"
    assert bench.log.stat().st_mode & 0o777 == 0o600


def test_a_failed_step_before_exec_is_named(bench: Bench) -> None:
    end = bench.run_shell("true", rlimits=((resource.RLIMIT_NOFILE, 20, 10),))
    assert end.exit_code == 126
    assert end.error is not None
    assert end.error.startswith("cannot set its limits")


@pytest.mark.root
@needs_root
def test_another_user_is_taken_on_completely(bench: Bench) -> None:
    found = status(bench, owner=AS_NOBODY)
    assert found["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    assert found["Gid"].split() == [str(NOBODY.pw_gid)] * 4
    assert set(found["Groups"].split()) == {str(NOBODY.pw_gid), "12345"}


@pytest.mark.root
@needs_root
def test_another_user_has_no_capability_left(bench: Bench) -> None:
    found = status(bench, owner=AS_NOBODY)
    assert {int(found[name], 16) for name in ("CapPrm", "CapEff", "CapInh")} == {0}


@pytest.mark.root
@needs_root
def test_another_user_can_reopen_its_own_output(bench: Bench) -> None:
    end = bench.run_shell("echo again > /dev/stderr", owner=AS_NOBODY)
    assert (end.exit_code, bench.output()) == (0, "again\n")


@pytest.mark.root
@needs_root
def test_another_user_cannot_enter_what_only_root_may(bench: Bench) -> None:
    closed = bench.directory / "closed"
    closed.mkdir(mode=0o700)
    end = bench.run_shell("true", owner=AS_NOBODY, cwd=str(closed))
    assert end.exit_code == 126
    assert end.error is not None
    assert "cannot enter" in end.error


def test_all_signals_are_held_back_and_let_in_without_a_warning() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signals.hold_back()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        signals.let_in()
        let_in = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert held == signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
    assert let_in == set()
