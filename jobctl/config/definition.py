"""A job as plain data with all defaults resolved: what `show` prints, the store keeps and a change is noticed by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.job import (
    EnvValue,
    Execution,
    FromEnv,
    FromFile,
    Job,
    JobRetention,
    Lateness,
    Param,
    Triggers,
    WaitForIdle,
)
from jobctl.domain.policies import Chain, RetryPolicy

P = TypeVar("P")
Words = dict[str, object]


def definition_of(job: Job) -> Words:
    """The job in the words of the jobs file, ready for JSON: durations in seconds, sizes in bytes.

    Secrets appear as they are referenced, never as they are. Neither the place in the file nor the order of unordered
    keys matters, so equal definitions give equal JSON.
    """
    ((_, definition),) = definitions_of((job,))
    return definition


def definitions_of(jobs: Collection[Job]) -> Iterator[tuple[Job, Words]]:
    """Each job with its definition."""
    said = _Said()
    for job in jobs:
        yield job, _definition_of(job, said)


class _Said:
    """The words of parts that jobs share, each put together once. By identity, so never for longer than the jobs are
    there."""

    def __init__(self) -> None:
        self._words: dict[int, Words] = {}

    def of(self, part: P, say: Callable[[P], Words]) -> Words:
        words = self._words.get(id(part))
        if words is None:
            words = self._words[id(part)] = say(part)
        return words


def _definition_of(job: Job, said: _Said) -> Words:
    return {
        "command": job.command if isinstance(job.command, str) else list(job.command),
        "description": job.description,
        "group": job.group,
        "tags": list(job.tags),
        "enabled": job.enabled,
        "priority": job.priority,
        "queue": job.queue,
        "max_concurrent": job.max_concurrent,
        "overlap": job.overlap.value,
        **said.of(job.triggers, _triggers),
        **said.of(job.lateness, _lateness),
        **said.of(job.retry, _retry),
        **said.of(job.execution, _execution),
        **said.of(job.chain, _chain),
        "params": {name: _param(param) for name, param in sorted(job.params.items())},
        "wait_for_idle": _wait_for_idle(job.wait_for_idle),
        "alert": None if job.alert is None else alert_keys(job.alert),
        "retention": _retention(job.retention),
        "heartbeat": None if job.heartbeat is None else _secret_or_value(job.heartbeat, is_secret=True),
    }


def _triggers(triggers: Triggers) -> Words:
    return {
        "schedule": list(triggers.schedule),
        "timezone": triggers.timezone,
        "every": triggers.every,
        "every_after": triggers.every_after,
        "at": triggers.at,
        "on_start": triggers.on_start,
        "on_boot": triggers.on_boot,
        "spread": triggers.spread,
        "calendar_exclude": sorted(triggers.calendar_exclude),
    }


def _lateness(lateness: Lateness) -> Words:
    return {
        "catch_up": lateness.catch_up.value,
        "catch_up_window": lateness.catch_up_window,
        "catch_up_limit": lateness.catch_up_limit,
        "start_deadline": lateness.start_deadline,
    }


def _retry(retry: RetryPolicy) -> Words:
    return {
        "retries": retry.retries,
        "retry_delay": retry.delay,
        "retry_backoff": retry.backoff.value,
        "retry_max_delay": retry.max_delay,
        "retry_never_on": sorted(retry.never_on),
        "success_on": sorted(retry.success_on),
        "on_lost": retry.on_lost.value,
    }


def _chain(chain: Chain) -> Words:
    return {
        "after": list(chain.after),
        "after_failure": list(chain.after_failure),
        "after_any": list(chain.after_any),
    }


def _execution(execution: Execution) -> Words:
    limits, secrets = execution.limits, execution.secrets
    return {
        "cwd": execution.cwd,
        "shell": list(execution.shell),
        "env": {
            name: _secret_or_value(value, is_secret=name in secrets) for name, value in sorted(execution.env.items())
        },
        "env_file": execution.env_file,
        "user": execution.user,
        "group_name": execution.group,
        "umask": None if execution.umask is None else f"{execution.umask:03o}",
        "nice": execution.nice,
        "limits": {
            "memory": limits.memory,
            "cpu": limits.cpu,
            "open_files": limits.open_files,
            "processes": limits.processes,
        },
        "timeout": execution.timeout,
        "grace": execution.grace,
        "max_log_size": execution.max_log_size,
        "stdin": "params" if execution.stdin_params else "none",
        "secrets": sorted(secrets),
    }


def _secret_or_value(value: EnvValue, *, is_secret: bool) -> object:
    """A secret that stands in the jobs file leaves no more than a digest, so that a change of it is a change."""
    if isinstance(value, FromFile):
        return {"file": value.path}
    if isinstance(value, FromEnv):
        return {"env": value.name}
    if is_secret:
        return "*** " + hashlib.blake2b(value.encode(errors="surrogatepass"), digest_size=8).hexdigest()
    return value


def _param(param: Param) -> Words:
    return {
        "type": param.type,
        "required": param.required,
        "default": param.default,
        "choices": list(param.choices),
        "pattern": param.pattern,
        "minimum": param.minimum,
        "maximum": param.maximum,
        "min_length": param.min_length,
        "max_length": param.max_length,
        "description": param.description,
    }


def _wait_for_idle(wait: WaitForIdle | None) -> Words | None:
    if wait is None:
        return None
    return {"load_below": wait.load_below, "memory_free": wait.memory_free, "latest": wait.latest}


def alert_keys(alert: AlertPolicy) -> Words:
    """A policy in the words of the jobs file."""
    return {
        "on": sorted(alert.kinds),
        "severity": alert.severity,
        "after_failures": alert.after_failures,
        "late": alert.late,
        "overrun": alert.overrun,
        "too_fast": alert.too_fast,
        "no_success": alert.no_success,
        "repeat": alert.repeat,
        "channels": list(alert.channels),
    }


def _retention(retention: JobRetention | None) -> Words | None:
    if retention is None:
        return None
    return {"succeeded": retention.succeeded, "failed": retention.failed, "max_runs": retention.max_runs}
