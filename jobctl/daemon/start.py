"""From an empty process to the first tick: definitions into force, recovery, start-up runs, word to the manager."""

from __future__ import annotations

import json
import os

from jobctl import __version__
from jobctl.config.fingerprints import fingerprints
from jobctl.daemon.recovery import Recovery
from jobctl.daemon.reloader import take_into_force
from jobctl.daemon.startup import queue_startup_runs
from jobctl.daemon.surroundings import Surroundings
from jobctl.failpoint import hit
from jobctl.store.records import ServiceInfo


def start(around: Surroundings, recovery: Recovery, now: int, boot_id: str) -> None:
    """Everything that must be true before the first tick. Dying anywhere in here and starting again is harmless."""
    store, catalogue = around.store, around.catalogue
    before = store.service.info()
    with store.transaction():
        take_into_force(store, catalogue.configuration, now)
    hit("start.definitions")
    recovery.recover(now)
    hit("start.recovered")
    with store.transaction():
        booted = before is None or before.boot_id != boot_id
        queue_startup_runs(store, catalogue, now, booted=booted)
        store.service.started(
            ServiceInfo(
                pid=os.getpid(),
                version=__version__,
                started_at=now,
                config=catalogue.configuration.path,
                reloaded_at=now,
                boot_id=boot_id,
                clock_epoch=before.clock_epoch if before else 0,
                scheduling=catalogue.starts_scheduled,
                settings=json.dumps(fingerprints(catalogue.settings)),
            )
        )
    hit("start.recorded")
    jobs, warnings = len(catalogue.configuration.jobs), catalogue.configuration.warnings
    around.journal.info("daemon started", version=__version__, jobs=jobs, pid=os.getpid(), warnings=warnings or None)
    if not catalogue.starts_scheduled:
        around.journal.warning(catalogue.why_nothing_is_scheduled)
