"""Notices of alerts, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jobctl.domain.notice import Notice
from jobctl.store.sqlite.alert_rows import notice_of
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries


class SqliteOutboxStore:
    """OutboxStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries("alerts")

    def unaddressed(self, limit: int) -> list[Notice]:
        return [notice_of(row) for row in self._database.all(self._sql["unaddressed"], (limit,))]

    def address(self, notice: Notice, channels: Sequence[str], now: int) -> None:
        with self._database:
            if not channels:
                self._database.write(self._sql["keep"], (now, notice.id))
                return
            if self._database.write(self._sql["address"], (channels[0], notice.id)):
                self._database.write_many(self._sql["address_also"], [(channel, notice.id) for channel in channels[1:]])

    def waiting(self, limit: int) -> list[Notice]:
        return [notice_of(row) for row in self._database.all(self._sql["waiting"], (limit,))]

    def sent_since(self, channel: str, since: int) -> list[Notice]:
        return [notice_of(row) for row in self._database.all(self._sql["sent_since"], (channel, since))]

    def sent(self, ids: Collection[int], now: int) -> None:
        with self._database:
            self._database.write_many(self._sql["sent"], [(now, number) for number in ids])

    def put_off(self, ids: Collection[int], due_at: int, error: str) -> None:
        with self._database:
            self._database.write_many(self._sql["put_off"], [(due_at, error, number) for number in ids])

    def give_up(self, ids: Collection[int], error: str, now: int) -> None:
        with self._database:
            self._database.write_many(self._sql["give_up"], [(now, error, number) for number in ids])

    def history(self, limit: int) -> list[Notice]:
        return [notice_of(row) for row in self._database.all(self._sql["notices"], (limit,))]
