"""How long to wait before the next attempt."""

from __future__ import annotations

from jobctl.domain.job import Backoff, RetryPolicy

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
