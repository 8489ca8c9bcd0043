"""What the steps of one daemon share."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobctl.config.places import Places
from jobctl.daemon.catalogue import Catalogue
from jobctl.daemon.in_flight import InFlight
from jobctl.daemon.journal import Journal
from jobctl.daemon.news import News
from jobctl.domain.run import Status
from jobctl.process.pool import Pool
from jobctl.store.interface import Store


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Made once by `wiring`. `store` is the truth; `in_flight` and `catalogue` are what memory holds of it."""

    places: Places
    store: Store
    catalogue: Catalogue
    in_flight: InFlight
    pool: Pool
    journal: Journal
    news: News = field(default_factory=News)

    @property
    def status_words(self) -> str:
        """What the service manager shows of the daemon: `5 jobs, 1 running, 2 queued`."""
        jobs, queued = len(self.catalogue.configuration.jobs), self.store.runs.counts().get(Status.QUEUED, 0)
        return f"{jobs} job{'' if jobs == 1 else 's'}, {len(self.in_flight)} running, {queued} queued"
