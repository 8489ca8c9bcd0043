"""What the end of a run means for the alerts of its job."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobctl.config.definition import definition_of
from jobctl.domain.alert import Alert, AlertKind, AlertState, Change, Telling, Trouble, occurred
from jobctl.domain.alert_policy import AlertPolicy, policy_of
from jobctl.domain.alert_rules import (
    RunEnd,
    compare,
    failure_words,
    is_momentary,
    judge_end,
    state_when_seen,
    trouble_of_job,
)
from jobctl.domain.job import Job, Source
from jobctl.domain.run import Status

NOW = 1_795_000_000_000
SECOND = 1000
EVERYTHING = AlertPolicy(on=frozenset({"failed", "recovered", "too_fast", "no_success"}), too_fast=10.0)

IGNORED = "its result was ignored: not JSON"
FINAL = "no attempt follows: exit code 3 is in retry_never_on"


def end(status: Status = Status.FAILED, **changes: Any) -> RunEnd:
    code = {Status.SUCCEEDED: 0, Status.FAILED: 3}.get(status)
    return replace(RunEnd("backup", 7, status, 1, code, None, None, 60.0), **changes)


def alert(kind: AlertKind, job: str = "backup", **changes: Any) -> Alert:
    made = occurred(None, trouble_of_job(kind, "as before", job, AlertPolicy(), run_id=6), NOW).alert
    return replace(made, id=int(kind), **changes)


def told(changes: list[Change]) -> list[tuple[str, str, str | None]]:
    return [(one.alert.kind.word, one.alert.state.word, one.telling.word if one.telling else None) for one in changes]


@pytest.mark.parametrize(
    ("status", "kind"), [(Status.FAILED, "failed"), (Status.TIMED_OUT, "failed"), (Status.LOST, "lost")]
)
def test_a_final_failure_opens_an_alert(status: Status, kind: str) -> None:
    assert told(judge_end(end(status), AlertPolicy(), [], -1, NOW)) == [(kind, "open", "opened")]


def test_a_lost_run_after_failures_was_lost_once() -> None:
    [change] = judge_end(end(Status.LOST), AlertPolicy(), [alert(AlertKind.FAILED)], -3, NOW)
    assert (change.alert.kind, change.alert.count) == (AlertKind.LOST, 1)


def test_a_failure_after_a_lost_run_failed_once() -> None:
    [change] = judge_end(end(), AlertPolicy(), [alert(AlertKind.LOST)], -2, NOW)
    assert (change.alert.kind, change.alert.count) == (AlertKind.FAILED, 1)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.SKIPPED, Status.MISSED])
def test_what_somebody_stopped_or_nobody_started_says_nothing(status: Status) -> None:
    assert judge_end(end(status), AlertPolicy(), [alert(AlertKind.FAILED)], -1, NOW) == []


def test_only_the_nth_failure_in_a_row_opens_an_alert_and_it_says_how_many_there_were() -> None:
    policy = AlertPolicy(after_failures=3)
    assert judge_end(end(), policy, [], -2, NOW) == []
    [change] = judge_end(end(), policy, [], -3, NOW)
    assert (change.telling, change.alert.count) == (Telling.OPENED, 3)
    assert change.alert.message.endswith("; 3 runs in a row did not succeed"), "lost ones among them count too"


@pytest.mark.parametrize(("status", "kind"), [(Status.FAILED, AlertKind.FAILED), (Status.LOST, AlertKind.LOST)])
def test_what_was_lost_and_what_failed_are_in_one_row(status: Status, kind: AlertKind) -> None:
    [change] = judge_end(end(status), AlertPolicy(after_failures=2), [], -2, NOW)
    assert change.alert.kind is kind
    assert change.alert.message.endswith("; 2 runs in a row did not succeed")


def test_one_failure_says_nothing_of_a_row() -> None:
    [change] = judge_end(end(), AlertPolicy(), [], -7, NOW)
    assert "in a row" not in change.alert.message


def test_every_failure_of_an_open_alert_is_counted() -> None:
    [change] = judge_end(end(run_id=8), AlertPolicy(after_failures=3), [alert(AlertKind.FAILED)], -1, NOW + SECOND)
    assert (change.alert.count, change.alert.run_id, change.telling) == (2, 8, None)


def test_a_success_makes_up_for_what_failed() -> None:
    before = [alert(kind) for kind in (AlertKind.FAILED, AlertKind.LOST, AlertKind.NO_SUCCESS, AlertKind.POISON)]
    changes = judge_end(end(Status.SUCCEEDED), AlertPolicy(), before, 1, NOW)
    assert [one.alert.state for one in changes] == [AlertState.RECOVERED] * 4
    assert {one.telling for one in changes} == {Telling.RECOVERED}


def test_a_success_leaves_what_is_about_running_runs_to_those_who_look_at_them() -> None:
    assert judge_end(end(Status.SUCCEEDED), AlertPolicy(), [alert(AlertKind.OVERRUN)], 1, NOW) == []


def test_who_wants_no_word_of_recovery_gets_none() -> None:
    policy = AlertPolicy(on=frozenset({"failed"}))
    changes = judge_end(end(Status.SUCCEEDED), policy, [alert(AlertKind.FAILED)], 1, NOW)
    assert told(changes) == [("failed", "recovered", None)]


def test_who_wants_no_word_of_failures_gets_none() -> None:
    assert judge_end(end(), AlertPolicy(on=frozenset({"late"})), [], -5, NOW) == []


def test_a_success_that_came_too_soon_is_an_alert_until_one_takes_its_time() -> None:
    [change] = judge_end(end(Status.SUCCEEDED, duration=2.0), EVERYTHING, [], 1, NOW)
    assert told([change]) == [("too_fast", "open", "opened")]
    assert change.alert.message == "succeeded after 2s only; less than 10s is too fast"
    assert told(judge_end(end(Status.SUCCEEDED), EVERYTHING, [alert(AlertKind.TOO_FAST)], 2, NOW)) == [
        ("too_fast", "recovered", "recovered")
    ]


def test_a_quarantined_run_is_an_alert_of_its_own_however_few_failed() -> None:
    poison = end(reason="quarantined: the daemon died 3 times while starting this run", quarantined=True)
    [change] = judge_end(poison, AlertPolicy(after_failures=9), [], -1, NOW)
    assert change.alert.kind is AlertKind.POISON
    assert change.alert.message.startswith("quarantined")


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (end(), "failed with exit code 3 after 1m"),
        (end(attempts=3), "failed with exit code 3 after 1m, the last of 3 attempts"),
        (end(exit_code=None, signal=9, reason="killed by SIGKILL"), "killed by SIGKILL after 1m"),
        (
            end(exit_code=None, signal=9, reason="memory limit of 2GB reached"),
            "killed by SIGKILL after 1m; memory limit of 2GB reached",
        ),
        (
            end(exit_code=None, signal=9, reason=f"killed by SIGKILL; {IGNORED}"),
            f"killed by SIGKILL after 1m; {IGNORED}",
        ),
        (end(reason=IGNORED), f"failed with exit code 3 after 1m; {IGNORED}"),
        (end(reason=FINAL, attempts=2), f"failed with exit code 3 after 1m, the last of 2 attempts; {FINAL}"),
        (end(Status.TIMED_OUT, signal=15), "timed out after 1m"),
        (end(Status.TIMED_OUT, signal=15, timeout=60.0), "timed out after 1m"),
        (end(Status.TIMED_OUT, signal=9, timeout=55.0), "timed out after 1m (timeout 55s)"),
        (end(Status.TIMED_OUT, signal=15, reason=IGNORED), f"timed out after 1m; {IGNORED}"),
        (end(exit_code=127, reason="zstd: command not found", executed=False), "failed: zstd: command not found"),
        (end(Status.LOST, reason="its keeper was killed", duration=None), "lost: its keeper was killed"),
    ],
)
def test_a_failure_is_said_in_words(ended: RunEnd, words: str) -> None:
    assert failure_words(ended) == words


# Conditions that are looked at from time to time


def late(job: str = "backup", run_id: int = 7) -> Trouble:
    return trouble_of_job(AlertKind.LATE, "waits", job, AlertPolicy(), run_id=run_id)


def test_what_holds_is_opened_once_and_closed_when_it_holds_no_more() -> None:
    [opened] = compare([], [late()], frozenset(), NOW)
    assert opened.telling is Telling.OPENED
    known = replace(opened.alert, id=1)
    assert compare([known], [late()], frozenset(), NOW + SECOND) == []
    assert told(compare([known], [], frozenset(), NOW + SECOND)) == [("late", "recovered", "recovered")]
    assert told(compare([known], [], frozenset({"backup"}), NOW + SECOND)) == [("late", "recovered", None)]


def test_another_run_in_the_same_trouble_is_counted() -> None:
    known = replace(compare([], [late()], frozenset(), NOW)[0].alert, id=1)
    [change] = compare([known], [late(run_id=8)], frozenset(), NOW + SECOND)
    assert (change.alert.count, change.telling) == (2, None)


def test_what_holds_for_long_is_told_again() -> None:
    known = replace(compare([], [late()], frozenset(), NOW)[0].alert, id=1)
    [change] = compare([known], [late()], frozenset(), NOW + 14_400_000)
    assert change.telling is Telling.AGAIN


def test_only_a_step_of_the_clock_is_over_once_it_was_seen() -> None:
    assert {kind for kind in AlertKind if is_momentary(kind)} == {AlertKind.CLOCK_STEP}
    assert state_when_seen(AlertKind.CLOCK_STEP) is AlertState.RECOVERED
    assert state_when_seen(AlertKind.FAILED) is AlertState.ACKNOWLEDGED


# What a job asks for


def test_a_threshold_is_a_wish_unless_the_words_are_given() -> None:
    assert AlertPolicy().kinds == {"failed", "recovered"}
    assert AlertPolicy(late=60.0, no_success=3600.0).kinds == {"failed", "recovered", "late", "no_success"}
    assert AlertPolicy(on=frozenset({"failed"}), late=60.0).kinds == {"failed"}


@pytest.mark.parametrize(
    "policy",
    [None, AlertPolicy(), AlertPolicy(frozenset({"late"}), "high", 2, 60.0, "auto", 5.0, 3600.0, 60.0, ("ops",))],
)
def test_the_policy_is_read_back_from_the_stored_definition(policy: AlertPolicy | None) -> None:
    job = Job("backup", "true", Source("jobs.toml", 1), alert=policy)
    read = policy_of(json.dumps(definition_of(job)))
    assert read == (policy._replace(on=policy.kinds) if policy else AlertPolicy())
    assert policy_of(None) == AlertPolicy()
