"""Why an attempt cannot be launched at all."""

from __future__ import annotations

from jobctl.errors import JobctlError
from jobctl.process.execute import NOT_EXECUTABLE


class LaunchProblem(JobctlError):
    """The attempt cannot be executed as it is defined. It fails with `exit_code` (126 or 127, as a shell would say)."""

    def __init__(self, message: str, exit_code: int = NOT_EXECUTABLE, hint: str = "") -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code
