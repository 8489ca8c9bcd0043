"""The variables by which a job knows itself: what a jobs file says of them would not be true."""

from __future__ import annotations

from collections.abc import Collection

# The kernel takes no longer argument or variable (MAX_ARG_STRLEN, execve(2)), its name and the closing NUL included.
MAX_VARIABLE = 131_072
VARIABLE_PREFIX = "JOBCTL_PARAM_"
OWN = frozenset(
    {
        "JOBCTL_JOB", "JOBCTL_RUN_ID", "JOBCTL_ATTEMPT", "JOBCTL_ORIGIN", "JOBCTL_SCHEDULED_FOR", "JOBCTL_CONFIG",
        "JOBCTL_STATE_DIR", "JOBCTL_RESULT", "JOBCTL_PARAMS_FILE", "JOBCTL_PARENT_JOB", "JOBCTL_PARENT_RUN_ID",
        "JOBCTL_PARENT_STATUS", "JOBCTL_PARENT_RESULT", "JOBCTL_PARENTS",
    }
)  # fmt: skip


def is_set_by_jobctl(name: str, params: Collection[str] = ()) -> bool:
    """Whether jobctl sets the variable for the commands of a job with these params, whatever else sets it."""
    return name in OWN or any(name == f"{VARIABLE_PREFIX}{param.upper()}" for param in params)
