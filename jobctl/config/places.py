"""Where things are: the jobs file, the state directory and what lies in it (PRODUCT.md, section 2).

Every verb passes here, so nothing heavy is imported and a large jobs file is not parsed to find one key.
"""

import functools
import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

from jobctl.config.state_dir import configured_state_dir
from jobctl.domain.run_id import made_at, to_text
from jobctl.errors import JobsFileError, Refused, StoreUnusable
from jobctl.presence import is_there

PRIVATE = 0o700
_DAY_MS = 86_400_000


class Places(NamedTuple):
    """The jobs file and the state directory of one installation; both absolute."""

    jobs_file: Path
    state_dir: Path
    is_named: bool = True  # the jobs file, by --config or JOBCTL_CONFIG
    is_customary: bool = False  # the state directory: neither the caller nor the jobs file, as far as read, names one

    @property
    def database(self) -> Path:
        return self.state_dir / "jobctl.db"

    @property
    def keepers_dir(self) -> Path:
        """One record file per living keeper."""
        return self.state_dir / "keepers"

    @property
    def logs_dir(self) -> Path:
        return self.state_dir / "logs"

    @property
    def write_lock(self) -> Path:
        """Held by whoever writes to the database."""
        return self.state_dir / "write.lock"

    @property
    def daemon_lock(self) -> Path:
        """Held by the one daemon of this state directory for its life."""
        return self.state_dir / "daemon.lock"

    @property
    def doorbell(self) -> Path:
        """The socket whose datagrams wake the daemon."""
        return self.state_dir / "doorbell"

    def log_file(self, run_id: int, attempt: int) -> Path:
        """The log of one attempt: `logs/2026-11-22/<id>-<attempt>.log`, the UTC day being that of the run's id."""
        return Path(self.log_path(run_id, attempt))

    def log_path(self, run_id: int, attempt: int) -> str:
        """The same as text, for those who pass it on: making a path of it takes longer than all the rest."""
        return f"{self.state_dir}/logs/{_day(made_at(run_id) // _DAY_MS)}/{to_text(run_id)}-{attempt}.log"


@functools.lru_cache(maxsize=8)
def _day(number: int) -> str:
    """The UTC date of a day since the epoch."""
    return time.strftime("%Y-%m-%d", time.gmtime(number * _DAY_MS // 1000))


def find_jobs_file(option: Path | None) -> Path:
    """The jobs file to use; it need not exist. `option` is the value of `--config`."""
    if option is not None:
        return _absolute(option)
    if named := os.environ.get("JOBCTL_CONFIG"):
        return _absolute(Path(named))
    local = Path("jobs.toml").absolute()
    return local if _is_seen(local) else _customary_jobs_file()


def _is_seen(path: Path) -> bool:
    """Whether something is there for the caller. Nobody has named the file: one in a folder of somebody else's, from
    which the caller became another user (`sudo -u`, `su -c`), is none to go by, and none to fail for."""
    try:
        return is_there(path)
    except PermissionError:
        return False


def _customary_jobs_file() -> Path:
    if os.geteuid() == 0:
        return Path("/etc/jobctl/jobs.toml")
    import platformdirs  # 20 ms that most verbs need not pay

    return platformdirs.user_config_path("jobctl") / "jobs.toml"


def find_places(config_option: Path | None, state_dir_option: Path | None) -> Places:
    """Both places, from the options, the environment, the jobs file and the customs of the system.

    Raises JobsFileError when the jobs file must be asked for `state_dir` and is unsafe or unreadable. A missing or
    broken file is no error here: see `is_customary`.
    """
    jobs_file = find_jobs_file(config_option)
    named = config_option is not None or bool(os.environ.get("JOBCTL_CONFIG"))
    told = _told_state_dir(jobs_file, state_dir_option)
    return Places(jobs_file, told or _customary_state_dir(), named, is_customary=told is None)


def only_file_named(config_option: Path | None, state_dir_option: Path | None) -> bool:
    """Whether somebody named the jobs file, by an option or a variable, and not the state directory."""
    named = config_option is not None or bool(os.environ.get("JOBCTL_CONFIG"))
    return named and state_dir_option is None and not os.environ.get("JOBCTL_STATE_DIR")


def make_state_dir(places: Places) -> None:
    """Create the state directory and its folders, private to the caller.

    Raises Refused when it exists and others own it or may enter it, StoreUnusable when it cannot be made.
    """
    try:
        places.state_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        _refuse_shared(places.state_dir)
        for folder in (places.keepers_dir, places.logs_dir):
            folder.mkdir(mode=PRIVATE, exist_ok=True)
    except OSError as error:
        raise StoreUnusable(
            f"cannot create the state directory {places.state_dir}: {error.strerror}",
            "name another one with --state-dir or JOBCTL_STATE_DIR, or make its parent writable",
        ) from error


def _refuse_shared(directory: Path) -> None:
    status = directory.stat()
    if status.st_uid != os.geteuid():
        raise Refused(
            f"the state directory {directory} belongs to user id {status.st_uid}, not to you (user id {os.geteuid()})",
            "call jobctl as its owner, or name another one with --state-dir",
        )
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise Refused(
            f"the state directory {directory} is open to other users (mode {mode:04o})",
            f"close it with `chmod 700 {directory}` (in a systemd unit: StateDirectoryMode=0700)",
        )


def _told_state_dir(jobs_file: Path, option: Path | None) -> Path | None:
    if option is not None:
        return _absolute(option)
    if named := os.environ.get("JOBCTL_STATE_DIR"):
        return _absolute(Path(named))
    return configured_state_dir(jobs_file)


def _customary_state_dir() -> Path:
    if given := os.environ.get("STATE_DIRECTORY"):
        return _absolute(Path(given.split(":")[0]))  # systemd separates several by colons
    return _own_state_dir()


def _own_state_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/jobctl")
    import platformdirs  # 20 ms that most verbs need not pay

    return platformdirs.user_state_path("jobctl")


def named_state_dir(places: Places, option: Path | None) -> Path | None:
    """The state directory for those who call jobctl elsewhere with this jobs file; None: the file itself names it."""
    if option is not None or os.environ.get("JOBCTL_STATE_DIR"):
        return places.state_dir
    return places.state_dir if configured_state_dir(places.jobs_file) is None else None


def options_for(places: Places) -> list[str]:
    """What a call needs to find these places from anywhere, with none of the variables set that name others: nothing
    where they are the customary ones."""
    options = [] if places.jobs_file == _customary_jobs_file() else ["-c", str(places.jobs_file)]
    try:
        found = configured_state_dir(places.jobs_file)
    except JobsFileError:
        found = None
    return (
        options if places.state_dir == (found or _own_state_dir()) else [*options, "--state-dir", str(places.state_dir)]
    )


def places_looked_at(places: Places, state_dir: Path) -> str:
    """Where the jobs file was looked for, in words; the missing file may have named another state directory."""
    default = find_jobs_file(None) == places.jobs_file and not os.environ.get("JOBCTL_CONFIG")
    files = f"{Path('jobs.toml').absolute()} and {places.jobs_file}" if default else str(places.jobs_file)
    return f"looked at {files}, and for jobs loaded before in {state_dir} (--state-dir names another one)"


def at_home(path: Path) -> Path:
    """With `~` and `~user` resolved. Where there is no such home it stays a name as any other, as for the shells."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # that of Path raises instead


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(at_home(path).absolute()))
