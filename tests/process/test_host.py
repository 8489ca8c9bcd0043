"""What the kernel says of the machine."""

from __future__ import annotations

import os

from jobctl.process.host import host_load, memory


def test_the_load_and_the_memory_are_those_of_the_machine() -> None:
    found = host_load()
    assert found.load >= 0
    assert found.memory_free is not None
    assert 0 < found.memory_free <= memory()["MemTotal"]
    assert abs(memory()["MemTotal"] - os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) < 2**20
