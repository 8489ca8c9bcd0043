"""Why a job did not run: a reason for everything that can be known, and no guess for what cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobctl.domain.absence import explain, missed_reason
from jobctl.domain.absence_facts import Daemon, Facts, Off, Reason
from jobctl.domain.due import Missed, daemon_down, decide, first_answered
from jobctl.domain.fixed_slots import Every
from jobctl.domain.job import CatchUp, Lateness
from jobctl.domain.last_seen import LastSeen
from jobctl.domain.run import Origin, Run, Status

SLOT = 1_795_305_600  # 2026-11-22T00:00:00Z
AT = 1000 * SLOT
NOW = AT + 3_600_000
GONE = Daemon(alive=False, seen=LastSeen(AT - 9000))
STOPPED = Daemon(alive=False, seen=LastSeen(AT - 9000, stopped=True))
ALIVE = Daemon(alive=True, started_at=AT - 1000, seen=LastSeen(NOW))
PLAIN = Facts("backup", AT, NOW, ALIVE, slot=SLOT, due_at=AT, since=0, triggers="0 0 * * *")
RUN = Run(
    id=7, job="backup", status=Status.SUCCEEDED, origin=Origin.SCHEDULE, reason=None, slot=SLOT, created_at=AT,
    due_at=AT, started_at=AT + 2000, finished_at=AT + 5000, exit_code=0, signal=None, attempt=1, max_attempts=1,
    priority=5, queue="default", params=None, key=None, result=None, progress=None, message=None, parent_id=None,
    cpu_seconds=None, max_rss_bytes=None, log_bytes=None, dead_letter=False, keep=False, cancel_signal=None,
)  # fmt: skip


def waiting(status: Status, reason: str | None = None) -> Run:
    """A run without an attempt."""
    return RUN._replace(status=status, reason=reason, attempt=0, started_at=None, finished_at=None)


def say(at: int) -> str:
    """An instant as seconds from the slot."""
    return f"<{(at - AT) // 1000:+d}>"


CASES = [
    (replace(PLAIN, run=RUN), Reason.RAN, "started <+2>, 2s after it was due and succeeded after 3s"),
    (replace(PLAIN, run=RUN._replace(status=Status.FAILED, exit_code=3)), Reason.RAN, "failed with exit code 3"),
    (replace(PLAIN, run=RUN._replace(status=Status.RUNNING, finished_at=None)), Reason.RAN, "and is running"),
    (replace(PLAIN, run=waiting(Status.QUEUED), waits="waits for x"), Reason.WAITING, "waits for 1h: waits for x"),
    (replace(PLAIN, run=waiting(Status.QUEUED), waits="held", paused=True), Reason.PAUSED, "1h: held"),
    (replace(PLAIN, run=waiting(Status.SKIPPED, "overlap: run 0a")), Reason.OVERLAP, "skipped: overlap: run 0a"),
    (replace(PLAIN, run=waiting(Status.CANCELLED), cancelled_by="ann"), Reason.CANCELLED, "cancelled by ann"),
    (
        replace(PLAIN, run=waiting(Status.MISSED, "not started within its start_deadline of 5m")),
        Reason.START_DEADLINE,
        "start_deadline of 5m",
    ),
    (replace(PLAIN, defined=False, since=None, until=AT + 1000), Reason.NOT_DEFINED, "defined since <+1>"),
    (
        replace(PLAIN, defined=False, since=None, until=AT + 400),
        Reason.NOT_DEFINED,
        "defined within that very second, <+0>: too late",
    ),
    (replace(PLAIN, defined=False, since=AT - 1000), Reason.NOT_DEFINED, "removed from the jobs file <-1>"),
    (
        replace(PLAIN, off=Off("ann", AT - 1000, AT + 9000, "disk")),
        Reason.DISABLED,
        "disabled by ann since <-1>, until <+9>: disk",
    ),
    (replace(PLAIN, off=Off()), Reason.DISABLED, "`enabled = false`"),
    (
        replace(PLAIN, slot=None, before=SLOT - 60, after=SLOT + 60),
        Reason.NO_SLOT,
        "before is <-60>, the next one <+60>",
    ),
    (
        replace(PLAIN, slot=None, has_clock=False, triggers="after dump"),
        Reason.NO_CLOCK,
        "what starts it is after dump",
    ),
    (
        replace(PLAIN, run=waiting(Status.QUEUED), waits="held for load: the load is 9.00, not below 2"),
        Reason.HELD_FOR_LOAD,
        "held for load: the load is 9.00",
    ),
    (replace(PLAIN, slot=None, excluded=True), Reason.EXCLUDED, "calendar_exclude"),
    (replace(PLAIN, slot=None, first_pass=AT - 3_600_000), Reason.DST, "the first time, <-3600>"),
    (replace(PLAIN, due_at=NOW + 1000), Reason.NOT_YET, "starts <+3601>"),
    (replace(PLAIN, daemon=Daemon(alive=False)), Reason.DAEMON_DOWN, "No daemon has ever run here"),
    (replace(PLAIN, daemon=GONE), Reason.DAEMON_DOWN, "the last one was at work <-9>, and perhaps a minute longer. In"),
    (replace(PLAIN, daemon=STOPPED), Reason.DAEMON_DOWN, "No daemon is running; the last one stopped <-9>. In time"),
    (
        replace(PLAIN, daemon=replace(STOPPED, started_at=AT - 2000)),
        Reason.DAEMON_DOWN,
        "the last one was at work <-2>, and perhaps a minute longer",
    ),
    (replace(PLAIN, daemon=replace(ALIVE, scheduling_off="it is off")), Reason.SCHEDULING_OFF, "it is off."),
    (replace(PLAIN, daemon=replace(ALIVE, silence="it hangs")), Reason.DAEMON_SILENT, "it hangs."),
    (replace(PLAIN, due_at=NOW - 1000), Reason.NOT_YET, "due now"),
    (PLAIN, Reason.UNKNOWN, "nothing is kept of it"),
    (
        replace(PLAIN, daemon=replace(ALIVE, seen=LastSeen(AT - 500)), next_at=AT),
        Reason.NOT_YET,
        "decided yet: the last",
    ),
    (replace(PLAIN, daemon=replace(ALIVE, seen=LastSeen(AT - 500)), next_at=AT + 500), Reason.UNKNOWN, "deleted"),
    (replace(PLAIN, until=AT + 5000), Reason.UNKNOWN, "when the job was changed, <+5>"),
    (replace(PLAIN, daemon=replace(ALIVE, started_at=AT + 60_000)), Reason.UNKNOWN, "before <+60> is not stored"),
]


@pytest.mark.parametrize(("facts", "reason", "words"), CASES)
def test_there_is_one_reason_with_what_is_known_of_it(facts: Facts, reason: Reason, words: str) -> None:
    verdict = explain(facts, say)
    assert (verdict.reason, words in verdict.text) == (reason, True), verdict.text
    assert verdict.run == (facts.run if facts.run is not None else None)


@pytest.mark.parametrize("catch_up", [CatchUp.NONE, CatchUp.ONCE])
def test_a_slot_of_a_gap_is_answered_by_the_row_that_sums_it_up(catch_up: CatchUp) -> None:
    decision = decide(Every(60), Lateness(catch_up=catch_up), SLOT - 1, SLOT + 600, SLOT + 600)
    [row] = decision.missed or decision.runs
    assert row.slot == SLOT + 600
    assert first_answered(row.reason or "") == SLOT
    status = Status.MISSED if isinstance(row, Missed) else Status.SUCCEEDED
    origin = Origin.SCHEDULE if isinstance(row, Missed) else Origin.CATCH_UP
    sums_up = RUN._replace(slot=row.slot, status=status, origin=origin, reason=row.reason, created_at=AT + 601_000)
    verdict = explain(replace(PLAIN, run=sums_up), say)
    assert (verdict.reason, verdict.run) == (Reason.DAEMON_DOWN, sums_up)
    assert "daemon was there again at <+601>" in verdict.text
    before = replace(PLAIN, run=sums_up, slot=SLOT - 60)
    assert explain(before, say).reason is Reason.UNKNOWN


def test_slots_of_a_gap_do_not_take_over_why_the_run_that_stands_for_them_did_not_start() -> None:
    decision = decide(Every(60), Lateness(), SLOT - 1, SLOT + 600, SLOT + 600)
    words = f"start_deadline passed: it had not started 20s after it was due; {decision.runs[0].reason}"
    run = waiting(Status.MISSED, words)._replace(slot=SLOT + 600, origin=Origin.CATCH_UP)
    assert explain(replace(PLAIN, run=run), say).reason is Reason.DAEMON_DOWN
    assert explain(replace(PLAIN, slot=SLOT + 600, run=run), say).reason is Reason.START_DEADLINE


def test_a_gap_after_a_daemon_that_was_told_to_stop_has_an_exact_beginning_and_end() -> None:
    words = f"passed while {daemon_down(LastSeen(AT - 9000, stopped=True), AT)}, and catch_up is none"
    verdict = explain(replace(PLAIN, run=waiting(Status.MISSED, words)), say)
    assert verdict.reason is Reason.DAEMON_DOWN
    assert "while the daemon was not running (it stopped 2026-11-21T23:59:51Z), and catch_up is none." in verdict.text
    assert verdict.text.endswith("A daemon was there again at <+0>.")


def test_a_gap_of_which_the_last_beat_is_known_says_so_and_nothing_of_what_is_not_stored() -> None:
    words = f"passed while {daemon_down(LastSeen(AT - 9000), AT)}, and catch_up is none"
    verdict = explain(replace(PLAIN, run=waiting(Status.MISSED, words)), say)
    assert verdict.reason is Reason.DAEMON_DOWN
    assert "(last at work 2026-11-21T23:59:51Z, and perhaps a minute longer)" in verdict.text
    assert "A daemon was there again at <+0>." in verdict.text
    assert daemon_down(LastSeen(AT + 1), AT) == daemon_down(None, AT) == "the daemon was not running"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("passed while the daemon was not running, not started within its start_deadline of 5m", Reason.DAEMON_DOWN),
        ("passed while the machine or the daemon was suspended for 2h, and catch_up is none", Reason.SUSPENDED),
        ("passed while the clock was set by 2h, and catch_up is none", Reason.CLOCK_STEP),
        ("something else", Reason.MISSED),
    ],
)
def test_a_missed_row_says_what_was_the_cause(words: str, reason: Reason) -> None:
    assert missed_reason(words) is reason
