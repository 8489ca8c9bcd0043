"""Attempts: single executions of runs, in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl.domain.admission import AGING_MS
from jobctl.domain.run import Attempt, Status
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.read_ahead import ReadAhead
from jobctl.store.sqlite.rows import attempt_of

_UNKNOWN = "nobody saw how it ended"

if TYPE_CHECKING:
    from jobctl.domain.outcome import AttemptEnd, Conclusion


class SqliteAttemptStore:
    """AttemptStore. A run's `attempt` is the number of its newest attempt, also after `retry`."""

    def __init__(self, database: Database, ahead: ReadAhead) -> None:
        self._database = database
        self._ahead = ahead
        self._sql = queries("attempts")

    def begin(self, run_id: int, token: bytes, keeper: str, now: int) -> int | None:
        with self._database:
            writes = self._database.writes
            claimed = self._database.write_returning(self._sql["claim"], (now, run_id))
            if not claimed:
                return None
            number: int
            number, start_by = claimed[0]
            self._database.write(self._sql["begin"], (run_id, number, token, keeper, now))
            self._ahead.claimed(run_id, writes, start_by)
        return number

    def started(self, run_id: int, number: int, token: bytes, pid: int) -> bool:
        with self._database:
            return self._database.write(self._sql["started"], (pid, run_id, number, token)) == 1

    def unsupervised(self, run_id: int, number: int, token: bytes) -> bool:
        with self._database:
            return self._database.write(self._sql["unsupervised"], (run_id, number, token)) == 1

    def conclude(self, run_id: int, number: int, end: AttemptEnd, conclusion: Conclusion) -> bool:
        ended = (
            int(conclusion.attempt_status), end.started_at, end.finished_at, end.exit_code, end.signal,
            end.error_as(conclusion.attempt_status), end.pid, end.cpu_seconds, end.max_rss_bytes, end.log_bytes,
            end.read_bytes, end.written_bytes, run_id, number, end.token,
        )  # fmt: skip
        with self._database:
            writes = self._database.writes
            if not self._database.write(self._sql["end"], ended):
                return False
            if not self._conclude_run(run_id, number, end, conclusion):
                cancelled = conclusion._replace(run_status=Status.CANCELLED, reason=None, due_at=None)
                if not self._conclude_run(run_id, number, end, cancelled):
                    raise RuntimeError(f"run {run_id} was not running its attempt {number}")
            if conclusion.run_status.is_final:
                self._ahead.unchanged(writes)
        return True

    def withdraw(self, run_id: int, number: int, token: bytes, now: int, *, blame: bool = False) -> bool:
        with self._database:
            if not self._database.write(self._sql["forget"], (run_id, number, token)):
                return False
            self._database.write(self._sql["withdraw"], (now, run_id, number, blame))
            self._database.write(self._sql["give_token_back"], (run_id,))
        return True

    def blamed(self, run_id: int) -> int:
        row = self._database.one(self._sql["blamed"], (run_id,))
        return int(row[0]) if row else 0

    def unfinished(self) -> list[Attempt]:
        return [attempt_of(row) for row in self._database.all(self._sql["unfinished"])]

    def of_run(self, run_id: int) -> list[Attempt]:
        return [attempt_of(row) for row in self._database.all(self._sql["of_run"], (run_id,))]

    def _conclude_run(self, run_id: int, number: int, end: AttemptEnd, conclusion: Conclusion) -> bool:
        status = conclusion.run_status
        values = (
            int(status),  # plain ints bind faster, see runs
            conclusion.reason or (_UNKNOWN if status is Status.LOST else None), conclusion.due_at, AGING_MS,
            end.started_at, end.finished_at if status.is_final else None, end.exit_code, end.signal, end.cpu_seconds,
            end.max_rss_bytes, end.log_bytes, end.read_bytes, end.written_bytes, int(conclusion.dead_letter),
            conclusion.result, conclusion.progress, conclusion.message, run_id, number,
        )  # fmt: skip
        return self._database.write(self._sql["conclude"], values) == 1
