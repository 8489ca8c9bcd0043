"""What a job pays for each `jobctl progress`, beside the bare interpreter and `jobctl --version`.

`python -m tests.benchmarks.progress [--repeat 25]`

The first call of an attempt asks the store whether the attempt runs; every later one only writes a line. Times are the
wall and the CPU time of the best of all repetitions.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from jobctl.domain.run_id import prefix_range
from jobctl.process import progress_file
from jobctl.wiring import open_context
from tests.benchmarks.report import announce, table
from tests.benchmarks.verbs import best
from tests.end_to_end.installation import Installation

_JOBCTL = [sys.executable, "-P", "-m", "jobctl"]


def running(installation: Installation) -> str:
    """The id of a run whose first attempt has begun, with the environment of its job taken on."""
    installation.write_jobs('[jobs.long]\ncommand = "true"\n')
    run = installation.call("run", "--detach", "long").stdout.strip()
    ids = prefix_range(run)
    assert ids is not None
    context = open_context(installation.jobs_file, installation.state_dir)
    context.store.attempts.begin(ids.start, bytes(16), "keeper", context.clock.now())
    context.close()
    (installation.state_dir / "results").mkdir()
    state = {"JOBCTL_STATE_DIR": str(installation.state_dir), "JOBCTL_CONFIG": str(installation.jobs_file)}
    installation.environment |= {**state, "JOBCTL_RUN_ID": run, "JOBCTL_ATTEMPT": "1"}
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=25)
    repeat = parser.parse_args().repeat
    announce("progress: one call")
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        run = running(installation)
        file = Path(progress_file.path_of(installation.state_dir, run, 1, foreign=False))
        say = [*_JOBCTL, "progress", "40", "--message", "indexing"]
        calls = {
            "python -P -c pass": best([sys.executable, "-P", "-c", "pass"], installation, repeat),
            "jobctl --version": best([*_JOBCTL, "--version"], installation, repeat),
            "the first progress": min(_first(say, file, installation) for _ in range(repeat)),
            "progress": best(say, installation, repeat),
        }
    bare = calls["python -P -c pass"][0]
    rows = [(name, f"{wall:.0f} ms", f"{cpu:.0f} ms", f"{wall / bare:.1f}") for name, (wall, cpu) in calls.items()]
    table(("", "wall", "CPU", "to bare Python"), rows)


def _first(say: list[str], file: Path, installation: Installation) -> tuple[float, float]:
    file.unlink(missing_ok=True)
    return best(say, installation, 1)


if __name__ == "__main__":
    main()
