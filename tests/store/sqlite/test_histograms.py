"""Histograms of tallies in SQLite: written one behind the other, and added up before they get long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from jobctl.domain.run import Status
from jobctl.domain.tally import Span
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import NOW, run_through


def test_a_busy_job_has_short_histograms_in_all_spans(tmp_path: Path) -> None:
    now = Span.HOUR.start_of(NOW)
    with closing(SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock")) as store:
        for number in range(150):
            run_through(store, "backup", Status.SUCCEEDED, now + number)
            store.statistics.fold(1)
        assert sum(store.statistics.ever()["backup"].durations.values()) == 150
    with closing(sqlite3.connect(tmp_path / "jobctl.db")) as connection:
        found = connection.execute("SELECT span, durations, waits FROM span_tallies").fetchall()
    assert [span for span, *_ in found] == list(Span)
    for _, durations, waits in found:
        assert 1 < len(durations.split()) <= 1 + 64
        assert len(waits.split()) <= len(set(waits.split())) + 64
