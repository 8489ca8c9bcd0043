"""What a job wants to be told of. Apart from the rules, which only those ends need that open or close an alert."""

from typing import NamedTuple


class AlertPolicy(NamedTuple):
    """What is worth telling somebody. Thresholds are seconds.

    `on` None: final failures and recoveries, and everything that has a threshold.
    """

    on: frozenset[str] | None = None
    severity: str = "medium"
    after_failures: int = 1
    late: float | None = None
    overrun: float | str | None = None  # "auto": from history
    too_fast: float | None = None
    no_success: float | None = None
    repeat: float = 14400.0
    channels: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The words of `on`, also when it is left out."""
        if self.on is not None:
            return self.on
        thresholds = (("late", self.late), ("overrun", self.overrun), ("too_fast", self.too_fast))
        given = (word for word, value in (*thresholds, ("no_success", self.no_success)) if value is not None)
        return frozenset({"failed", "recovered", *given})

    def wants(self, word: str) -> bool:
        """Whether a word of `on` holds."""
        return word in self.kinds


def policy_of(definition: str | None) -> AlertPolicy:
    """The alert policy within a resolved definition (JSON); without one, what holds for every job."""
    if not definition:
        return AlertPolicy()
    import json  # 2 ms, which a command that is no job of the file does not need

    keys = json.loads(definition).get("alert")
    if keys is None:
        return AlertPolicy()
    return AlertPolicy(
        on=frozenset(keys["on"]),
        severity=keys["severity"],
        after_failures=keys["after_failures"],
        late=keys["late"],
        overrun=keys["overrun"],
        too_fast=keys["too_fast"],
        no_success=keys["no_success"],
        repeat=keys["repeat"] or AlertPolicy().repeat,
        channels=tuple(keys["channels"]),
    )
