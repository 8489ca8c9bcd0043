"""A command on its way into the jobs file."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobctl.importers.findings import Fate, Remark


@dataclass(slots=True)
class CommandDraft:
    """The command as far as habits were taken out of it, the keys in their place, and what there is to say.

    `name` is that of the job, where the command gave it one.
    """

    command: str
    keys: dict[str, object] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    name: str = ""

    def became(self, what: str, key: str, value: object, said: str) -> None:
        """Note that `what` is a key now."""
        self.keys[key] = value
        self.remarks.append(Remark(Fate.KEPT, f"`{what}` became {said}"))

    def remark(self, fate: Fate, message: str) -> None:
        """Note something once, however often it is seen."""
        found = Remark(fate, message)
        if found not in self.remarks:
            self.remarks.append(found)
