"""What became of an attempt whose keeper is gone: its record and the processes of the run answer, never time."""

from __future__ import annotations

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.settler import Settler, about
from jobctl.daemon.step import NEVER
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run_id import to_text
from jobctl.process.recovery_view import Fate, inspect

# Orphans of a killed keeper have no one whose end could wake the daemon.
_LOOK_EVERY_MS = 1_000


class Inquest:
    """Ends flights without a keeper, and keeps an eye on those whose processes live on."""

    def __init__(self, around: Surroundings, settler: Settler) -> None:
        self._store = around.store
        self._keepers_dir = around.places.keepers_dir
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._settler = settler
        self._journal = around.journal
        self._unread: Setbacks[bytes] = Setbacks(  # by token: recovery makes a flight anew for each of its tries
            around.journal, "the record of an attempt cannot be read, it keeps its place"
        )
        self._doubtful: set[bytes] = set()  # keepers said to be gone whose lock was still held when asked
        self._over: list[Flight] = []
        self._marked: list[Flight] = []  # as unsupervised, in this tick
        self._looked_at = 0

    @property
    def sleeps_until(self) -> int:
        return 0 if self._doubtful or self._in_flight.unsupervised else NEVER

    def hold(self, flight: Flight, now: int, *, daemon_died: bool = False) -> bool:
        """Find out about one flight; True when it is over (in the caller's transaction). `daemon_died`: it was left
        behind by another daemon."""
        with self._unread.blaming(flight.token):
            finding = inspect(self._keepers_dir, flight.keeper, flight.token, to_text(flight.run.id), flight.number)
        self._unread.forget(flight.token)
        self._settler.disk.look(now)
        match finding.fate:
            case Fate.ALIVE:
                return False
            case Fate.UNSUPERVISED:
                if self._has_ended(flight):
                    return True
                self._mark_unsupervised(flight, finding.pids)
                return False
            case Fate.NEVER_STARTED:
                self._settler.never_started(flight, now, daemon_died=daemon_died)
            case Fate.ENDED if finding.end is not None:
                self._settler.ended(flight, finding.end)
            case _:
                self._settler.lost(flight, now, machine_down=finding.machine_down)
        return True

    def clear_up(self, flight: Flight) -> None:
        """The end of a flight is durable."""
        self._settler.clear_up(flight)

    def doubt(self, flight: Flight) -> None:
        """Its keeper is said to be gone and its lock is still held, by a child on its way to exec: ask again soon."""
        self._doubtful.add(flight.token)

    def failures(self) -> int:
        """How many failures are known of flights that have not gone well since."""
        return self._unread.total() + self._settler.setbacks.total()

    def blamed(self) -> int:
        """How often something was put down to any flight so far."""
        return self._unread.blamed + self._settler.setbacks.blamed

    def settles_later(self, flight: Flight, now: int) -> bool:
        """Whether its end is to be left alone for now."""
        return self._settler.is_aside(flight, now) or self.is_unread(flight, now)

    def rests_until(self, token: bytes) -> int | None:
        """When what is left alone about an attempt is tried again; None: nothing is."""
        return self._settler.setbacks.rests_until(token) or self._unread.rests_until(token)

    def is_unread(self, flight: Flight, now: int) -> bool:
        """Whether its record cannot be read, and is not to be read again yet. It may be running: it keeps its place,
        and can be stopped."""
        return self._unread.is_aside(flight.token, now, **about(flight))

    def is_aside(self, flight: Flight, now: int) -> bool:
        """Whether nothing is to be asked about this flight for now: its record cannot be read, or the store refuses its
        end."""
        if self._settler.is_aside(flight, now):
            self._in_flight.set_aside(flight)
        elif not self.is_unread(flight, now):
            return False
        self._doubtful.add(flight.token)
        return True

    def tick(self, now: int) -> None:
        watched = self._watched()
        if watched and not 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            self._looked_at = now
            self._over = [flight for flight in watched if not self.is_aside(flight, now) and self.hold(flight, now)]

    def committed(self) -> None:
        for flight in self._over:
            self._in_flight.remove(flight.token)
            self._doubtful.discard(flight.token)
            self._settler.clear_up(flight)
            self._pool.settled(flight.keeper)
        self._over, self._marked = [], []

    def rolled_back(self) -> None:
        for flight in self._marked:
            self._in_flight.supervise(flight, supervised=True)
        self._over, self._marked = [], []
        self._looked_at = 0

    def next_at(self) -> int | None:
        return self._looked_at + _LOOK_EVERY_MS if self._watched() else None

    def _watched(self) -> list[Flight]:
        doubtful = [flight for token in self._doubtful if (flight := self._in_flight.get(token)) is not None]
        return list((self._in_flight.unsupervised | {flight.token: flight for flight in doubtful}).values())

    def _has_ended(self, flight: Flight) -> bool:
        """Whether somebody else wrote down its end, as `jobctl exec` does; its command may leave processes behind."""
        run = self._store.runs.get(flight.run.id)
        return run is None or run.status.is_final or run.attempt != flight.number

    def _mark_unsupervised(self, flight: Flight, pids: tuple[int, ...]) -> None:
        if flight.supervised:
            self._in_flight.supervise(flight, supervised=False)
            self._marked.append(flight)
            flight.stop_sent = None  # its keeper took that word with it
            self._store.attempts.unsupervised(flight.run.id, flight.number, flight.token)
            self._journal.warning(
                "keeper died, the command runs on without one",
                job=flight.run.job,
                run=to_text(flight.run.id),
                pids=pids,
            )
