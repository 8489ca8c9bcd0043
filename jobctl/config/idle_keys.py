"""Keys that a job has and that do nothing, for want of another key."""

from __future__ import annotations

from jobctl.config.drafts import Draft
from jobctl.config.job_keys import TRIGGERS
from jobctl.config.job_rules import index_of
from jobctl.domain.definition_records import CHAIN_KEYS

_OF_SLOTS = ("spread", "catch_up", "catch_up_window", "catch_up_limit", "calendar_exclude")


def _warn_of_slots(draft: Draft) -> None:
    if any(key in draft.values or key in draft.written for key in TRIGGERS):
        return
    chained = any(key in draft.values or key in draft.written for key in CHAIN_KEYS)
    idle = _OF_SLOTS if chained else (*_OF_SLOTS, "start_deadline")
    for key in idle:
        if key in draft.written:
            draft.warn(key, "does nothing: the job has no schedule", f"take it out, or write {' or '.join(TRIGGERS)}")


def _warn_of_stdin(draft: Draft) -> None:
    params = draft.written.get("params") or draft.values.get("params")
    if "stdin" in draft.written and draft.values.get("stdin") and not params:
        hint = f"declare them in [jobs.{draft.name}.params], or take it out"
        draft.warn("stdin", "the job has no params: it reads {} each time", hint)


def _warn_of_exit_codes(draft: Draft) -> None:
    """What is a success is never tried again anyway."""
    both = draft.values.get("success_on", frozenset()) & draft.values.get("retry_never_on", frozenset())
    for code in sorted(both) if "retry_never_on" in draft.written else ():
        sentence = f"{code} does nothing here: it is in success_on too, and a success is not tried again"
        draft.warn("retry_never_on", sentence, "take it out of one of the two", index_of(draft, "retry_never_on", code))


# Each notes keys of the job itself; those of `[defaults]` are for the jobs that have a use for them.
IDLE_KEYS = (
    (_warn_of_slots, (*_OF_SLOTS, "start_deadline")),
    (_warn_of_stdin, ("stdin",)),
    (_warn_of_exit_codes, ("retry_never_on",)),
)
