"""Numbers in the text format of Prometheus, version 0.0.4: a family at a time, as the format wants it.

See https://prometheus.io/docs/instrumenting/exposition_formats/ and, for the names, .../docs/practices/naming/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobctl import __version__
from jobctl.domain.run import FINAL, Status
from jobctl.domain.tally import Tally, total
from jobctl.operations.metrics import DURATION_BOUNDS_MS, Metrics

_SEVERITIES = ("low", "medium", "high")
_ENDS = sorted(FINAL)
_BOUNDS = tuple(f'le="{bound / 1000:g}"' for bound in DURATION_BOUNDS_MS)


def exposition(found: Metrics) -> Iterator[str]:
    """The lines, each with its end."""
    yield from _of_the_whole(found)
    yield from _of_queues(found)
    yield from _of_jobs(found)
    tallies = [(f'job="{escaped(name)}"', found.tallies[name]) for name in found.jobs.names if name in found.tallies]
    yield from _of_ends(tallies)
    yield from _of_durations(tallies)
    yield from _of_waits(tallies, found)


def escaped(value: str) -> str:
    """A label's value between its quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _of_the_whole(found: Metrics) -> Iterator[str]:
    daemon = found.daemon
    yield from _family("jobctl_build_info", "gauge", "The version of jobctl.", [f'{{version="{__version__}"}} 1'])
    works = daemon.running and not daemon.stands_still
    yield from _family("jobctl_daemon_up", "gauge", "Whether the daemon lives and works.", [f" {works:d}"])
    beat = [] if daemon.last_beat_at is None else [f" {_seconds(daemon.last_beat_at)}"]
    help = "When the daemon last proved to be at work, Unix time."
    yield from _family("jobctl_daemon_last_beat_timestamp_seconds", "gauge", help, beat)
    started = [] if daemon.started_at is None else [f" {_seconds(daemon.started_at)}"]
    yield from _family("jobctl_daemon_start_time_seconds", "gauge", "When the daemon started, Unix time.", started)
    yield from _family("jobctl_jobs", "gauge", "Jobs that are defined.", [f" {daemon.jobs}"])
    runs = [f'{{status="{status.word}"}} {found.counts.get(status, 0)}' for status in Status]
    yield from _family("jobctl_runs", "gauge", "Runs that are kept, by status.", runs)
    yield from _family(
        "jobctl_dead_letters", "gauge", "Runs that failed for good, not seen to.", [f" {found.dead_letters}"]
    )
    alerts = [f'{{severity="{severity}"}} {found.alerts.get(severity, 0)}' for severity in _SEVERITIES]
    yield from _family("jobctl_alerts_open", "gauge", "Alerts that are not over.", alerts)
    free = [f" {found.disk_free}"]
    yield from _family("jobctl_state_free_bytes", "gauge", "Room left for the state directory.", free)


def _of_queues(found: Metrics) -> Iterator[str]:
    queues = [(f'{{queue="{escaped(load.queue)}"}}', load) for load in found.queues]
    waiting = (f"{label} {load.waiting}" for label, load in queues)
    yield from _family("jobctl_queue_waiting", "gauge", "Runs that wait to start.", waiting)
    running = (f"{label} {load.running}" for label, load in queues)
    yield from _family("jobctl_queue_running", "gauge", "Runs that run.", running)
    oldest = (
        f"{label} {_seconds(max(0, found.now - found.waiting_since.get(load.queue, found.now)))}"
        for label, load in queues
    )
    help = "For how long the longest waiting of the runs has been due that are the next of their job."
    yield from _family("jobctl_queue_oldest_waiting_seconds", "gauge", help, oldest)


def _of_jobs(found: Metrics) -> Iterator[str]:
    names = [escaped(name) for name in found.jobs.names]
    enabled = (f'{{job="{name}"}} {on:d}' for name, on in zip(names, found.jobs.enabled, strict=True))
    yield from _family("jobctl_job_enabled", "gauge", "Whether the job may start by itself.", enabled)
    last = (
        f'{{job="{name}",status="{status.word}"}} 1'
        for name, status in zip(names, found.jobs.last_statuses, strict=True)
        if status is not None
    )
    yield from _family("jobctl_job_last_status", "gauge", "1 for the status that the last run ended in.", last)
    success = (f'{{job="{escaped(job)}"}} {_seconds(at)}' for job, at in found.last_successes.items())
    help = "When a run last succeeded, Unix time."
    yield from _family("jobctl_job_last_success_timestamp_seconds", "gauge", help, success)
    missed = (f'{{job="{escaped(one.job)}"}} {one.missed}' for one in found.missed)
    help = "Starts in a row that a job has missed since a run of it last began; only of jobs with such."
    yield from _family("jobctl_job_missed_in_a_row", "gauge", help, missed)


def _of_ends(tallies: list[tuple[str, Tally]]) -> Iterator[str]:
    ends = (
        f'{{{job},status="{status.word}"}} {getattr(tally, status.word)}' for job, tally in tallies for status in _ENDS
    )
    yield from _family("jobctl_job_runs_total", "counter", "Runs that ended, by status.", ends)
    cpu = (f"{{{job}}} {_seconds(tally.cpu_ms)}" for job, tally in tallies)
    yield from _family("jobctl_job_cpu_seconds_total", "counter", "CPU time of runs that ended.", cpu)


def _of_durations(tallies: list[tuple[str, Tally]]) -> Iterator[str]:
    help = "How long runs took that succeeded, failed or timed out."
    yield from _family("jobctl_job_duration_seconds", "histogram", help, _histograms(tallies))


def _histograms(tallies: list[tuple[str, Tally]]) -> Iterator[str]:
    for job, tally in tallies:
        for bound, runs in zip(_BOUNDS, tally.within(DURATION_BOUNDS_MS), strict=True):
            yield f"_bucket{{{job},{bound}}} {runs}"
        yield f'_bucket{{{job},le="+Inf"}} {tally.measured}'
        yield f"_sum{{{job}}} {_seconds(tally.duration_ms)}"
        yield f"_count{{{job}}} {tally.measured}"


def _of_waits(tallies: list[tuple[str, Tally]], found: Metrics) -> Iterator[str]:
    waits = (
        f"{part}{{{job}}} {value}"
        for job, tally in tallies
        for part, value in (("_sum", _seconds(tally.wait_ms)), ("_count", tally.started))
    )
    yield from _family("jobctl_job_wait_seconds", "summary", "How much later than due runs started.", waits)
    longest = (
        f'{{job="{escaped(name)}"}} {_seconds(found.today[name].max_wait_ms)}'
        for name in found.jobs.names
        if name in found.today
    )
    help = "How much later than due runs of all jobs started."
    yield from _family("jobctl_start_lateness_seconds", "histogram", help, _lateness(found))
    help = "The longest wait among the runs that ended since midnight in UTC."
    yield from _family("jobctl_job_wait_today_max_seconds", "gauge", help, longest)


def _lateness(found: Metrics) -> Iterator[str]:
    """Of all jobs together, in one histogram: one for each would be another hundred thousand lines for ten thousand
    jobs, which have a sum and a count each."""
    whole = total(found.tallies.values())
    for bound, runs in zip(_BOUNDS, whole.waited_within(DURATION_BOUNDS_MS), strict=True):
        yield f"_bucket{{{bound}}} {runs}"
    yield f'_bucket{{le="+Inf"}} {sum(whole.waits.values())}'
    yield f"_sum {_seconds(whole.wait_ms)}"
    yield f"_count {sum(whole.waits.values())}"


def _family(name: str, kind: str, help: str, samples: Iterable[str]) -> Iterator[str]:
    """Samples come without the name, from its suffix on."""
    yield f"# HELP {name} {help}\n# TYPE {name} {kind}\n"
    for sample in samples:
        yield f"{name}{sample}\n"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
