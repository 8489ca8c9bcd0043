"""`Environment=` and `EnvironmentFile=` of a service."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jobctl.importers.exec_line import words
from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.specifiers import expand
from jobctl.importers.telling import Telling
from jobctl.importers.unit_file import Unit

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL | re.ASCII)


def environment(service: Unit, known: Mapping[str, str], telling: Telling) -> dict[str, object]:
    """`env` and `env_file`. CannotKeep: a quote is not closed, or a value is known to a running manager alone."""
    env: dict[str, object] = {}
    for setting in service.all("Service", "Environment"):
        for word in words(setting.value):
            match = _ASSIGNMENT.fullmatch(word)
            if match is None:
                telling.lost(setting, f"`{word}` is no NAME=value")
            else:
                env[match[1]] = expand(match[2], known)
    for setting in service.all("Service", "PassEnvironment"):
        for name in setting.value.split():
            env[name] = {"env": name}
            telling.changed(setting, f"the job fails where the daemon has no {name}")
    keys: dict[str, object] = {"env": env} if env else {}
    telling.together(service.all("Service", "UnsetEnvironment"), Fate.LOST, "a job has no more than is said to it")
    return keys | _file(service, known, telling, has_env=bool(env))


def _file(service: Unit, known: Mapping[str, str], telling: Telling, *, has_env: bool) -> dict[str, object]:
    files = service.all("Service", "EnvironmentFile")
    for setting in files[1:]:
        telling.lost(setting, "a job has one env_file: join them, or read it in the command: . FILE")
    if not files:
        return {}
    setting = files[0]
    path = expand(setting.value.lstrip("-"), known)
    if any(sign in path for sign in "*?["):
        raise CannotKeep(f"EnvironmentFile={setting.value}: a job has one env_file, not a pattern")
    if setting.value.startswith("-"):
        telling.changed(setting, "the job fails where the file is missing")
    if has_env:
        telling.changed(setting, "env wins over env_file, where Environment= loses to EnvironmentFile=")
    return {"env_file": path}
