"""Keeps the files current from which the shells complete (see `signpost`)."""

from __future__ import annotations

from contextlib import suppress

from jobctl.daemon.afterwards import Afterwards
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.settings import Configuration
from jobctl.errors import JobctlError
from jobctl.signpost import RECENT_RUNS, put_up_names, put_up_recent


class Signpainter(Afterwards):
    """Names as soon as definitions have changed, the runs a while after something happened."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._store = around.store
        self._catalogue = around.catalogue
        self._state_dir = around.places.state_dir
        self._shown: Configuration | None = None

    def committed(self) -> None:
        if self._shown is not self._catalogue.configuration:
            self._shown = self._catalogue.configuration
            put_up_names(self._state_dir, self._shown)
        super().committed()

    def act(self) -> None:
        with suppress(JobctlError):
            put_up_recent(self._state_dir, self._store.runs.to_name(RECENT_RUNS))
