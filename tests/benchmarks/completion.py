"""What a TAB costs over ten thousand jobs, beside the shell that only starts.

`python -m tests.benchmarks.completion [--jobs 10000] [--repeat 5]`

A shell that somebody types into has read the script already, so what that costs is taken off. Times are CPU time, the
best of all repetitions, which the kernel counts in steps of 10 ms: hence a hundred TABs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.report import announce, table
from tests.benchmarks.verbs import best
from tests.end_to_end.installation import REPOSITORY, Installation

_SCRIPT = REPOSITORY / "completions" / "jobctl.bash"
_ONCE = f"source {_SCRIPT}; COMP_WORDS=(jobctl show job-0); COMP_CWORD=2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    wanted = parser.parse_args()
    announce(f"completion: {wanted.jobs} jobs")
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        installation.state_dir.mkdir()
        lines = (f"job\tjob-{number:05d}\n" for number in range(wanted.jobs))
        (installation.state_dir / "names").write_text("".join(lines))
        installation.environment["JOBCTL_STATE_DIR"] = str(installation.state_dir)
        _, loaded = best(["bash", "-c", _ONCE], installation, wanted.repeat)
        _, tabs = best(
            ["bash", "-c", f"{_ONCE}; for ((tab = 0; tab < 100; tab++)); do _jobctl 2>&1; done"],
            installation,
            wanted.repeat,
        )
    table(
        ("", "CPU"),
        [
            ("bash and the script", f"{abs(loaded):.0f} ms"),
            ("and a hundred TABs", f"{tabs:.0f} ms"),
            ("one TAB", f"{(tabs - loaded) / 100:.1f} ms"),
        ],
    )


if __name__ == "__main__":
    main()
