"""The file that `jobctl init` writes."""

from __future__ import annotations

_TEXT = """\
# The jobs of this machine. `jobctl check` tells whether the file is right, `jobctl reload` makes the daemon take it.
# Durations: "90s" "15m" "2h" "1d12h"; sizes: "64KB" "1.5GB".

[daemon]
# timezone = "Europe/Berlin"     # of the schedules; the machine's when left out
max_concurrent = 4               # attempts at once

[defaults]                       # any key of a job, for all jobs that do not set it
timeout = "1h"                   # an attempt that runs longer is stopped

[jobs.hello]
command = "echo hello from $JOBCTL_JOB, run $JOBCTL_RUN_ID"    # a string goes to /bin/sh -c
description = "Proof of life: `jobctl run hello`, `jobctl logs hello`"
schedule = "*/5 * * * *"         # minute hour day-of-month month day-of-week, or "hourly", "daily" …

[jobs.disk-report]
command = ["df", "-h"]           # a list is executed as it is, without a shell
description = "What is mounted and how full it is"
schedule = "daily"
spread = "10m"                   # not everything at midnight: each job has its own, stable delay
catch_up = "once"                # after a time without the daemon: one run for what was missed
retries = 2                      # attempts after the first, with growing delays
retry_delay = "30s"
"""


def starter_text() -> str:
    """A short jobs file that works as it is and shows the usual keys."""
    return _TEXT
