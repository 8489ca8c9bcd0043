"""The triggers of a job from its definition as the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobctl.domain.job import Triggers


def triggers_of(definition: Mapping[str, Any]) -> Triggers:
    """What the clock starts it by; what starts it otherwise is left out."""
    return Triggers(
        schedule=tuple(definition.get("schedule") or ()),
        timezone=definition.get("timezone"),
        every=definition.get("every"),
        at=definition.get("at"),
        spread=definition.get("spread") or 0,
        calendar_exclude=frozenset(definition.get("calendar_exclude") or ()),
    )
