"""Where a control group was delegated, a job has one of its own: nobody leaves it, and all of it is killed at once."""

from __future__ import annotations

import os
import pwd
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.process import record, recovery_view
from jobctl.process.pool import Pool
from jobctl.process.recovery_view import Fate, Finding, inspect
from jobctl.process.reports import Died, Ended
from jobctl.process.spec import AttemptSpec, Owner
from tests.process.conftest import CLEAN_ENV, Bench, is_alive, wait_until
from tests.process.delegated import delegated_group
from tests.process.test_stop import FLEEING

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make control groups everywhere"),
]

# A process that nobody can find by its parents, its session or its environment.
HIDDEN = """\
import os, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
open('{pid}.new', 'w').write(str(os.getpid()))
os.rename('{pid}.new', '{pid}')
time.sleep(60)
"""


@pytest.fixture
def base() -> Iterator[Path]:
    with delegated_group() as group:
        yield group


@pytest.fixture
def grouped(bench: Bench, base: Path) -> Bench:
    """A bench whose keepers give their jobs control groups."""
    bench.pool.close()
    bench.pool = Pool(bench.keepers_dir, control_group=str(base))
    return bench


def group_of(base: Path, keeper: str) -> Path:
    return base / f"jobctl-{keeper}"


def hiding(bench: Bench, then: str) -> AttemptSpec:
    """An attempt that leaves a hidden process behind and goes on with `then`."""
    program = bench.directory / "hide.py"
    program.write_text(HIDDEN.format(pid=bench.directory / "hidden"))
    run_id = os.urandom(6).hex()
    env = CLEAN_ENV | {"JOBCTL_RUN_ID": run_id, "JOBCTL_ATTEMPT": "1"}
    return bench.shell(f"env -i {sys.executable} -IS {program}; {then}", env=env)._replace(run_id=run_id)


def kill_keeper(bench: Bench, keeper: str) -> None:
    os.kill(bench.keeper_pid(keeper), signal.SIGKILL)
    wait_until(lambda: not record.is_locked(bench.keepers_dir / keeper), "the keeper's lock to be free")


@pytest.mark.parametrize("uid", [0, pwd.getpwnam("nobody").pw_uid])
def test_a_job_is_in_the_group_of_its_keeper_and_the_keeper_is_not(uid: int, grouped: Bench, base: Path) -> None:
    owner = None if uid == 0 else Owner(uid, uid, ())
    keeper = grouped.launch(grouped.shell("cat /proc/self/cgroup", owner=owner))
    assert grouped.next_report(Ended).end.exit_code == 0
    (path,) = [line for line in grouped.output().splitlines() if line.startswith("0::")]
    assert path.endswith(f"/{base.name}/jobctl-{keeper}")
    assert base.name not in Path(f"/proc/{grouped.keeper_pid(keeper)}/cgroup").read_text()


def test_a_keeper_without_a_job_makes_no_group_and_one_that_leaves_takes_its_own_along(
    grouped: Bench, base: Path
) -> None:
    keeper = grouped.pool.reserve()
    assert not group_of(base, keeper).exists()
    grouped.pool.release(keeper)
    assert grouped.run_shell("exit 3").exit_code == 3
    assert group_of(base, keeper).exists()
    grouped.pool.close()
    wait_until(lambda: not group_of(base, keeper).exists(), "the group to go with its keeper")
    grouped.pool = Pool(grouped.keepers_dir)


def test_a_stop_reaches_whoever_hides(grouped: Bench) -> None:
    keeper = grouped.launch(hiding(grouped, "exec sleep 60"))
    hidden = grouped.pid_in("hidden")
    grouped.pool.stop(keeper, signal.SIGTERM, 5)
    assert grouped.next_report(Ended).end.stopped
    assert not is_alive(hidden)


def test_a_stop_reaches_whoever_joined_the_group_from_elsewhere(grouped: Bench, base: Path) -> None:
    keeper = grouped.launch_and_see_it_run(grouped.shell("exec sleep 60"))
    stranger = os.posix_spawn("/bin/sleep", ["sleep", "60"], {})
    (group_of(base, keeper) / "cgroup.procs").write_text(str(stranger))
    grouped.pool.stop(keeper, signal.SIGTERM, 5)
    grouped.next_report(Ended)
    assert os.waitstatus_to_exitcode(os.waitpid(stranger, 0)[1]) == -signal.SIGTERM


def test_a_tree_that_flees_by_forking_dies_in_one_stroke(grouped: Bench, base: Path) -> None:
    keeper = grouped.launch(
        grouped.shell(f'{sys.executable} -IS -c "{FLEEING}" & echo $! > {grouped.directory}/up; sleep 60')
    )
    grouped.pid_in("up")
    grouped.pool.stop(keeper, signal.SIGKILL, 0)
    assert grouped.next_report(Ended).end.stopped
    assert (group_of(base, keeper) / "cgroup.procs").read_text() == ""


def test_whoever_hides_is_found_after_the_death_of_the_keeper_and_can_be_stopped(grouped: Bench) -> None:
    spec = hiding(grouped, "exec sleep 60")
    keeper = grouped.launch(spec)
    hidden = grouped.pid_in("hidden")
    kill_keeper(grouped, keeper)
    assert grouped.next_report(Died).token == spec.token
    words = (grouped.keepers_dir, keeper, spec.token, spec.run_id, 1)
    (main,) = set(inspect(*words).pids) - {hidden}
    os.kill(main, signal.SIGKILL)
    wait_until(lambda: not is_alive(main), "the death of the main process")
    assert inspect(*words) == Finding(Fate.UNSUPERVISED, pids=(hidden,))
    assert recovery_view.stop_unsupervised(*words, signal.SIGTERM) == 1
    wait_until(lambda: inspect(*words).fate is Fate.LOST, "the end of the last process")
    assert not is_alive(hidden)


def test_without_a_group_it_would_not_be_found(bench: Bench) -> None:
    spec = hiding(bench, "exec sleep 60")
    keeper = bench.launch(spec)
    hidden = bench.pid_in("hidden")
    kill_keeper(bench, keeper)
    words = (bench.keepers_dir, keeper, spec.token, spec.run_id, 1)
    (main,) = inspect(*words).pids
    for pid in (main, hidden):
        os.kill(pid, signal.SIGKILL)
    assert main != hidden


def test_the_group_of_the_attempt_before_is_not_asked_for_the_next_one(grouped: Bench) -> None:
    spec = hiding(grouped, "exec sleep 60")
    keeper = grouped.launch(spec)
    grouped.pid_in("hidden")
    kill_keeper(grouped, keeper)
    assert inspect(grouped.keepers_dir, keeper, os.urandom(16), "another", 1) == Finding(Fate.NEVER_STARTED)


def test_a_run_that_left_something_behind_has_ended_and_its_group_goes_when_that_has(
    grouped: Bench, base: Path
) -> None:
    first = grouped.launch(hiding(grouped, "exit 4"))
    hidden = grouped.pid_in("hidden")
    assert grouped.next_report(Ended).end.exit_code == 4
    grouped.pool.settled(first)
    assert is_alive(hidden)
    wait_until(lambda: not record.is_locked(grouped.keepers_dir / first), "the keeper to leave")
    grouped.pool.receive(0)
    assert group_of(base, first).exists()
    os.kill(hidden, signal.SIGKILL)
    wait_until(lambda: not is_alive(hidden), "its death")
    second = grouped.launch_and_see_it_run(grouped.shell("exec sleep 60"))
    kill_keeper(grouped, second)
    grouped.next_report(Died)
    grouped.pool.settled(second)
    assert not group_of(base, first).exists()


def test_recovery_removes_the_groups_of_keepers_that_are_gone_and_no_others(grouped: Bench, base: Path) -> None:
    gone = grouped.launch_and_see_it_run(grouped.shell("exec sleep 60"))
    busy = grouped.launch_and_see_it_run(grouped.shell("exec sleep 60"))
    kill_keeper(grouped, gone)
    (group_of(base, gone) / "cgroup.kill").write_text("1")
    wait_until(lambda: not (group_of(base, gone) / "cgroup.procs").read_text(), "nobody in the group")
    strange = base / "of-somebody-else"
    strange.mkdir()
    assert recovery_view.collect(grouped.keepers_dir, (), str(base)) == [gone]
    assert [path.name for path in sorted(base.iterdir()) if path.is_dir()] == [f"jobctl-{busy}", strange.name]


@pytest.mark.parametrize("place", ["/nonexistent/group", "/proc/self", "/" + "long" * 200, "an ordinary folder"])
def test_a_group_that_cannot_be_made_keeps_no_job_from_running(place: str, bench: Bench) -> None:
    bench.pool.close()
    (bench.directory / "an ordinary folder").mkdir()
    bench.pool = Pool(bench.keepers_dir, control_group=str(bench.directory / place))
    assert bench.run_shell("echo well; exit 3").exit_code == 3
    assert bench.output() == "well\n"
