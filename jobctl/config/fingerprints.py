"""The settings in force as plain data, by which a reload tells what it changes. See `definition` for jobs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from jobctl.domain.settings import Settings

# Read once, when the daemon starts: a reload cannot change them.
NEED_RESTART = frozenset({"daemon.state_dir", "daemon.log_format"})

_OF_DAEMON = ("timezone", "max_concurrent", "grace", "enabled", "log_format", "state_dir", "heartbeat")
_MAY_HOLD_SECRETS = ("channels.", "daemon.heartbeat")


def fingerprints(settings: Settings) -> dict[str, str]:
    """The value of every setting that is not left at nothing, as JSON, by its dotted key. What may hold credentials is
    a digest of the value."""
    found: dict[str, object] = {f"daemon.{key}": getattr(settings, key) for key in _OF_DAEMON}
    found |= {f"retention.{key}": value for key, value in asdict(settings.retention).items()}
    found |= {f"monitor.{key}": value for key, value in asdict(settings.monitor).items()}
    found |= {f"severity.{key}": value for key, value in settings.severity.items()}
    found |= {
        f"queues.{name}.{_in_file(key)}": value
        for name, queue in settings.queues.items()
        for key, value in asdict(queue).items()
    }
    found |= {f"channels.{name}": sorted(channel.options.items()) for name, channel in settings.channels.items()}
    return {key: _written(key, value) for key, value in found.items() if value is not None}


def differing(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    """The keys whose values differ, sorted."""
    return tuple(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))


def adopted(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """What is in force once a daemon with `before` has reloaded `after`: all but what needs a restart."""
    kept = {key: value for key, value in before.items() if key in NEED_RESTART}
    return kept | {key: value for key, value in after.items() if key not in NEED_RESTART}


def _in_file(key: str) -> str:
    return "rate_limit" if key == "rate" else key


def _written(key: str, value: object) -> str:
    text = json.dumps(value, default=repr)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest() if key.startswith(_MAY_HOLD_SECRETS) else text
