"""The daemon put together from its parts. Apart from the rest of `wiring`, since no verb but `daemon` needs them."""

from __future__ import annotations

import gc
from pathlib import Path

from jobctl.clock import Clock, SystemClock
from jobctl.config.load import load
from jobctl.config.machine import machine_id
from jobctl.config.places import Places, find_places, make_state_dir
from jobctl.config.system_zone import system_zone
from jobctl.daemon.alerter import Alerter, Signs
from jobctl.daemon.canceller import Canceller
from jobctl.daemon.catalogue import Catalogue
from jobctl.daemon.checkpointer import Checkpointer
from jobctl.daemon.clock_watch import ClockWatch
from jobctl.daemon.deadlines import Deadlines
from jobctl.daemon.delivery import Delivery
from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.heartbeats import Heartbeats
from jobctl.daemon.in_flight import InFlight
from jobctl.daemon.inquest import Inquest
from jobctl.daemon.journal import Journal
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.loop import Loop, Steps
from jobctl.daemon.pruner import Pruner
from jobctl.daemon.reaper import Reaper
from jobctl.daemon.recovery import Recovery
from jobctl.daemon.reloader import Reloader
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.settler import Settler
from jobctl.daemon.signpainter import Signpainter
from jobctl.daemon.start import start
from jobctl.daemon.statistician import Statistician
from jobctl.daemon.successor import Successor
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.daemon.visitors import Visitors
from jobctl.daemon.wakeup import Wakeup
from jobctl.daemon.warmer import Warmer
from jobctl.daemon.watchdog import Watchdog
from jobctl.domain.settings import Configuration
from jobctl.doorbell import Doorbell
from jobctl.instance_lock import InstanceLock
from jobctl.process.delegation import delegated_group, hand_on_controllers
from jobctl.process.identity import boot_id
from jobctl.process.pool import Pool
from jobctl.store.interface import Store
from jobctl.wiring import open_store

_PATIENCE_WITH_IDLE_KEEPERS_MS = 1_000
# Sooner than `cli.main` says for verbs that are over in an instant: this one lives for months.
_COLLECT_AFTER = 20_000


def run_daemon(
    config: Path | None, state_dir: Path | None, *, drain: bool, log_format: str | None, verbose: bool, quiet: bool
) -> bool:
    """Be the daemon until told to stop. False: it ends by itself, for a newer one to take its place. Raises what keeps
    it from starting; see `daemon/loop.py` for what it does."""
    gc.disable()  # nothing that a start makes is garbage, and to look through all of it took a tenth of the time
    places = find_places(config, state_dir)
    clock = SystemClock()
    configuration = load(places.jobs_file, clock.now(), look_around=True).configuration
    make_state_dir(places)
    lock = InstanceLock(places.daemon_lock)
    store = open_store(places, for_daemon=True)
    journal = Journal(log_format or configuration.settings.log_format, verbose=verbose, quiet=quiet)
    try:
        return _serve(places, clock, configuration, store, journal, drain=drain)
    finally:
        store.close()
        lock.release()


def _serve(
    places: Places, clock: SystemClock, configuration: Configuration, store: Store, journal: Journal, *, drain: bool
) -> bool:
    control_group = delegated_group()
    if control_group is not None:
        hand_on_controllers(control_group)
    around = Surroundings(
        places=places,
        store=store,
        catalogue=Catalogue(configuration, system_zone()),
        in_flight=InFlight(),
        pool=Pool(places.keepers_dir, control_group=control_group),
        journal=journal,
    )
    manager = ServiceManager()
    settler = Settler(around)
    inquest = Inquest(around, settler)
    recovery = Recovery(around, inquest)
    start(around, recovery, clock.now(), boot_id())
    doorbell = Doorbell(places.doorbell)
    steps = make_steps(around, clock, manager, settler, inquest, recovery)
    wakeup = Wakeup(doorbell, around.pool, steps.delivery, steps.heartbeats)
    _collect_from_here_on()
    try:
        manager.ready(around.status_words)
        return Loop(around, clock, wakeup, manager, steps, drain=drain).run()
    finally:
        wakeup.close()
        doorbell.close()
        steps.delivery.close()
        steps.heartbeats.close()
        around.pool.close(_PATIENCE_WITH_IDLE_KEEPERS_MS)
        left = len(around.in_flight)
        manager.status(f"stopped, {left} still running" if left else "stopped")
        journal.info("daemon stopped", left_running=left)


def _collect_from_here_on() -> None:
    """Look for garbage among what the daemon makes from now on: what is there by now stays."""
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    gc.enable()


def make_steps(
    around: Surroundings,
    clock: Clock,
    manager: ServiceManager,
    settler: Settler,
    inquest: Inquest,
    recovery: Recovery,
) -> Steps:
    """The parts of a tick, joined."""
    scheduler = Scheduler(around, machine_id())
    launcher = Launcher(around)
    disk = DiskReserve(around.places.state_dir, around.journal)
    dispatcher = Dispatcher(around, launcher, disk)
    clock_watch = ClockWatch(clock, scheduler, around)
    return Steps(
        clock_watch=clock_watch,
        reloader=Reloader(around, scheduler, manager),
        visitors=Visitors(around, recovery),
        inquest=inquest,
        reaper=Reaper(around, launcher, settler, inquest, scheduler, dispatcher),
        successor=Successor(around),
        canceller=Canceller(around),
        deadlines=Deadlines(dispatcher),
        scheduler=scheduler,
        dispatcher=dispatcher,
        statistician=Statistician(around),
        alerter=Alerter(around, Signs(dispatcher.refusals, disk, clock_watch, scheduler.broken)),
        delivery=Delivery(around),
        heartbeats=Heartbeats(around),
        watchdog=Watchdog(around, manager),
        checkpointer=Checkpointer(around),
        signpainter=Signpainter(around),
        pruner=Pruner(around, clock.now()),
        warmer=Warmer(around, scheduler, dispatcher),
    )
