"""Which control group is ours: what systemd or the owner delegated, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobctl.process.delegation import delegated_group as ask
from jobctl.process.delegation import hand_on_controllers
from tests.process.delegated import delegated_group, mounted

Proc = Callable[..., Path]
V1 = "12:pids:/system.slice/jobctl.service\n1:name=systemd:/system.slice/jobctl.service\n"


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    """A process as /proc shows it."""

    def make(path: str | None, mounts: str) -> Path:
        (tmp_path / "cgroup").write_text(V1 + (f"0::{path}\n" if path is not None else ""))
        (tmp_path / "mountinfo").write_text("25 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + mounts)
        return tmp_path

    return make


def mount(root: str, at: Path) -> str:
    return f"41 31 0:38 {root} {at} rw,relatime shared:9 - cgroup2 cgroup2 rw\n"


@pytest.fixture
def group() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may make control groups everywhere")
    with delegated_group() as made:
        yield made


def test_without_version_2_there_is_none(proc: Proc) -> None:
    assert ask(proc(None, "")) is None
    assert ask(proc("/", "")) is None
    assert ask(Path("/nonexistent")) is None


@pytest.mark.root
@pytest.mark.parametrize("root", ["/", "/container/of/ours"])
def test_a_group_with_the_mark_of_systemd_is_ours(root: str, proc: Proc, group: Path) -> None:
    path = f"{root.rstrip('/')}/{group.name}"
    assert ask(proc(path, mount(root, mounted()))) == str(group)
    assert ask(proc(f"/elsewhere/{group.name}", mount("/container/of/ours", mounted()))) is None


@pytest.mark.root
def test_one_that_is_marked_otherwise_or_not_at_all_is_not(proc: Proc, group: Path) -> None:
    here = proc(f"/{group.name}", mount("/", mounted()))
    os.setxattr(group, "user.delegate", b"0")
    assert ask(here) is None
    os.setxattr(group, "trusted.delegate", b"1")
    assert ask(here) == str(group)
    os.removexattr(group, "trusted.delegate")
    os.removexattr(group, "user.delegate")
    assert ask(here) is None


@pytest.mark.root
def test_below_a_delegated_one_the_daemon_may_be_in_a_group_of_its_own(proc: Proc, group: Path) -> None:
    (group / "daemon").mkdir()
    assert ask(proc(f"/{group.name}/daemon", mount("/", mounted()))) == str(group)
    (group / "daemon" / "deeper").mkdir()
    assert ask(proc(f"/{group.name}/daemon/deeper", mount("/", mounted()))) is None


@pytest.mark.root
def test_what_belongs_to_the_user_of_the_daemon_is_ours_unless_that_is_root(
    proc: Proc, group: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = proc(f"/{group.name}", mount("/", mounted()))
    os.removexattr(group, "user.delegate")
    assert ask(here) is None
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert ask(here) is None
    os.chown(group, 4711, -1)
    assert ask(here) == str(group)


@pytest.mark.root
@pytest.mark.parametrize(
    ("own", "ours"),
    [
        ("jobctl.service/daemon", "jobctl.service"),
        ("jobctl.service", "jobctl.service"),
        ("app.slice/terminal.scope", "app.slice/terminal.scope"),
        ("user@4711.service/init.scope", "user@4711.service/init.scope"),
        ("app.slice/daemon", "app.slice/daemon"),
    ],
)
def test_of_what_the_manager_of_a_user_made_the_group_of_the_unit_is_ours(
    own: str, ours: str, proc: Proc, group: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.removexattr(group, "user.delegate")
    (group / own).mkdir(parents=True)
    for made in (group, (group / own).parent, group / own):
        os.chown(made, 4711, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert ask(proc(f"/{group.name}/{own}", mount("/", mounted()))) == str(group / ours)


def test_controllers_that_the_kernel_does_not_hand_on_are_done_without(tmp_path: Path) -> None:
    hand_on_controllers(str(tmp_path / "nowhere"))
    control = tmp_path / "cgroup.subtree_control"
    control.mkdir()
    hand_on_controllers(str(tmp_path))
    control.rmdir()
    control.write_text("")
    hand_on_controllers(str(tmp_path))
    assert control.read_text() == "+io"  # of a file that keeps one line, what was written last
