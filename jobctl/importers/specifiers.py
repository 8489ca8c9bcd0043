"""`%i`, `%h` and their like in unit files, as far as they are known where the units are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jobctl.importers.findings import CannotKeep

_SPECIFIER = re.compile(r"%(.?)", re.DOTALL)
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Manager:
    """The manager that the units are for: that of the system, or of the person whose home this is.

    `host` is what its machine is called; empty where that is not known.
    """

    home: str | None = None  # None: the system's
    name: str = "root"
    host: str = ""

    @property
    def is_users(self) -> bool:
        return self.home is not None


def known_specifiers(unit_name: str, manager: Manager) -> dict[str, str]:
    """Letters and what they stand for in a unit of this name."""
    stem = unit_name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    home = manager.home or "/root"
    folders = (
        {"S": f"{home}/.config", "C": f"{home}/.cache", "L": f"{home}/.config/log", "E": f"{home}/.config"}
        if manager.is_users
        else {"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc"}
    )
    return {
        "%": "%", "n": unit_name, "N": stem, "p": prefix, "P": _unescaped(prefix), "i": instance,
        "I": _unescaped(instance), "j": prefix.rpartition("-")[2], "h": home, "u": manager.name,
        "T": "/tmp", "V": "/var/tmp", **folders,
        **({"H": manager.host, "l": manager.host.partition(".")[0]} if manager.host else {}),
    }  # fmt: skip


def names_host(text: str) -> bool:
    """Whether the text has a specifier for what the machine is called."""
    return any(match[1] in ("H", "l") for match in _SPECIFIER.finditer(text))


def expand(text: str, known: Mapping[str, str]) -> str:
    """The text without specifiers. CannotKeep names one whose value the units do not tell."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise CannotKeep(f"%{match[1]} is not known from the units: write its value")
        return known[match[1]]

    return _SPECIFIER.sub(value, text)


def _unescaped(text: str) -> str:
    plain = text.replace("-", "/")
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), plain)
