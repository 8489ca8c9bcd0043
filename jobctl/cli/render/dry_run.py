"""What would be executed, for a person and for a program."""

from __future__ import annotations

import grp
import shlex
from collections.abc import Mapping
from typing import Any

from jobctl.cli.render.console import Console
from jobctl.cli.render.sheet import print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.dry_run import Difference, DryRun


def print_dry_run(console: Console, planned: DryRun, *, with_name: bool) -> None:
    """The command and everything that surrounds it."""
    if with_name:
        print_heading(console, planned.job.name)
    spec = planned.spec
    timeout = "none" if spec.timeout is None else f"{format_duration(spec.timeout)}, then SIGTERM"
    facts = [
        ("Command", shlex.join(planned.argv)),
        ("User", _user(planned)),
        ("Folder", spec.cwd),
        ("Umask", f"{planned.umask:03o}"),
        ("Nice", str(planned.nice)),
        ("Limits", ", ".join(f"{name} {_amount(name, value)}" for name, value in _limits(planned).items())),
        ("Timeout", f"{timeout}, SIGKILL {format_duration(spec.grace)} later" if spec.timeout else timeout),
        ("Stdin", "the payload as JSON" if spec.stdin is not None else "/dev/null"),
        ("Log", f"up to {format_size(spec.max_log_size)}, then its middle is cut"),
    ]
    print_facts(console, facts)
    print_heading(console, "Environment")
    print_environment(console, planned.env)


def print_environment(console: Console, env: Mapping[str, str]) -> None:
    """A line for each variable; on a terminal without signs that move it."""
    for name, value in env.items():
        line = f"{name}={value}"
        console.print(printable(line) if console.is_terminal else line)


def print_difference(console: Console, found: Difference) -> None:
    """`+` what the run has, `-` what only the caller has, `~` what has another value, with the caller's behind it."""
    lines = [(f"+ {name}={value}", Meaning.GOOD) for name, value in found.added.items()]
    lines += [(f"- {name}", Meaning.BAD) for name in found.removed]
    lines += [(f"~ {name}={run}  (here: {here})", Meaning.DOUBTFUL) for name, (here, run) in found.changed.items()]
    for line, meaning in lines:
        console.print(console.style(printable(line), meaning))


def difference_document(found: Difference) -> dict[str, Any]:
    changed = {name: {"here": here, "run": run} for name, (here, run) in found.changed.items()}
    return {"added": found.added, "removed": list(found.removed), "changed": changed}


def dry_run_document(planned: DryRun) -> dict[str, Any]:
    spec, owner = planned.spec, planned.spec.owner
    return {
        "job": planned.job.name,
        "argv": list(planned.argv),
        "user": planned.account.name,
        "uid": planned.account.uid,
        "gid": None if owner is None else owner.gid,
        "groups": None if owner is None else list(owner.groups),
        "cwd": spec.cwd,
        "umask": f"{planned.umask:03o}",
        "nice": planned.nice,
        "limits": _limits(planned),
        "timeout": spec.timeout,
        "grace": spec.grace,
        "max_log_size": spec.max_log_size,
        "stdin": None if spec.stdin is None else "params",
        "env": dict(planned.env),
    }


def _limits(planned: DryRun) -> dict[str, int]:
    limits = planned.job.execution.limits
    named = {name: getattr(limits, name) for name in ("memory", "cpu", "open_files", "processes")}
    return {name: value for name, value in named.items() if value is not None}


def _amount(name: str, value: int) -> str:
    if name == "memory":
        return format_size(value)
    return format_duration(value) if name == "cpu" else str(value)


def _user(planned: DryRun) -> str:
    owner, name = planned.spec.owner, planned.account.name
    if owner is None:
        return f"{name} ({planned.account.uid})"
    return f"{name} ({owner.uid}), group {_group(owner.gid)}, groups {', '.join(map(_group, owner.groups))}"


def _group(gid: int) -> str:
    try:
        return f"{grp.getgrgid(gid).gr_name} ({gid})"
    except KeyError:
        return str(gid)
