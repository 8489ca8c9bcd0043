"""Statistics for a person and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from jobctl.cli.render.console import Console
from jobctl.cli.render.json import instant
from jobctl.cli.render.sheet import print_facts
from jobctl.cli.render.sparkline import sparkline
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import counted, size_words, storage_words
from jobctl.domain.tally import Span, Tally
from jobctl.domain.trend import Trend
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.stats import JobStats, Order, Period

_MEANINGS = {
    Trend.FAILS_MORE: Meaning.BAD,
    Trend.FAILS_OFTEN: Meaning.BAD,
    Trend.SLOWER: Meaning.DOUBTFUL,
    Trend.FAILS_LESS: Meaning.GOOD,
    Trend.FASTER: Meaning.GOOD,
    Trend.STOPPED: Meaning.DOUBTFUL,
}
_SORTED_BY = {
    Order.CPU: "CPU",
    Order.MEMORY: "MEMORY",
    Order.TIME: "TIME",
    Order.FAILURES: "FAILED",
    Order.WAIT: "WAIT",
}
Course = Sequence[Tally | None]  # what ended in each span; None: nothing
_BARS_IN_A_TABLE = 14
_BARS_ON_A_SHEET = 60


def stats_columns(
    found: Sequence[JobStats], courses: Sequence[Course], order: Order | None = None, *, plain: bool
) -> list[Column]:
    """The jobs as a table; without `courses` it has no bars. What they are sorted by is shown on any screen."""
    tallies = [one.tally for one in found]
    columns = [
        name_column("JOB", [one.job for one in found], least=16),
        Column("RUNS", [f"{tally.finished:,}" if tally.finished else "" for tally in tallies], right=True),
        Column("OK", [_rate(tally) for tally in tallies], [_rate_meaning(tally) for tally in tallies], right=True),
        *_most_of(tallies, order),
        Column("P50", [_said(tally.percentile(0.5)) for tally in tallies], right=True, rank=3),
        Column("P95", [_said(tally.percentile(0.95)) for tally in tallies], right=True),
        Column(
            "MAX", [_said(tally.max_duration_ms) if tally.measured else "" for tally in tallies], right=True, rank=4
        ),
        Column("WAIT", [_said(_mean(tally.wait_ms, tally.started)) for tally in tallies], right=True, rank=6),
        Column("CPU", [_said(tally.cpu_ms or None) for tally in tallies], right=True, rank=5),
        Column("MEMORY", [_size(tally) for tally in tallies], right=True, rank=5),
        Column("READ", [size_words(tally.read_bytes or None) for tally in tallies], right=True, rank=9),
        Column("WRITTEN", [size_words(tally.written_bytes or None) for tally in tallies], right=True, rank=9),
        Column("RETRIES", [f"{tally.retries:,}" if tally.retries else "" for tally in tallies], right=True, rank=7),
        Column("P95 OVER TIME", _all_bars(courses, len(found), plain=plain), rank=8),
        Column(
            "TREND",
            [one.verdict.words for one in found],
            [_MEANINGS.get(one.verdict.trend, Meaning.FAINT) for one in found],
            rank=1,
        ),
    ]
    return [one._replace(rank=0) if order and one.title == _SORTED_BY[order] else one for one in columns]


def _most_of(tallies: Sequence[Tally], order: Order | None) -> list[Column]:
    """What the jobs are sorted by, where no other column tells it."""
    if order is Order.FAILURES:
        return [Column("FAILED", [f"{tally.bad:,}" if tally.bad else "" for tally in tallies], right=True)]
    if order is Order.TIME:
        return [Column("TIME", [_said(tally.duration_ms) if tally.measured else "" for tally in tallies], right=True)]
    return []


def print_stats(console: Console, one: JobStats, course: Course, wanted: Period, *, plain: bool) -> None:
    """One job in full."""
    tally, before = one.tally, one.before
    console.print(console.style(one.job, Meaning.STRONG) + f"  {period_words(wanted)}")
    console.print()
    beyond = [(tally.skipped, "skipped"), (tally.missed, "missed"), (tally.cancelled, "cancelled")]
    print_facts(
        console,
        [
            ("Trend", _against(one, wanted), _MEANINGS.get(one.verdict.trend, Meaning.PLAIN)),
            ("Runs", f"{tally.finished:,}, {before.finished:,} in the period before"),
            ("Successful", _rate(tally), _rate_meaning(tally)),
            ("Ended", ", ".join(f"{count:,} {word.replace('_', ' ')}" for count, word in _ends(tally) if count)),
            ("Besides", ", ".join(f"{count:,} {word}" for count, word in beyond if count)),
            ("Took", _durations(tally)),
            ("Before", _durations(before)),
            ("Waited", _waits(tally)),
            ("CPU", _cpu(tally)),
            ("Memory", f"{_size(tally)} at most" if tally.max_rss_bytes else ""),
            ("Storage", storage_words(tally.read_bytes, tally.written_bytes)),
            ("Retries", f"{tally.retries:,}" if tally.retries else ""),
            ("P95", _bars(course, _BARS_ON_A_SHEET, plain=plain) if tally.measured else ""),
            ("Ends", _ends_bars(course, plain=plain) if tally.finished else ""),
        ],
    )


def stats_documents(found: Iterable[JobStats], wanted: Period) -> list[dict[str, Any]]:
    """The jobs for scripts."""
    since, until, since_before = map(instant, (wanted.since, wanted.until, wanted.before().since))
    return [
        {
            "job": one.job,
            "since": since,
            "until": until,
            **_tally_document(one.tally),
            "before": {"since": since_before, **_tally_document(one.before)},
            "trend": one.verdict.trend.name.lower(),
            "verdict": one.verdict.words,
        }
        for one in found
    ]


def period_words(wanted: Period) -> str:
    """`the last 7 days`, as far as spans go: `the last 24 hours`."""
    noun = "hour" if wanted.span is Span.HOUR else "day"
    return f"this {noun}" if len(wanted.starts) == 1 else f"the last {len(wanted.starts)} {noun}s"


def summary(found: Sequence[JobStats], wanted: Period) -> str:
    """One line about all of them."""
    runs, good = sum(one.tally.finished for one in found), sum(one.tally.succeeded for one in found)
    share = f", {_percent(good / runs)} of them successful" if runs else ""
    return f"{period_words(wanted)}: {counted(runs, 'run')} of {counted(len(found), 'job')}{share}"


def _tally_document(tally: Tally) -> dict[str, Any]:
    return {
        "runs": tally.finished,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "timed_out": tally.timed_out,
        "lost": tally.lost,
        "cancelled": tally.cancelled,
        "skipped": tally.skipped,
        "missed": tally.missed,
        "retries": tally.retries,
        "success_rate": tally.success_rate,
        "p50": _seconds(tally.percentile(0.5)),
        "p95": _seconds(tally.percentile(0.95)),
        "max": tally.max_duration_ms / 1000 if tally.measured else None,
        "wait_mean": _seconds(_mean(tally.wait_ms, tally.started)),
        "wait_max": tally.max_wait_ms / 1000 if tally.started else None,
        "cpu_seconds": tally.cpu_ms / 1000,
        "max_rss_bytes": tally.max_rss_bytes or None,
        "read_bytes": tally.read_bytes,
        "written_bytes": tally.written_bytes,
    }


def _ends(tally: Tally) -> list[tuple[int, str]]:
    return [(getattr(tally, word), word) for word in ("succeeded", "failed", "timed_out", "lost")]


def _against(one: JobStats, wanted: Period) -> str:
    """The verdict, and what it is measured by: `p95 up 84% (against the 7 days before)`."""
    if one.verdict.trend in (Trend.NEW, Trend.IDLE) or not one.before.finished:
        return one.verdict.words
    noun = "hour" if wanted.span is Span.HOUR else "day"
    many = len(wanted.starts)
    return f"{one.verdict.words} (against the {noun if many == 1 else counted(many, noun)} before)"


def _durations(tally: Tally) -> str:
    if not tally.measured:
        return ""
    p50, p95 = _said(tally.percentile(0.5)), _said(tally.percentile(0.95))
    return f"half within {p50}, 95% within {p95}, at most {_said(tally.max_duration_ms)}"


def _waits(tally: Tally) -> str:
    if not tally.started:
        return ""
    return f"{_said(_mean(tally.wait_ms, tally.started))} to start on average, at most {_said(tally.max_wait_ms)}"


def _cpu(tally: Tally) -> str:
    if not tally.started:
        return ""
    return f"{_said(tally.cpu_ms)} in all, {_said(_mean(tally.cpu_ms, tally.started))} a run"


def _ends_bars(course: Course, *, plain: bool) -> str:
    return sparkline([None if span is None else span.finished for span in course], _BARS_ON_A_SHEET, plain=plain)


def _all_bars(courses: Sequence[Course], jobs: int, *, plain: bool) -> list[str]:
    return [_bars(course, _BARS_IN_A_TABLE, plain=plain) for course in courses] if courses else [""] * jobs


def _bars(course: Course, width: int, *, plain: bool) -> str:
    return sparkline([None if span is None else span.percentile(0.95) for span in course], width, plain=plain)


def _rate(tally: Tally) -> str:
    return "" if tally.success_rate is None else _percent(tally.success_rate)


def _rate_meaning(tally: Tally) -> Meaning:
    rate = tally.success_rate
    return (
        Meaning.PLAIN
        if rate is None
        else Meaning.GOOD
        if rate == 1
        else Meaning.DOUBTFUL
        if rate > 0.9
        else Meaning.BAD
    )


def _percent(share: float) -> str:
    """Whole percents; 100 % only when it is all of them."""
    text = f"{share:.0%}"
    return f"{share:.2%}" if text == "100%" and share < 1 else text


def _mean(whole: int, parts: int) -> float | None:
    return whole / parts if parts else None


@lru_cache(maxsize=4096)  # percentiles are those of buckets, and waits are alike
def _said(milliseconds: float | None) -> str:
    if milliseconds is None:
        return ""
    seconds = milliseconds / 1000
    return format_duration(round(seconds, 3 if seconds < 0.1 else 1 if seconds < 10 else 0))


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 3)


def _size(tally: Tally) -> str:
    return format_size(tally.max_rss_bytes) if tally.max_rss_bytes else ""
