"""`execute_run.py CONFIG STATE_DIR RUN`: executes a queued run without a daemon, until it ends or is killed itself."""

from __future__ import annotations

import sys
from pathlib import Path

from jobctl.operations.definitions import load_configuration
from jobctl.operations.foreground import Foreground
from jobctl.wiring import open_context
from tests.operations.site import Silent


def main() -> None:
    config, state_dir, run_id = sys.argv[1:]
    ctx = open_context(Path(config), Path(state_dir))
    foreground = Foreground(ctx, load_configuration(ctx))
    foreground.execute(int(run_id), Silent())
    foreground.close()


if __name__ == "__main__":
    main()
