"""What `jobctl exec` adds to a command, beside the command run bare and beside `jobctl --version`.

`python -m tests.benchmarks.exec [--repeat 20] [--megabytes 200]`

The calls take turns. Times are the CPU of the call and the wall time, of the best of all repetitions; the throughput is
that of bytes that pass through while a log keeps head and tail of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.report import announce, table
from tests.end_to_end.installation import Installation


def once(installation: Installation, command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds on the wall and of CPU. The keeper is nobody's child here: its own share is not in it."""
    before, began = os.times(), time.monotonic()
    subprocess.run(
        command, env=installation.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True
    )
    wall, after = time.monotonic() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return 1000 * wall, 1000 * cpu


def best_of(installation: Installation, commands: Mapping[str, Sequence[str]], repeat: int) -> dict[str, list[float]]:
    """The least wall and CPU time of each command."""
    found: dict[str, list[float]] = {name: [float("inf")] * 2 for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            found[name] = [min(pair) for pair in zip(found[name], once(installation, command), strict=True)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=200)
    wanted = parser.parse_args()
    announce(f"exec: best of {wanted.repeat}")
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        installation.write_jobs('[jobs.known]\ncommand = "true"\n')
        recorded = installation.command("exec", "--name", "known", "--")
        try:
            _starts(installation, recorded, wanted.repeat)
            _bytes(installation, recorded, wanted.megabytes)
        finally:
            installation.close()


def _starts(installation: Installation, recorded: Sequence[str], repeat: int) -> None:
    commands = {
        "/bin/true, bare": ["/bin/true"],
        "jobctl --version": [*installation.command()[:4], "--version"],
        "jobctl exec -- /bin/true": [*recorded, "/bin/true"],
        "the same by typer": [*installation.command("exec", "--name=known", "--"), "/bin/true"],
    }
    found = best_of(installation, commands, repeat)
    bare = found["/bin/true, bare"]
    rows = [
        (name, f"{wall:.1f} ms", f"{cpu:.1f} ms", f"+{wall - bare[0]:.1f} ms", f"+{cpu - bare[1]:.1f} ms")
        for name, (wall, cpu) in found.items()
    ]
    table(("", "wall", "CPU", "wall over bare", "CPU over bare"), rows)


def _bytes(installation: Installation, recorded: Sequence[str], megabytes: int) -> None:
    copy = ["head", "-c", f"{megabytes}M", "/dev/zero"]
    found = best_of(installation, {"bare": copy, "jobctl exec": [*recorded, *copy]}, 3)
    rows = [
        (name, f"{wall:.0f} ms", f"{cpu:.0f} ms", f"{wall / found['bare'][0]:.1f}")
        for name, (wall, cpu) in found.items()
    ]
    table((f"{megabytes} MB to /dev/null", "wall", "CPU", "to bare"), rows)


if __name__ == "__main__":
    main()
