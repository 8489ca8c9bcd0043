"""Stopping takes the whole tree, politely first; a run that ends by itself leaves its daemons alone."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from jobctl.process import record
from jobctl.process.reports import Ended
from tests.process.conftest import Bench, is_alive, wait_until

# Deaf to SIGTERM, with a child of the same kind in a session of its own, whose child again has one.
STUBBORN_TREE = """
trap '' TERM
echo $$ > {d}/first
setsid sh -c 'trap "" TERM; echo $$ > {d}/second; setsid sh -c "trap \\"\\" TERM; echo \\$\\$ > {d}/third;
while :; do sleep 1; done"; while :; do sleep 1; done' &
while :; do sleep 1; done
"""
FLEEING = """
import os, time
for _ in range(4):
    if not os.fork():
        break
while True:
    time.sleep(0.005)
    if os.fork():
        os._exit(0)
"""
DOUBLE_FORK = "import os,time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"


def stubborn_tree(bench: Bench) -> str:
    return STUBBORN_TREE.format(d=bench.directory)


def tree_of(bench: Bench) -> list[int]:
    return [bench.pid_in(name) for name in ("first", "second", "third")]


def test_a_timeout_ends_a_job_with_sigterm(bench: Bench) -> None:
    end = bench.run_shell("exec sleep 60", timeout=0.2)
    assert (end.timed_out, end.stopped, end.signal) == (True, False, signal.SIGTERM)


def test_a_job_may_use_its_grace_to_end_as_it_likes(bench: Bench) -> None:
    end = bench.run_shell("trap 'echo cleaned; exit 5' TERM; echo up; sleep 60 & wait", timeout=0.3, grace=10)
    assert (end.timed_out, end.exit_code, end.signal) == (True, 5, None)
    assert bench.output() == "up\ncleaned\n"


def test_a_timeout_kills_a_deaf_tree_to_its_last_member(bench: Bench) -> None:
    keeper = bench.launch(bench.shell(stubborn_tree(bench), timeout=1.5, grace=0.2))
    pids = tree_of(bench)
    end = bench.next_report(Ended).end
    assert (end.timed_out, end.signal) == (True, signal.SIGKILL)
    assert [pid for pid in pids if is_alive(pid)] == []
    bench.pool.settled(keeper)


def test_a_stop_ends_the_tree_and_is_marked_as_asked_for(bench: Bench) -> None:
    keeper = bench.launch(bench.shell(stubborn_tree(bench)))
    pids = tree_of(bench)
    bench.pool.stop(keeper, signal.SIGTERM, 0.2)
    end = bench.next_report(Ended).end
    assert (end.stopped, end.timed_out) == (True, False)
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_stop_reaches_whoever_left_session_and_parent(bench: Bench) -> None:
    script = DOUBLE_FORK + f"open('{bench.directory}/daemon','w').write(str(os.getpid()))\ntime.sleep(60)"
    keeper = bench.launch(bench.shell(f'{sys.executable} -S -c "{script}"; sleep 60'))
    daemon = bench.pid_in("daemon")
    bench.pool.stop(keeper, signal.SIGTERM, 5)
    assert bench.next_report(Ended).end.stopped
    assert not is_alive(daemon)


def test_a_second_stop_with_sigkill_does_not_wait_for_the_grace(bench: Bench) -> None:
    keeper = bench.launch(bench.shell(stubborn_tree(bench)))
    tree_of(bench)
    bench.pool.stop(keeper, signal.SIGTERM, 3600)
    bench.pool.stop(keeper, signal.SIGKILL, 0)
    assert bench.next_report(Ended).end.signal == signal.SIGKILL


def test_a_stop_may_use_another_signal(bench: Bench) -> None:
    keeper = bench.launch(bench.shell(f"trap 'exit 9' INT; echo up > {bench.directory}/up; sleep 60 & wait"))
    wait_until((bench.directory / "up").exists, "the trap")
    bench.pool.stop(keeper, signal.SIGINT, 0.3)  # the shell makes its background child deaf to SIGINT
    end = bench.next_report(Ended).end
    assert (end.exit_code, end.stopped) == (9, True)


def test_a_tree_that_flees_by_forking_is_overtaken(bench: Bench) -> None:
    # Each process lives 5 ms and leaves a successor: a steady number, of which no walk ever sees all.
    keeper = bench.launch(
        bench.shell(f'{sys.executable} -IS -c "{FLEEING}" & echo $! > {bench.directory}/up; sleep 60')
    )
    bench.pid_in("up")
    bench.pool.stop(keeper, signal.SIGKILL, 0)
    assert bench.next_report(Ended).end.stopped
    assert record.read(bench.keepers_dir / keeper).end is not None
    bench.pool.settled(keeper)
    assert bench.pool.reserve() == keeper  # nobody was left behind


def test_a_run_ends_with_its_main_process_whoever_holds_its_output(bench: Bench) -> None:
    end = bench.run_shell(f"setsid sleep 60 & echo $! > {bench.directory}/left; exit 4")
    left = bench.pid_in("left")
    assert end.exit_code == 4
    assert is_alive(left)
    os.kill(left, signal.SIGKILL)


def test_a_keeper_with_leftovers_takes_no_further_attempt(bench: Bench) -> None:
    # Otherwise stopping the second run would take the daemon of the first with it.
    first = bench.launch(bench.shell(f"sleep 60 & echo $! > {bench.directory}/left"))
    bench.next_report(Ended)
    bench.pool.settled(first)
    left = bench.pid_in("left")
    second = bench.launch(bench.shell("exec sleep 60"))
    bench.pool.stop(second, signal.SIGKILL, 0)
    bench.next_report(Ended)
    assert second != first
    assert is_alive(left)
    os.kill(left, signal.SIGKILL)


def test_orphans_are_reaped_while_the_job_runs(bench: Bench) -> None:
    keeper = bench.launch_and_see_it_run(
        bench.shell(f"(sleep 0.01 & echo $! > {bench.directory}/orphan); exec sleep 60")
    )
    orphan = bench.pid_in("orphan")
    wait_until(lambda: not Path(f"/proc/{orphan}").exists(), "the orphan to be reaped")
    bench.pool.stop(keeper, signal.SIGKILL, 0)
    bench.next_report(Ended)


def test_sigterm_to_a_keeper_stops_its_job_and_records_that(bench: Bench) -> None:
    spec = bench.shell("exec sleep 60")
    keeper = bench.launch_and_see_it_run(spec)
    path = bench.keepers_dir / keeper
    os.kill(bench.keeper_pid(keeper), signal.SIGTERM)
    end = bench.next_report(Ended).end
    assert (end.stopped, end.signal) == (True, signal.SIGTERM)
    wait_until(lambda: not record.is_locked(path), "the keeper to leave")
    assert record.read(path).end == end


def test_signals_that_are_meant_for_everybody_do_not_harm_a_keeper(bench: Bench) -> None:
    keeper = bench.launch_and_see_it_run(bench.shell("exec sleep 0.3"))
    keeper_pid = bench.keeper_pid(keeper)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGUSR1):
        os.kill(keeper_pid, number)
    end = bench.next_report(Ended).end
    assert (end.exit_code, end.stopped) == (0, False)
