"""A stand-in for systemd, which does not run in containers: it starts the ExecStart= of a unit as Type=notify, signals
the main process alone (KillMode=process), aborts a daemon whose watchdog is silent, and starts again what has ended."""

from __future__ import annotations

import configparser
import shlex
import signal
import time

from tests.end_to_end.daemon_process import Daemon, NotReady
from tests.end_to_end.installation import Installation


class ServiceManager:
    """Runs one unit of an installation. `watchdog` replaces its WatchdogSec=, in seconds."""

    def __init__(self, installation: Installation, text: str, watchdog: float) -> None:
        unit = configparser.ConfigParser(interpolation=None)
        unit.read_string(text)
        self._service = unit["Service"]
        assert (self._service["type"], self._service["killmode"]) == ("notify", "process")
        assert self._service["restart"] == "always"
        self._installation = installation
        self._watchdog = watchdog

    def start(self) -> Daemon:
        """As `systemctl start`: returns when the daemon has said READY=1."""
        place = self._installation
        environment = place.environment | {"WATCHDOG_USEC": str(round(1e6 * self._watchdog))}
        daemon = Daemon(shlex.split(self._service["execstart"]), environment, place.daemon_log)
        place.adopt(daemon)
        return daemon.wait_ready()

    def restart_after_its_end(self, daemon: Daemon) -> Daemon:
        """As Restart=always does once the process is gone."""
        daemon.exit_code()
        return self.start()

    def watch(self, daemon: Daemon, seconds: float) -> bool:
        """Whether the watchdog was fed all the time; a daemon that was silent for too long has been aborted."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                daemon.wait_for_word("WATCHDOG=1", self._watchdog)
            except NotReady:
                daemon.signal(signal.SIGABRT)
                return False
        return True
