"""A period of time as few spans of which tallies are kept: its edges in short ones, what is between in long ones."""

from __future__ import annotations

from typing import NamedTuple

from jobctl.domain.tally import Span


class Stretch(NamedTuple):
    """Whole spans of one length, one after the other: those that begin in [since, until), milliseconds."""

    span: Span
    since: int
    until: int


def stretches(since: int, until: int, finest: Span) -> list[Stretch]:
    """What holds each moment of [since, until) once, and none besides, where spans of `finest` begin at both: as few of
    them and of longer ones as that takes. In the order of time."""
    if since >= until:
        return []
    wider = min((span for span in Span if span > finest), default=None)
    if wider is None or (first := wider.start_of(since + wider - 1)) >= (last := wider.start_of(until)):
        return [Stretch(finest, since, until)]
    found = [Stretch(finest, since, first), *stretches(first, last, wider), Stretch(finest, last, until)]
    return [one for one in found if one.since < one.until]
