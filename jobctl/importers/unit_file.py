"""Unit files of systemd with their drop-ins, as settings with their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.importers.findings import Place

_SECTION = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One file of a unit: the unit file itself, or a drop-in."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """`Key=value` of a section."""

    section: str
    key: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with all of its settings, in the order in which the manager reads them."""

    name: str
    settings: tuple[Setting, ...]

    @property
    def place(self) -> Place:
        """The unit file as a whole."""
        return Place(self.settings[0].place.file, 0) if self.settings else Place(self.name, 0)

    def all(self, section: str, *keys: str) -> list[Setting]:
        """The settings of these keys that count: an empty one takes back those before it."""
        found: list[Setting] = []
        for setting in self.settings:
            if setting.section == section and setting.key in keys:
                found = [*found, setting] if setting.value else []
        return found

    def last(self, section: str, *keys: str) -> Setting | None:
        """The setting that counts where there can be one only."""
        found = self.all(section, *keys)
        return found[-1] if found else None


def read_unit(name: str, fragments: Sequence[Fragment]) -> Unit:
    """The unit whose file and drop-ins these are. Lines that are no settings are passed over, as the manager does."""
    settings: list[Setting] = []
    for fragment in fragments:
        section = ""
        for number, line in _logical_lines(fragment.text):
            if match := _SECTION.fullmatch(line):
                section = match[1]
                continue
            key, equals, value = line.partition("=")
            if equals and section:
                settings.append(Setting(section, key.strip(), value.strip(), Place(fragment.file, number)))
    return Unit(name, tuple(settings))


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines without comments, those that a backslash goes on with joined, each with the number of its first."""
    found: list[tuple[int, str]] = []
    going_on = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if line.startswith(("#", ";")):
            continue
        if not line and not going_on:
            continue
        continues = line.endswith("\\")
        piece = line[:-1] + " " if continues else line
        if going_on:
            found[-1] = (found[-1][0], found[-1][1] + piece)
        else:
            found.append((number, piece))
        going_on = continues
    return [(number, line.strip()) for number, line in found]
