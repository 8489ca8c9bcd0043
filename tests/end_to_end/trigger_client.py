"""A client that triggers runs as `jobctl run --detach` does, without a new interpreter for each.

`trigger_client.py CONFIG STATE_DIR JOB,JOB,… COUNT INTERVAL_SECONDS`: prints `RUN JOB` after each acknowledged run.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

from jobctl.domain.run_id import to_text
from jobctl.operations.trigger import trigger
from jobctl.wiring import open_context


def main() -> None:
    config, state_dir, jobs, count, interval = sys.argv[1:]
    context = open_context(Path(config), Path(state_dir))
    for job in itertools.islice(itertools.cycle(jobs.split(",")), int(count)):
        (run,) = trigger(context, [job])
        os.write(1, f"{to_text(run)} {job}\n".encode())
        time.sleep(float(interval))
    context.close()


if __name__ == "__main__":
    main()
