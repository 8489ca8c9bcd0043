"""What the steps of one daemon share."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobctl.config.places import Places
from jobctl.daemon.catalogue import Catalogue
from jobctl.daemon.in_flight import InFlight
from jobctl.daemon.journal import Journal
from jobctl.daemon.news import News
from jobctl.process.pool import Pool
from jobctl.store.interface import Store


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Made once by `wiring.py`. `store` is the truth; `in_flight` and `catalogue` are what memory holds of it."""

    places: Places
    store: Store
    catalogue: Catalogue
    in_flight: InFlight
    pool: Pool
    journal: Journal
    news: News = field(default_factory=News)
