"""The audit trail in rows."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import short_time
from jobctl.domain.run_id import to_text
from jobctl.store.records import Event


def event_columns(events: Sequence[Event], now: int) -> list[Column]:
    """The columns of a table of acts; `now` in milliseconds."""
    return [
        Column("WHEN", [short_time(one.at, now) for one in events], [Meaning.FAINT] * len(events)),
        Column("WHO", [one.actor for one in events]),
        Column("WHAT", [one.action for one in events], [Meaning.STRONG] * len(events)),
        Column("JOB", [one.job or "" for one in events], least=12),
        Column("RUN", [to_text(one.run_id) if one.run_id is not None else "" for one in events], rank=2),
        Column("DETAIL", [one.detail or "" for one in events], rank=1, least=16),
    ]
