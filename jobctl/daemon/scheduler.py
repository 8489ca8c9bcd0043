"""Slots become runs. The watermark of a job and the runs that its slots became are one commit."""

from __future__ import annotations

from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.slot_runs import SlotRuns
from jobctl.daemon.start_plan import StartPlan
from jobctl.daemon.step import NEVER, QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.clock_step import ClockStep
from jobctl.domain.due import DueRun, decide
from jobctl.domain.job import Job
from jobctl.domain.run import Origin
from jobctl.domain.schedule import Schedule, spread_offset
from jobctl.store.records import JobTiming

# With many jobs due at one instant the first start while the last are still being decided; and keepers that are done
# wait for a tick with so many decisions no longer than the runs of the others take.
_DECISIONS_PER_TICK = 20
_LOOK_EVERY_MS = 1_000
_LOOKS_AT_ONCE = 200


class Scheduler(QuietStep):
    """Keeps the next start of every job in a heap and decides each job when its time comes. A job that cannot be
    decided is set aside alone (`broken`)."""

    def __init__(self, around: Surroundings, machine_id: str) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._news = around.news
        self._slot_runs = SlotRuns(around, machine_id)
        self.broken: Setbacks[str] = Setbacks(around.journal, "a job cannot be scheduled, going on without it", tries=1)
        self._machine_id = machine_id
        self._generation: int | None = None
        self._restored: int | None = None  # the generation that was read last
        self._timings: dict[str, JobTiming] = {}
        self._plan = StartPlan()
        self._awaiting: dict[str, None] = {}  # in turn; `every_after` jobs whose present run must end first
        self._looked_at = 0

    def woke(self, now: int, passed_while: str) -> None:
        """Slots up to `now` passed while nobody could decide them; `passed_while` says why in words."""
        self._news.awake_since, self._news.passed_while = now // 1000, passed_while

    def clock_stepped(self, step: ClockStep, now: int, passed_while: str) -> None:
        """What the step means for the slots of every job; a step back begins a new clock epoch."""
        self.woke(now, passed_while)
        self.forget()
        if step is ClockStep.FORWARD:
            return
        self._store.service.raise_clock_epoch(now)
        if step is ClockStep.REBASE:
            self._store.runs.rebase(now)
        for timing in self._store.jobs.timings():
            schedule = self._catalogue.schedules.get(timing.name)
            repeats = step is ClockStep.REBASE or schedule is None or schedule.wild
            if repeats and timing.watermark is not None and timing.watermark > now // 1000:
                self._store.jobs.decided(timing.name, now // 1000, None)

    @property
    def next_slot(self) -> int | None:
        """When the next job may be due, in seconds."""
        return self._plan.first

    def due_together(self, most: int) -> int:
        """How many jobs are due at that instant, counted up to `most`."""
        return self._plan.due_together(most)

    def forget(self) -> None:
        """Read everything again at the next tick."""
        self._generation, self.sleeps_until = None, 0

    def rolled_back(self) -> None:
        self.forget()

    def next_at(self) -> int | None:
        if self._generation is None:
            return 0
        deadlines = [] if self._plan.first is None else [self._plan.first * 1000]
        if self._awaiting:
            deadlines.append(self._looked_at + _LOOK_EVERY_MS)
        if (at := self.broken.next_at()) is not None:
            deadlines.append(at)
        return min(deadlines, default=None)

    def tick(self, now: int) -> None:
        if self._generation is None or (self._news.foreign and self._store.jobs.generation() != self._generation):
            self._restore(now)
        self._try_again(now)
        self._look_after_awaited(now)
        if self._plan.first is not None and self._plan.first <= now // 1000:
            self._decide_what_is_due(now)
        at = self.next_at()
        self.sleeps_until = NEVER if at is None else at

    def _decide_what_is_due(self, now: int) -> None:
        """Asked again with the write lock, which is held until the runs are committed: a `disable` that is acknowledged
        before lets no further slot start."""
        with self._store.transaction(locked=True):
            if self._store.jobs.generation() != self._generation:
                self._restore(now)
            for _ in range(_DECISIONS_PER_TICK):
                name = self._plan.take_due(now // 1000)
                if name is None:
                    break
                self._decide(name, now)

    def _restore(self, now: int) -> None:
        self._generation = self._store.jobs.generation()
        if self._generation != self._restored:
            self.broken.forget_all()  # the definitions may be others now
        self._restored = self._generation
        self._timings = {timing.name: timing for timing in self._store.jobs.timings()}
        self._plan, self._awaiting = StartPlan(), {}
        changed: dict[str, int | None] = {}
        for timing in self._timings.values():
            shown = self._plan_anew(timing, now)
            if shown != timing.next_at:
                changed[timing.name] = shown
        if changed:
            self._store.jobs.plan_next(changed)

    def _plan_anew(self, timing: JobTiming, now: int) -> int | None:
        """Find out when the job starts next; returns what people are told of that."""
        job, shown = self._catalogue.job(timing.name), None
        if job is not None and not self._leaves_out(timing.name, now):
            with self.broken.alone(timing.name):
                start = self._next_start(job, timing, now)
                shown = self._shown(job, timing, start)
                self._plan.put(timing.name, start)
            self._leaves_out(timing.name, now)
        return shown

    def _try_again(self, now: int) -> None:
        """Jobs that were set aside long enough ago."""
        for name in self.broken.aside():
            if not self._leaves_out(name, now):
                self.broken.forget(name)
                if (timing := self._timings.get(name)) is not None:
                    self._store.jobs.plan_next({name: self._plan_anew(timing, now)})

    def _leaves_out(self, name: str, now: int) -> bool:
        """Whether the job is set aside: nothing is decided about it until it is tried again, and its watermark stays,
        so that nothing of it is lost."""
        if not self.broken.is_aside(name, now, job=name):
            return False
        self._awaiting.pop(name, None)
        self._plan.put(name, None)
        return True

    def _shown(self, job: Job | None, timing: JobTiming, start: int | None) -> int | None:
        """When people are told that it starts next: not at a slot that was taken before its time (`--as-scheduled`)."""
        if job is None or start is None or timing.disabled:
            return None
        schedule, later = self._catalogue.schedules.get(job.name), timing.next_at
        if schedule is not None and later is not None and later > start * 1000 and timing.watermark is not None:
            slot = schedule.next_after(timing.watermark)
            if slot is not None and self._store.runs.of_slot(job.name, slot) is not None:
                return later
        return start * 1000

    def _next_start(self, job: Job, timing: JobTiming, now: int) -> int | None:
        if timing.disabled:
            return None if timing.disabled_until is None else -(-timing.disabled_until // 1000)
        if not job.enabled:
            return None
        if job.triggers.every_after is not None:
            if self._store.runs.active(job.name):
                self._awaiting[job.name] = None
                return None
            since = max(timing.watermark or 0, (timing.last_finished_at or 0) // 1000) or now // 1000
            return min(since, now // 1000) + job.triggers.every_after  # no end lies in the future: the clock was set
        schedule = self._catalogue.schedules[job.name]
        watermark = timing.watermark if timing.watermark is not None else now // 1000
        return self._start_of(job, schedule, schedule.next_after(watermark)) if schedule else None

    def _start_of(self, job: Job, schedule: Schedule, slot: int | None) -> int | None:
        if slot is None:
            return None
        return slot + spread_offset(self._machine_id, job.name, slot, job.triggers.spread)

    def _decide(self, name: str, now: int) -> None:
        with self.broken.alone(name), self._store.part():
            self._decide_alone(name, now)
        if self._leaves_out(name, now):
            self._store.jobs.plan_next({name: None})

    def _decide_alone(self, name: str, now: int) -> None:
        timing, job = self._timings[name], self._catalogue.job(name)
        if timing.disabled:
            self._store.jobs.end_disabled(name, now)
            self.forget()
        elif job is not None and job.triggers.every_after is not None:
            self._decide_every_after(job, timing, now)
        elif job is not None and (schedule := self._catalogue.schedules[name]) is not None:
            self._decide_schedule(job, schedule, timing, now)

    def _decide_schedule(self, job: Job, schedule: Schedule, timing: JobTiming, now: int) -> None:
        watermark = timing.watermark if timing.watermark is not None else now // 1000
        decision = decide(
            schedule, job.lateness, watermark, now // 1000, self._news.awake_since, self._news.passed_while,
            lambda slot: spread_offset(self._machine_id, job.name, slot, job.triggers.spread),
        )  # fmt: skip
        start = self._start_of(job, schedule, decision.next_slot)
        if self._catalogue.starts_scheduled:
            self._slot_runs.make(job, decision, now)
        self._settle(job, timing, decision.watermark, start)

    def _decide_every_after(self, job: Job, timing: JobTiming, now: int) -> None:
        """The next start follows from the end of this run, so there is none to plan yet."""
        slot = now // 1000
        if not self._catalogue.starts_scheduled:
            self._settle(job, timing, slot, slot + (job.triggers.every_after or 1))
            return
        self._slot_runs.make_one(job, DueRun(slot, Origin.SCHEDULE, 1, None), [], now)
        self._settle(job, timing, slot, None)
        self._awaiting[job.name] = None

    def ended(self, name: str, finished_at: int) -> None:
        """A run of the job ended for good: `every_after` counts from here."""
        job, timing = self._catalogue.job(name), self._timings.get(name)
        if job is None or timing is None or job.triggers.every_after is None or timing.disabled or not job.enabled:
            return
        self._awaiting.pop(name, None)
        self.sleeps_until = 0
        finished = finished_at // 1000
        with self.broken.alone(name), self._store.part():
            self._settle(job, timing, timing.watermark or finished, finished + job.triggers.every_after)
        self._leaves_out(name, finished_at)

    def _look_after_awaited(self, now: int) -> None:
        """Runs also end where the reaper does not see it: cancelled while they wait, missed, lost."""
        if not self._awaiting or 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            return
        self._looked_at = now
        for name in list(self._awaiting)[:_LOOKS_AT_ONCE]:
            del self._awaiting[name]
            if self._store.runs.active(name):
                self._awaiting[name] = None
            else:
                self.ended(name, now)

    def _settle(self, job: Job, timing: JobTiming, watermark: int, start: int | None) -> None:
        next_at = None if start is None else start * 1000
        self._store.jobs.decided(job.name, watermark, next_at)
        self._timings[job.name] = timing._replace(watermark=watermark, next_at=next_at)
        self._plan.put(job.name, start)
