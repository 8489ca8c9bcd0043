"""How long to wait before the next attempt."""

from __future__ import annotations

from jobctl.domain.policies import Backoff, OnLost, RetryPolicy

JITTER = 0.1  # the delay varies by at most this share to either side, so that failures together do not retry together


def delay_before(policy: RetryPolicy, attempt: int, random: float) -> float:
    """Seconds between the end of attempt `attempt - 1` and the start of `attempt` (2 or more).

    `random` in [0, 1) places the delay within the jitter. The cap holds for the delay with its jitter.
    """
    failures = max(1, attempt - 1)
    if policy.backoff is Backoff.FIXED:
        delay = policy.delay
    elif policy.backoff is Backoff.LINEAR:
        delay = policy.delay * failures
    else:
        delay = policy.delay * 2.0 ** min(failures - 1, 63)
    jittered = delay * (1 + JITTER * (2 * random - 1))
    return max(0.0, min(jittered, policy.max_delay))


def policy_from(definition: str) -> RetryPolicy:
    """The retry policy within a resolved definition (JSON): what was in force when an attempt began."""
    import json  # 2 ms, which a command that is no job of the file does not need

    keys = json.loads(definition)
    return RetryPolicy(
        retries=keys["retries"],
        delay=keys["retry_delay"],
        backoff=Backoff(keys["retry_backoff"]),
        max_delay=keys["retry_max_delay"],
        never_on=frozenset(keys["retry_never_on"]),
        success_on=frozenset(keys["success_on"]),
        on_lost=OnLost(keys["on_lost"]),
    )
