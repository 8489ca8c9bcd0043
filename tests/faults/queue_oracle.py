"""The oracle for queues: ids, keys, payloads, backoff and limits, from what clients were told and what jobs wrote."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle
from tests.faults.crowd import Acknowledged
from tests.faults.queue_work import JOBS, MAX_CONCURRENT, QUEUES_AT_ONCE, WORKLOAD, Rate, Seen, digest_of, seen

_JITTER = 0.1  # the delay before a retry varies by a tenth to either side
_ROUNDING_MS = 2.0  # instants are kept in whole milliseconds
# A token is taken when the start is decided and the witness's line is written when the job runs: on a busy machine so
# much later. In this time more lines may come than tokens; a bucket that forgets at each kill lets through more.
_SEEN_LATE_S = 8.0
_BACKOFF = """
SELECT runs.id, runs.due_at, attempts.finished_at
FROM runs JOIN attempts ON attempts.run_id = runs.id AND attempts.number = runs.attempt - 1 WHERE runs.attempt > 1
"""


@dataclass(frozen=True, slots=True)
class Retried:
    """The last retry of a run, in milliseconds: when it was due, and when the attempt before it had ended."""

    due_at: int
    ended_at: int


class QueueOracle(Oracle):
    """The verdict on an installation that a crowd has used and whose runs have all ended."""

    def __init__(self, installation: Installation, acknowledged: Sequence[Acknowledged], rate: Rate) -> None:
        super().__init__(installation, WORKLOAD, max_concurrent=MAX_CONCURRENT)
        self._told = acknowledged
        self._acknowledged = {line.run: line.job for line in acknowledged}
        self._rate = rate
        self._lines = seen(installation.folder)
        self._starts = {(line.run, line.attempt): line for line in self._lines if line.event == "start"}
        self._ends = {(line.run, line.attempt): line for line in self._lines if line.event == "end"}

    def violations(self) -> list[str]:
        return [
            *super().violations(),
            *self._wrong_ids(),
            *self._wrong_keys(),
            *self._wrong_payloads(),
            *self._started_too_early(),
            *self._wrong_backoff(),
            *self._above_limits_of_queues(),
            *self._above_the_rate(),
        ]

    def lateness(self) -> list[float]:
        """Seconds from the instant at which each retry was due to the first line of its attempt, sorted. Others were
        before it in the queue, limits were full, and for some of the time no daemon lived."""
        return sorted((self._start_of(run) - found.due_at) / 1000 for run, found in self._retried().items())

    def _wrong_ends(self) -> list[str]:
        broken = []
        for run, shown in self._runs.items():
            fails, attempts = shown["params"]["fails"], min(shown["params"]["fails"] + 1, shown["max_attempts"])
            status, code = ("succeeded", 0) if attempts > fails else ("failed", 5)
            told = (shown["status"], shown["exit_code"], shown["attempt"])
            if told != (status, code, attempts):
                broken.append(f"{run} ({shown['job']}) ended {(status, code, attempts)}, the history says {told}")
            missing = [number for number in range(1, attempts + 1) if (run, number) not in self._ends]
            broken += [f"{run}: attempt {number} is told to have ended and its job never did" for number in missing]
        return broken

    def _wrong_ids(self) -> list[str]:
        once = Counter(line.run for line in self._told if line.key is None)
        with_key = {line.run for line in self._told if line.key is not None}
        broken = [f"{run} was printed for {count} requests" for run, count in once.items() if count > 1]
        return broken + [f"{run} was printed with a key and without" for run in once if run in with_key]

    def _wrong_keys(self) -> list[str]:
        ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        for line in self._told:
            if line.key is not None:
                ids[line.job, line.key].add(line.run)
        for run, shown in self._runs.items():
            if shown["key"] is not None:
                ids[shown["job"], shown["key"]].add(run)
        return [
            f"key {key} of {job} is several runs: {sorted(runs)}" for (job, key), runs in ids.items() if len(runs) > 1
        ]

    def _wrong_payloads(self) -> list[str]:
        kept = {run: digest_of(**shown["params"]) for run, shown in self._runs.items()}
        broken = [
            f"{line.run} was asked for with another payload than is kept"
            for line in self._told
            if kept.get(line.run) != line.digest
        ]
        return broken + [
            f"{run}, attempt {attempt}, was given another payload than is kept"
            for (run, attempt), line in self._starts.items()
            if line.digest != kept.get(run)
        ]

    def _started_too_early(self) -> list[str]:
        first = {run: line.at for (run, attempt), line in self._starts.items() if attempt == 1}
        return [
            f"{line.run} was asked for not before {line.not_before} and started at {first[line.run]:.0f}"
            for line in self._told
            if line.not_before is not None and first.get(line.run, line.not_before) < line.not_before
        ]

    def _wrong_backoff(self) -> list[str]:
        """The instant that was stored against the policy, and the starts against that instant: never before it. What
        lies between the attempts of a run by their own word is at least the policy's delay, for each retry."""
        broken = []
        for run, found in self._retried().items():
            job, last = self._runs[run]["job"], self._runs[run]["attempt"]
            lowest, highest = _delay_ms(job, last)
            if not lowest <= (waited := found.due_at - found.ended_at) <= highest:
                broken.append(
                    f"{run} ({job}): attempt {last} was due after {waited} ms, not {lowest:.0f} to {highest:.0f}"
                )
            if self._start_of(run) < found.due_at:
                broken.append(f"{run} ({job}): attempt {last} started before it was due")
        for (run, attempt), end in self._ends.items():
            following = self._starts.get((run, attempt + 1))
            if following is not None and following.at - end.at < _delay_ms(self._runs[run]["job"], attempt + 1)[0]:
                broken.append(f"{run}: attempt {attempt + 1} came {following.at - end.at:.0f} ms after the one before")
        return broken

    def _above_limits_of_queues(self) -> list[str]:
        highest = most_at_once(self._lines, lambda run: JOBS[self._job_of(run)].queue)
        return [
            f"{highest[queue]} runs of queue {queue} ran at once, {at_once} may"
            for queue, at_once in QUEUES_AT_ONCE.items()
            if highest[queue] > at_once
        ]

    def _above_the_rate(self) -> list[str]:
        """A bucket of our own, filled by starts and emptied by time."""
        starts = sorted(line.at / 1000 for (run, _), line in self._starts.items() if self._job_of(run) == "rated")
        allowed = self._rate.starts + _SEEN_LATE_S * self._rate.per_second
        level = before = 0.0
        for at in starts:
            level = max(0.0, level - (at - before) * self._rate.per_second) + 1
            before = at
            if level > allowed:
                return [f"more starts than {self._rate.starts} in {self._rate.seconds} s: {len(starts)} in all"]
        return []

    def _retried(self) -> dict[str, Retried]:
        path = self._installation.state_dir / "jobctl.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            numbers = [row[0] for row in database.execute("SELECT id FROM runs ORDER BY id")]
            rows = database.execute(_BACKOFF).fetchall()
        names = dict(zip(numbers, sorted(self._runs), strict=True))  # ids are numbers that sort as they are written
        return {names[number]: Retried(due_at, ended_at) for number, due_at, ended_at in rows}

    def _start_of(self, run: str) -> float:
        return self._starts[run, self._runs[run]["attempt"]].at


def most_at_once(lines: Sequence[Seen], group_of: Callable[[str], str]) -> Counter[str]:
    """The most runs of each group that ran at one moment. An end is written before the process ends, so this is never
    more than what ran."""
    running: Counter[str] = Counter()
    highest: Counter[str] = Counter()
    for line in lines:
        running[group_of(line.run)] += 1 if line.event == "start" else -1
        highest |= running
    return highest


def _delay_ms(job: str, attempt: int) -> tuple[float, float]:
    """The least and the longest that the policy lets lie before an attempt; the last is a cap."""
    delay = 1000 * JOBS[job].delays[attempt - 2]
    highest = delay if job == "doubling" and attempt == 4 else delay * (1 + _JITTER)
    return delay * (1 - _JITTER) - _ROUNDING_MS, highest + _ROUNDING_MS
