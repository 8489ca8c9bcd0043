"""Puts the unit where systemd finds it, and takes it away again. Nothing is written over what a person has changed."""

from __future__ import annotations

import difflib
import os
import pwd
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jobctl.errors import JobctlError, Refused
from jobctl.operations.service_places import SYSTEM_FOLDER, UNIT_NAME, user_folder
from jobctl.operations.service_unit import UnitSettings, is_edited, marked, unit_text
from jobctl.presence import is_folder, is_there

_MANUAL = "man:jobctl(1)"
_MANUALS = (Path("/usr/local/share/man"), Path("/usr/share/man"))  # where `man` looks, whoever calls it
_LINGERING = Path("/var/lib/systemd/linger")
_PATIENCE = 60  # seconds that systemctl gets


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit that belongs here, and what is there. `installed` None: nothing."""

    path: Path
    text: str
    installed: str | None
    for_user: bool

    @property
    def is_current(self) -> bool:
        return self.installed == self.text

    @property
    def is_edited(self) -> bool:
        """A person has changed it since, or wrote it."""
        return self.installed is not None and is_edited(self.installed)

    @property
    def diff(self) -> str:
        """From what is there to what would be; empty when they are the same or nothing is there."""
        if self.installed is None:
            return ""
        lines = (self.installed.splitlines(keepends=True), self.text.splitlines(keepends=True))
        return "".join(difflib.unified_diff(*lines, str(self.path), "what jobctl would write"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. `commands` are left to the person, where no service manager could be asked."""

    unit: Unit
    changed: bool
    done: tuple[str, ...]
    commands: tuple[str, ...]


def program() -> tuple[str, ...]:
    """How this installation is called, whatever PATH says."""
    beside = Path(sys.executable).parent / "jobctl"
    if os.access(beside, os.X_OK):
        return (str(beside),)
    named = Path(sys.argv[0]).absolute()
    return (str(named),) if named.name == "jobctl" and os.access(named, os.X_OK) else (sys.executable, "-m", "jobctl")


def manual() -> str:
    """Where the page of this installation is, as Documentation= names it; empty: it came without one."""
    if any(is_there(place / "man1" / name) for place in _MANUALS for name in ("jobctl.1", "jobctl.1.gz")):
        return _MANUAL
    page = Path(sys.prefix, "share", "man", "man1", "jobctl.1")
    return page.as_uri() if is_there(page) else ""


def systemd_version() -> int:
    """Of the systemd that is installed here; 0 where there is none."""
    try:
        told = subprocess.run(
            ("systemctl", "--version"), capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"systemd (\d+)", told.stdout)
    return int(found[1]) if found else 0


def lingers() -> bool:
    """Whether the manager of this user lives without a login, as logind keeps it (`loginctl enable-linger`)."""
    try:
        return is_there(_LINGERING / pwd.getpwuid(os.geteuid()).pw_name)
    except (KeyError, OSError):
        return False


def find_unit(settings: UnitSettings, folder: Path | None = None) -> Unit:
    """What belongs into the folder and what is there; `folder` None: where systemd looks first."""
    path = (folder or (user_folder() if settings.for_user else SYSTEM_FOLDER)) / UNIT_NAME
    try:
        installed = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        installed = None
    except OSError as error:
        raise JobctlError(f"cannot read {path}: {error.strerror}", "") from error
    return Unit(path, marked(unit_text(settings)), installed, settings.for_user)


def install(unit: Unit, *, force: bool = False, start: bool = False) -> Outcome:
    """Write the unit, and have systemd know and enable it. Refused: an edited one is there and `force` is not given."""
    if unit.is_edited and not unit.is_current and not force:
        raise Refused(
            f"{unit.path} was not written by jobctl, or was changed since; it stays as it is\n{unit.diff.rstrip()}",
            "put your changes into a drop-in (`systemctl edit jobctl`), then --force writes over it",
        )
    changed = not unit.is_current
    if changed:
        _write(unit)
    enable = ("enable", "--now", UNIT_NAME) if start else ("enable", UNIT_NAME)
    done, left = _manage(unit, [("daemon-reload",)] * changed + [enable])
    return Outcome(unit, changed, done, left)


def uninstall(unit: Unit, *, force: bool = False) -> Outcome:
    """Stop and disable the daemon, which leaves running jobs running, and remove the unit. Refused as by `install`."""
    if unit.installed is None:
        return Outcome(unit, False, (), ())
    if unit.is_edited and not force:
        raise Refused(
            f"{unit.path} was not written by jobctl, or was changed since; it stays as it is\n{unit.diff.rstrip()}",
            "--force removes it all the same",
        )
    done, left = _manage(unit, [("disable", "--now", UNIT_NAME)])
    try:
        unit.path.unlink()
    except OSError as error:
        raise JobctlError(f"cannot remove {unit.path}: {error.strerror}", _whose(unit)) from error
    done_then, left_then = _manage(unit, [("daemon-reload",)])
    return Outcome(unit, True, done + done_then, left + left_then)


def _write(unit: Unit) -> None:
    unfinished = unit.path.with_name(f".{unit.path.name}.{os.getpid()}")
    try:
        unit.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(unit.text, encoding="utf-8")
        unfinished.chmod(0o644)
        unfinished.replace(unit.path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise JobctlError(f"cannot write {unit.path}: {error.strerror}", _whose(unit)) from error


def _whose(unit: Unit) -> str:
    return "" if unit.for_user else "the units of the machine are root's: use sudo, or --user for a daemon of your own"


def _manage(unit: Unit, calls: list[tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What systemctl did, and what is left to be done by hand because no systemd runs here or it said no."""
    words = ("systemctl", "--user") if unit.for_user else ("systemctl",)
    done: list[str] = []
    for at, call in enumerate(calls):
        if not (_is_in_charge(unit) and _succeeds((*words, *call))):
            return tuple(done), tuple(" ".join((*words, *later)) for later in calls[at:])
        done.append(" ".join((*words, *call)))
    return tuple(done), ()


def _is_in_charge(unit: Unit) -> bool:
    """Whether systemd runs here, as sd_booted(3) asks it, and reads the folder of the unit."""
    expected = user_folder() if unit.for_user else SYSTEM_FOLDER
    return (
        unit.path.parent == expected
        and is_folder(Path("/run/systemd/system"))
        and shutil.which("systemctl") is not None
    )


def _succeeds(words: tuple[str, ...]) -> bool:
    try:
        return subprocess.run(words, timeout=_PATIENCE, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
