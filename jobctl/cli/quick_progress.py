"""`jobctl progress` in its plain form, without what other verbs import (tests/benchmarks/progress.py).

It only renews what an earlier call of the same attempt began. All else, and every mistake, is left to the verb itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from jobctl.domain.progress import read_amount
from jobctl.process.progress_file import update

_VARIABLES = ("JOBCTL_STATE_DIR", "JOBCTL_RUN_ID", "JOBCTL_ATTEMPT")


def said_quickly(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the progress was kept; False leaves it to the verb. `words` are what follows `progress`."""
    match words:
        case [amount]:
            message = None
        case [amount, "-m" | "--message", message]:
            pass
        case _:
            return False
    place = [environment.get(name, "") for name in _VARIABLES]
    if not all(place) or "/" in place[1] + place[2]:
        return False
    try:
        return update(place[0], place[1], place[2], read_amount(amount), message)
    except (ValueError, OSError):
        return False
