"""What it takes to act on a whole queue: `cancel --queued`, `retry` of what that withdrew, and JSON of it all.

`python -m tests.benchmarks.selection [--runs 120000]`

Memory is the highest resident set of the command, beside that of the same command with nothing to do. A run that is
walked past in slices leaves its id behind, some 130 bytes; one that is held takes six times that.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.enqueue import call
from tests.benchmarks.report import announce, mib, table
from tests.end_to_end.installation import Installation

_JOBS = '[jobs.letter]\ncommand = ["true"]\n'
_ACTS = (("cancel", "--queued"), ("retry", "--status", "cancelled"), ("cancel", "--queued", "--json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=120_000)
    wanted = parser.parse_args()
    announce(f"selection: {wanted.runs} waiting runs")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        installation = Installation(folder)
        installation.write_jobs(_JOBS)
        rows = [_measured(installation, act, 0) for act in _ACTS[:1]]
        (folder / "lines").write_text("{}\n" * wanted.runs)
        call(installation.command("enqueue", "-q", "letter", "--from", str(folder / "lines")), installation)
        rows += [_measured(installation, act, wanted.runs) for act in _ACTS]
        table(("", "runs", "wall", "CPU", "memory"), rows)


def _measured(installation: Installation, act: tuple[str, ...], runs: int) -> tuple[str, ...]:
    done = call(installation.command("-q", *act), installation)
    return " ".join(act), f"{runs:,}", f"{done.wall:.1f} s", f"{done.cpu:.1f} s", mib(done.memory)


if __name__ == "__main__":
    main()
