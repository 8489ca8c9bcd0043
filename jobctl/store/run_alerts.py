"""The end of a run and the alerts of its job: the same words for the daemon and for a run without one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.run import Run, Status

if TYPE_CHECKING:
    from jobctl.store.interface import Store


def note_end(
    store: Store, run: Run, end: AttemptEnd, conclusion: Conclusion, policy: AlertPolicy, *, quarantined: bool = False
) -> None:
    """Open, count or close what the concluded end of `run` means for its job. An end that is followed by another
    attempt means nothing. Belongs into the transaction of the conclusion, after it."""
    if not conclusion.run_status.is_final:
        return
    open_alerts = store.alerts.open_of(run.job)
    succeeded = conclusion.run_status is Status.SUCCEEDED
    if succeeded and not open_alerts and policy.too_fast is None:
        return
    from jobctl.domain.alert_rules import RunEnd, judge_end  # and what an alert is, for ends that may open or close one

    streak = 0 if succeeded else store.alerts.streak(run.job)
    ended = RunEnd(
        job=run.job,
        run_id=run.id,
        status=conclusion.run_status,
        attempts=run.attempt,
        exit_code=end.exit_code,
        signal=end.signal,
        reason=conclusion.reason,
        duration=None if end.started_at is None else max(0, end.finished_at - end.started_at) / 1000,
        quarantined=quarantined,
        executed=end.error is None,
        dead_letters=store.runs.dead_letters(run.job) if succeeded and open_alerts else 0,
        timeout=timeout_of(store, run) if conclusion.run_status is Status.TIMED_OUT else None,
    )
    store.alerts.record(judge_end(ended, policy, open_alerts, streak, end.finished_at), end.finished_at)


def timeout_of(store: Store, run: Run) -> float | None:
    """Seconds that its last attempt was allowed, by the definition that it was begun with."""
    timeout = json.loads(store.jobs.retry_policy_of(run.id, run.attempt) or "{}").get("timeout")
    return None if timeout is None else float(timeout)
