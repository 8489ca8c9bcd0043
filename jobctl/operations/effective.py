"""What holds for a job where its definition leaves it to somebody else: to the system, to its user, to what every job
is told of."""

from __future__ import annotations

from typing import Any

from jobctl.operations.job_detail import JobDetail


def with_what_holds(detail: JobDetail) -> JobDetail:
    """The job with its zone, its working directory and its alerts as they are for it.

    Its umask and its niceness stay unset: they are those that the daemon was started with. So does a retention that is
    not its own: that is `[retention]`.
    """
    if not detail.definition:
        return detail
    from jobctl.config.definition import alert_keys  # hashes, and what a jobs file may say, for this only
    from jobctl.config.system_zone import system_zone
    from jobctl.domain.alert_policy import AlertPolicy

    zone = detail.row.timezone or system_zone()
    definition = detail.definition | {"timezone": zone, "cwd": detail.definition.get("cwd") or _home(detail.definition)}
    if definition.get("alert") is None:
        definition["alert"] = alert_keys(AlertPolicy())
    return detail._replace(definition=definition, row=detail.row._replace(timezone=zone))


def _home(definition: dict[str, Any]) -> str | None:
    """None: the job has a user that this machine does not know."""
    from jobctl.process.accounts import home_or_root, resolve  # users and groups, for this only
    from jobctl.process.problem import LaunchProblem

    try:
        return home_or_root(resolve(definition.get("user"), definition.get("group_name")))
    except LaunchProblem:
        return None
