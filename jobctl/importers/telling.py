"""What is said of one pair of units while it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jobctl.importers.findings import CannotKeep, Fate, Finding, Place
from jobctl.importers.unit_file import Setting


@dataclass(slots=True)
class Telling:
    """The remarks so far, each with its place; the job has no name yet."""

    told: list[tuple[Place, Fate, str]] = field(default_factory=list)

    def kept(self, setting: Setting, message: str) -> None:
        self.told.append((setting.place, Fate.KEPT, f"{setting.key}={setting.value} {message}"))

    def changed(self, setting: Setting, message: str) -> None:
        self.told.append((setting.place, Fate.CHANGED, f"{setting.key}={setting.value}: {message}"))

    def lost(self, setting: Setting, message: str) -> None:
        self.told.append((setting.place, Fate.LOST, f"{setting.key}={setting.value}: {message}"))

    def lost_because(self, setting: Setting, reason: CannotKeep) -> None:
        self.told.append((setting.place, Fate.LOST, str(reason)))

    def together(self, settings: Iterable[Setting], fate: Fate, message: str) -> None:
        """One remark about several settings, at the place of the first."""
        found = list(settings)
        if found:
            keys = ", ".join(dict.fromkeys(setting.key for setting in found))
            self.told.append((found[0].place, fate, f"{keys}: {message}"))

    def findings(self, job: str) -> list[Finding]:
        """The remarks as findings of the job."""
        return [Finding(place, job, fate, message) for place, fate, message in self.told]
