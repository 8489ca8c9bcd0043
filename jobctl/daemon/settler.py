"""The end of a flight, written into the store. The reaper and recovery both end flights, and only here."""

from __future__ import annotations

import json
import random

from jobctl.daemon.full_disk import FullDisk
from jobctl.daemon.in_flight import Flight
from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.definition_records import has_secrets
from jobctl.domain.outcome import AttemptEnd, Conclusion, conclude, lost_end, with_full_disk, with_left
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.secret_end import may_tell, without_secrets, without_words
from jobctl.process import payload, progress_file, result
from jobctl.process.secret_values import secret_values
from jobctl.store.run_alerts import note_end

# A run during whose start the daemon died this often is not tried again (SEMANTICS: poison run).
POISON_DEATHS = 3
_OF_EVERY_JOB = AlertPolicy()


class Settler:
    """Concludes and withdraws attempts. Belongs into the caller's transaction."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._state_dir = str(around.places.state_dir)
        self._jobs_file = around.places.jobs_file
        self._journal = around.journal
        self.disk = FullDisk(around.places.state_dir)
        self.setbacks: Setbacks[bytes] = Setbacks(around.journal, "the end of an attempt cannot be stored, set aside")

    def ended(self, flight: Flight, end: AttemptEnd) -> bool:
        """The attempt ended so: its run ends too (True), or waits for its next attempt (False)."""
        run = flight.run._replace(attempt=flight.number, cancel_signal=flight.stop_sent)
        try:
            conclusion = self._conclude(flight, run, end)
        except Exception as problem:
            self.setbacks.blame(flight.token, problem)
            raise
        return conclusion.run_status.is_final

    def _conclude(self, flight: Flight, run: Run, end: AttemptEnd) -> Conclusion:
        attempt = (to_text(run.id), flight.number)
        left = result.collect(self._state_dir, *attempt, foreign=flight.foreign)
        progress = progress_file.collect(self._state_dir, *attempt, foreign=flight.foreign)
        flight.tidy = left is None and progress is None and not flight.foreign
        conclusion = with_left(conclude(run, flight.policy, end, random.random()), left, progress)
        if end.lost and self._may_have_secrets(run.job):
            conclusion = without_words(conclusion)
        if may_tell(conclusion):
            end, conclusion = without_secrets(end, conclusion, self._secrets(run.job))
        if self.disk.was_met_by(end):
            conclusion = with_full_disk(conclusion, end)
        if self._store.attempts.conclude(run.id, flight.number, end, conclusion):
            note_end(self._store, run, end, conclusion, self._alert_policy(run.job))
            flight.conclusion = (end, conclusion)
        return conclusion

    def lost(self, flight: Flight, now: int, *, machine_down: bool = False) -> None:
        """Nothing can be known about the end."""
        payload.remove_left(self._state_dir, to_text(flight.run.id), flight.number)
        self.ended(flight, lost_end(flight.token, flight.started_at, now, machine_down=machine_down))

    def never_started(self, flight: Flight, now: int, *, daemon_died: bool = False) -> None:
        """The command was never executed: the run waits again, its budget untouched. After the third start that the
        daemon did not survive it is quarantined instead."""
        with self.setbacks.blaming(flight.token):
            if daemon_died and self._store.attempts.blamed(flight.run.id) + 1 >= POISON_DEATHS:
                self._quarantine(flight, now)
            elif self._store.attempts.withdraw(flight.run.id, flight.number, flight.token, now, blame=daemon_died):
                self._journal.info("start withdrawn", job=flight.run.job, run=to_text(flight.run.id))

    def _quarantine(self, flight: Flight, now: int) -> None:
        reason = f"quarantined: the daemon died {POISON_DEATHS} times while starting this run"
        end = AttemptEnd(flight.token, None, now, error=reason)
        conclusion = Conclusion(Status.FAILED, Status.FAILED, reason, None, dead_letter=True)
        if self._store.attempts.conclude(flight.run.id, flight.number, end, conclusion):
            run, policy = flight.run._replace(attempt=flight.number), self._alert_policy(flight.run.job)
            note_end(self._store, run, end, conclusion, policy, quarantined=True)
            flight.conclusion = (end, conclusion)

    def is_aside(self, flight: Flight, now: int) -> bool:
        """Whether its end is to be left alone now. It is shown as running meanwhile, and what is known of it stays in
        its keeper's record; the next daemon tries too."""
        return self.setbacks.is_aside(flight.token, now, **about(flight))

    def clear_up(self, flight: Flight) -> None:
        """The end is durable: it is told, and what the attempt left beside its log has served."""
        if flight.conclusion is not None:
            self._tell(flight, *flight.conclusion)
            flight.conclusion = None
        if not flight.tidy:
            result.remove(self._state_dir, to_text(flight.run.id), flight.number)
        self.setbacks.forget(flight.token)

    def _secrets(self, name: str) -> frozenset[str]:
        job = self._catalogue.job(name)
        return frozenset() if job is None else secret_values(job.execution, self._jobs_file)

    def _may_have_secrets(self, name: str) -> bool:
        text = self._store.jobs.definition(name)
        if text is None and (removed := self._store.jobs.removed(name)) is not None:
            text = removed.definition
        return has_secrets(json.loads(text or "{}"))

    def _alert_policy(self, name: str) -> AlertPolicy:
        job = self._catalogue.job(name)
        return (job.alert if job is not None else None) or _OF_EVERY_JOB

    def _tell(self, flight: Flight, end: AttemptEnd, conclusion: Conclusion) -> None:
        fields: dict[str, object] = {
            **about(flight),
            "status": conclusion.attempt_status.word,
            "exit_code": end.exit_code,
            "signal": end.signal,
            "reason": conclusion.reason,
        }
        if conclusion.run_status is Status.RETRYING and conclusion.due_at is not None:
            fields["next_attempt_in"] = f"{(conclusion.due_at - end.finished_at) / 1000:.1f}s"
        tell = self._journal.info if conclusion.attempt_status is Status.SUCCEEDED else self._journal.warning
        tell("run ended" if conclusion.run_status.is_final else "attempt ended", **fields)


def about(flight: Flight) -> dict[str, object]:
    """What the journal calls an attempt."""
    return {"job": flight.run.job, "run": to_text(flight.run.id), "attempt": flight.number}
