"""Why a job did or did not run at an instant: one reason, and a paragraph that says it with what is known.

What is not known is named and never guessed: a beat tells when a daemon last lived, not when it died.
"""

from __future__ import annotations

from jobctl.domain.absence_facts import Facts, Off, Reason, Say, Verdict
from jobctl.domain.admission import HELD_FOR_LOAD
from jobctl.domain.due import A_MINUTE_LONGER, DAEMON_DOWN, SINCE_WHEN, first_answered, of_the_gap
from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration

_ABOUT_TO_START = 5_000  # ms: what a living daemon may need for a slot


def explain(facts: Facts, say: Say) -> Verdict:
    """Why the job ran, or did not. What was kept of a run says most; then what was so at that time."""
    run = facts.run
    if run is not None and (facts.slot is None or run.slot == facts.slot):
        return _of_run(facts, run, say)
    if not facts.defined:
        return Verdict(Reason.NOT_DEFINED, _not_defined(facts, say))
    if facts.slot is None:
        return _without_slot(facts, say)
    if facts.off is not None:
        return Verdict(Reason.DISABLED, _disabled(facts, facts.off, say))
    if run is not None and _answers_for(run, facts.slot):
        return _answered(facts, run, say)
    return _undecided(facts, say)


def _of_run(facts: Facts, run: Run, say: Say) -> Verdict:
    name = f"run {to_text(run.id)}" + (f" for the slot {say(1000 * run.slot)}" if run.slot is not None else "")
    why = f": {run.reason}" if run.reason else ""
    match run.status:
        case Status.SCHEDULED:
            return Verdict(Reason.WAITING, f"{name} waits for its time, {say(run.due_at)}.", run)
        case Status.QUEUED if run.attempt == 0:
            since = format_duration(max(0, facts.now - run.due_at) // 1000)
            behind = facts.waits or "what is in its way is not known, it may be about to start"
            return Verdict(_waiting_reason(facts), f"{name} waits for {since}: {behind}.", run)
        case Status.SKIPPED:
            reason = Reason.OVERLAP if (run.reason or "").startswith("overlap") else Reason.SKIPPED
            still = f" That run waits still: {facts.waits}." if facts.waits else ""
            return Verdict(reason, f"{name} was skipped{why}.{still}", run)
        case Status.MISSED:
            reason = missed_reason(run.reason or "")
            return Verdict(reason, f"{name} was missed{why}.{_decided(reason, run, say)}", run)
        case Status.CANCELLED if run.attempt == 0:
            by = f" by {facts.cancelled_by}" if facts.cancelled_by and facts.cancelled_by not in why else ""
            return Verdict(Reason.CANCELLED, f"{name} was cancelled{by} before it started{why}.", run)
    held = f" Meanwhile {facts.held}." if facts.held else ""
    return Verdict(Reason.RAN, f"It did run: {name}{_course(run, say)}{why}.{held}", run)


def _waiting_reason(facts: Facts) -> Reason:
    if facts.paused:
        return Reason.PAUSED
    return Reason.HELD_FOR_LOAD if (facts.waits or "").startswith(HELD_FOR_LOAD) else Reason.WAITING


def missed_reason(words: str) -> Reason:
    """The reason of a missed row, from its words (see domain.due)."""
    if words.startswith("start_deadline"):  # behind it may stand what a person gave as the reason of a pause
        return Reason.START_DEADLINE
    for part, reason in (
        (DAEMON_DOWN, Reason.DAEMON_DOWN),
        ("suspended", Reason.SUSPENDED),
        ("clock was set", Reason.CLOCK_STEP),
        ("start_deadline", Reason.START_DEADLINE),
    ):
        if part in words:
            return reason
    return Reason.MISSED


def _course(run: Run, say: Say) -> str:
    began = f" started {say(run.started_at)}" if run.started_at is not None else ""
    late = (
        f", {format_duration(run.wait // 1000)} after it was due" if run.wait is not None and run.wait >= 1000 else ""
    )
    if run.finished_at is None:
        return f"{began}{late} and is {run.status.word}"
    code = f" with exit code {run.exit_code}" if run.exit_code else ""
    took = ""
    if run.started_at is not None:
        took = f" after {format_duration(max(0, run.finished_at - run.started_at) / 1000)}"
    return f"{began}{late} and {_ENDS[run.status]}{code}{took}"


_ENDS = {
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "timed out",
    Status.CANCELLED: "was cancelled",
    Status.LOST: "was lost",
    Status.SKIPPED: "was skipped",
    Status.MISSED: "was missed",
}


def _decided(reason: Reason, run: Run, say: Say) -> str:
    """When the daemon was there again. Since when it was not, the reason says as far as it was known."""
    if reason is not Reason.DAEMON_DOWN:
        return ""
    is_known = any(words in (run.reason or "") for words in SINCE_WHEN)
    unknown = "" if is_known else "; when the one before it ended is not stored"
    return f" A daemon was there again at {say(run.created_at)}{unknown}."


def _answers_for(run: Run, slot: int) -> bool:
    first = first_answered(run.reason or "")
    return first is not None and first <= slot


def _answered(facts: Facts, run: Run, say: Say) -> Verdict:
    """A slot without a run of its own, in a gap that another row sums up."""
    words = run.reason or ""
    which = f"run {to_text(run.id)} for the slot {say(1000 * (run.slot or 0))}"
    if run.origin is Origin.CATCH_UP:
        text = (
            f"No run of its own, told by {which}: {words}. That run {_ENDS.get(run.status) or f'is {run.status.word}'}."
        )
    else:
        text = f"It was missed, told by {which}: {words}."
    reason = missed_reason(of_the_gap(words))
    return Verdict(reason, text + _decided(reason, run, say), run)


def _not_defined(facts: Facts, say: Say) -> str:
    if facts.since is None:
        if facts.until is not None and facts.until // 1000 == facts.at // 1000:
            return (
                f"{facts.job} was defined within that very second, {say(facts.until)}: too late for a start then. "
                "Nothing from before is caught up."
            )
        then = f"It is defined since {say(facts.until)}." if facts.until is not None else "It never was defined here."
        return f"{facts.job} did not exist at {say(facts.at)}. {then} Nothing from before is caught up."
    again = f"; it came back {say(facts.until)}" if facts.until is not None else ""
    return f"{facts.job} was removed from the jobs file {say(facts.since)}{again}."


def _without_slot(facts: Facts, say: Say) -> Verdict:
    around = _around(facts, say)
    if not facts.has_clock:
        how = f"what starts it is {facts.triggers}" if facts.triggers else "it has no schedule"
        return Verdict(Reason.NO_CLOCK, f"No clock starts {facts.job}: {how}. No run was made then.")
    if facts.excluded:
        return Verdict(
            Reason.EXCLUDED, f"The schedule has a slot then, but calendar_exclude takes that day out. {around}"
        )
    if facts.first_pass is not None:
        first = say(facts.first_pass)
        twice = "The clocks were put back: that time came twice, and a fixed time runs the first time"
        return Verdict(Reason.DST, f"{twice}, {first}. {around}")
    # Asked without a time, which is of now: it is no answer that there is no slot in this very minute.
    if facts.before is None and facts.after is not None and facts.at == facts.now and facts.off is None:
        first = f"It is not due yet: its first slot is {say(1000 * facts.after)}, by its schedule ({facts.triggers})."
        return Verdict(Reason.NOT_YET, first)
    return Verdict(Reason.NO_SLOT, f"The schedule{_as_it_was(facts)} has no slot at {say(facts.at)}. {around}")


def _as_it_was(facts: Facts) -> str:
    return f" as it was until a later change ({facts.triggers})" if facts.until is not None else f" ({facts.triggers})"


def _around(facts: Facts, say: Say) -> str:
    before = f"the one before is {say(1000 * facts.before)}" if facts.before is not None else "there is none before"
    after = f"the next one {say(1000 * facts.after)}" if facts.after is not None else "there is none after"
    return f"Slots: {before}, {after}."


def _disabled(facts: Facts, off: Off, say: Say) -> str:
    if off.by is None:
        return f"{facts.job} was off at {say(facts.at)}: `enabled = false` in the jobs file."
    since = f" since {say(off.since)}" if off.since is not None else ""
    until = f", until {say(off.until)}" if off.until is not None else ""
    why = f": {off.why}" if off.why else "; no reason was given"
    return f"{facts.job} was disabled by {off.by}{since}{until}{why}. Nothing of that time is caught up."


def _undecided(facts: Facts, say: Say) -> Verdict:
    """No row tells of the slot: it is to come, nobody was there, or what told of it is gone."""
    due_at = facts.due_at if facts.due_at is not None else facts.at
    daemon = facts.daemon
    if due_at > facts.now:
        return Verdict(Reason.NOT_YET, f"Its time has not come: it starts {say(due_at)}.")
    if not daemon.alive and (daemon.last_seen is None or due_at > daemon.last_seen):
        return Verdict(Reason.DAEMON_DOWN, _nobody_there(facts, say))
    if daemon.alive and (daemon.last_seen is None or due_at >= (daemon.started_at or 0)):
        if daemon.scheduling_off is not None:
            return Verdict(Reason.SCHEDULING_OFF, f"{daemon.scheduling_off}.")
        if daemon.silence is not None:
            return Verdict(Reason.DAEMON_SILENT, f"No run was made: {daemon.silence}.")
        if facts.now - due_at <= _ABOUT_TO_START:
            return Verdict(Reason.NOT_YET, "It is due now and about to start.")
        if facts.next_at is not None and facts.next_at <= due_at:
            seen = f": the last sign of work of the daemon is of {say(daemon.last_seen)}" if daemon.last_seen else ""
            return Verdict(Reason.NOT_YET, f"It was due {say(due_at)} and is not decided yet{seen}.")
    return Verdict(Reason.UNKNOWN, _unknown(facts, say))


def _nobody_there(facts: Facts, say: Say) -> str:
    then = {
        "none": "the next one tells of it as missed (catch_up is none)",
        "once": "the next one catches up with one run (catch_up is once)",
        "all": "the next one catches up with it (catch_up is all)",
    }[facts.catch_up]
    seen = facts.daemon.last_seen
    if seen is None:
        return "No daemon has ever run here, and none is running: `jobctl daemon` starts what is due."
    was = f"stopped {say(seen)}" if facts.daemon.has_stopped else f"was at work {say(seen)}, {A_MINUTE_LONGER}"
    return f"No daemon is running; the last one {was}. In time {then}."


def _unknown(facts: Facts, say: Say) -> str:
    text = (
        f"The job has a slot at {say(1000 * (facts.slot or 0))}, and nothing is kept of it. "
        "Its run may have been pruned or deleted (`jobctl history --events` names deletions)"
    )
    if facts.until is not None:
        text += f", or nobody had decided it when the job was changed, {say(facts.until)}"
    started = facts.daemon.started_at
    if started is not None and started > 1000 * (facts.slot or 0):
        text += f". When a daemon was there before {say(started)} is not stored"
    return text + "."
