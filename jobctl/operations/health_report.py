"""What the health of the whole is told in: questions with their answers, and what a monitoring system makes of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Health(enum.IntEnum):
    """The exit statuses of https://www.monitoring-plugins.org/doc/guidelines.html."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer in words."""

    name: str
    health: Health
    message: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """All checks, the worst first."""

    checks: tuple[Check, ...]

    @property
    def health(self) -> Health:
        return max(check.health for check in self.checks)

    @property
    def line(self) -> str:
        """What is wrong; when nothing is, what was looked at."""
        worst = [check.message for check in self.checks if check.health is not Health.OK]
        return "; ".join(worst or [check.message for check in self.checks])
