"""The command `jobctl`, and `python -m jobctl`, which is the same program.

Until a verb is at work nobody needs to hear of Ctrl-C, and an exception among imports would be a traceback: the signal
ends the process, as it ends any other. See `cli.interrupts`.
"""

import _signal  # type: ignore[import-not-found]  # without the enums of `signal`, which take a while

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # else the caller wants it to be ignored
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from jobctl.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
