"""What a control group counts of one attempt, from files as the kernel writes them (cgroups(7), version 2): machines
whose controllers belong to version 1, as where containers run in old ways, have none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jobctl.process import tree
from jobctl.process.control_group import ControlGroup
from jobctl.process.group_use import GroupUse
from jobctl.process.meter import Meter

MB = 1_000_000
Group = Callable[..., None]


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Group:
    """Writes the files of the group; a peak of the group's life, as before Linux 6.12."""
    monkeypatch.setattr(GroupUse, "_forget_peak", lambda self: None)

    def counts(*, peak: int = 0, anon: int = 0, file: int = 0, shmem: int = 0, read: int = 0, cpu: int = 0) -> None:
        (tmp_path / "memory.peak").write_text(f"{peak * MB}\n")
        (tmp_path / "memory.stat").write_text(f"anon {anon * MB}\nfile {file * MB}\nshmem {shmem * MB}\n")
        (tmp_path / "io.stat").write_text(f"8:0 rbytes={read} wbytes=7 rios=1 wios=1\n9999:0 rbytes=5\n")
        (tmp_path / "cpu.stat").write_text(f"usage_usec {cpu * MB}\nuser_usec 1\n")

    return counts


def begun(folder: Path) -> GroupUse:
    use = GroupUse(str(folder))
    use.begin()
    return use


def test_all_is_counted_from_the_beginning_of_the_attempt(tmp_path: Path, kernel: Group) -> None:
    kernel(read=4096, cpu=3)
    use = begun(tmp_path)
    kernel(read=12_288, cpu=5)
    assert (use.cpu_seconds(), use.bytes_read()) == (2, 8192)


def test_the_peak_of_the_kernel_counts_without_what_caches_files(tmp_path: Path, kernel: Group) -> None:
    kernel(peak=10)
    use = begun(tmp_path)
    kernel(peak=900, anon=50, file=700, shmem=20)
    assert use.memory() == 70 * MB
    kernel(peak=900, file=100)
    assert use.peak_memory() == 220 * MB, "the most that was ever seen to be cached is taken off"


def test_a_peak_of_an_earlier_attempt_is_not_that_of_this_one(tmp_path: Path, kernel: Group) -> None:
    kernel(peak=900)
    use = begun(tmp_path)
    kernel(peak=900, anon=50)
    assert use.peak_memory() is None


def test_without_controllers_nothing_is_known(tmp_path: Path) -> None:
    use = begun(tmp_path)
    assert (use.cpu_seconds(), use.memory(), use.peak_memory(), use.bytes_read()) == (None, None, None, None)
    use.close()


def test_an_attempt_tells_of_what_happened_between_two_looks(
    tmp_path: Path, kernel: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "descendants", lambda pid: [])  # of the process that runs the tests
    kernel()
    meter = Meter(ControlGroup(str(tmp_path)))
    meter.open()
    meter.begin(0.0)
    kernel(peak=300, anon=40, read=8192, cpu=2)
    assert meter.look(1.0)
    assert (meter.peak_memory, meter.memory_now) == (40 * MB, 40 * MB)
    kernel(peak=500, read=16_384, cpu=4)
    meter.close()
    assert (meter.peak_memory, meter.cpu_seconds) == (500 * MB, 4.0)
    assert meter.moved[0] == 16_384


def test_the_kernel_is_asked_to_let_the_peak_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "memory.peak").write_text("900000000\n")
    use = begun(tmp_path)
    assert (tmp_path / "memory.peak").read_text().startswith("reset")
    use.close()
    use.close()
