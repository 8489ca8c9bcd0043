"""What keepers have in the file system: their records, and their control groups."""

from __future__ import annotations

from pathlib import Path

from jobctl.process import record
from jobctl.process.control_group import ControlGroup, of_keeper
from jobctl.process.reports import KeeperReport, last_word


class KeeperFiles:
    """Those of the keepers of one pool, as far as it sees to them."""

    def __init__(self, directory: Path, control_group: str | None) -> None:
        """`directory` is made when missing. `control_group`: the path of a delegated one, where jobs get theirs."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory = directory
        self.control_group = control_group
        self._groups_left: list[ControlGroup] = []  # of keepers that are gone, with somebody in them

    def record_of(self, keeper: str) -> record.Record:
        """What it says; nothing where it cannot be read."""
        try:
            return record.read(self._path(keeper))
        except OSError:
            return record.Record()

    def last_word(self, keeper: str, token: bytes | None) -> KeeperReport:
        """What it says of this attempt, once its keeper is gone."""
        return last_word(keeper, token, self.record_of(keeper))

    def remove_record(self, keeper: str) -> None:
        """Of a keeper that has nothing to say any more."""
        self._path(keeper).unlink(missing_ok=True)

    def remove(self, keeper: str) -> None:
        """The record of a keeper that is gone, and its control group as soon as nobody is in it."""
        self.remove_record(keeper)
        if self.control_group is not None:
            left = [*self._groups_left, of_keeper(self.control_group, keeper)]
            self._groups_left = [group for group in left if not group.remove()]

    def remove_what_is_there(self, keeper: str) -> None:
        """Of a keeper that may never have got ready."""
        for name in (keeper, "." + keeper):
            self._path(name).unlink(missing_ok=True)

    def _path(self, keeper: str) -> Path:
        return self.directory / keeper
