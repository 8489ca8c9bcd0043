"""What a reload does to the definitions, decided from the stored ones and those just read. Nothing is touched here."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

import msgspec

from jobctl.domain.definition_records import (
    CHAIN_KEYS,
    DefinitionChange,
    DefinitionDigest,
    JobDefinition,
    StoredDefinition,
)
from jobctl.domain.job import Job, Triggers
from jobctl.domain.policies import Chain
from jobctl.domain.units import write_duration

# What decides which slots a job has. A change of one of these, or switching the job on, catches nothing up.
# `spread` moves the start within a slot, not the slot: a slot that waits for its turn must not be forgotten for it.
_schedule_of = itemgetter("enabled", "schedule", "timezone", "every", "every_after", "at", "calendar_exclude")

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class ChangedJob:
    """A job that stays but is not what it was; `keys` are those of the jobs file whose values differ, sorted."""

    name: str
    keys: tuple[str, ...]
    rescheduled: bool


@dataclass(frozen=True, slots=True)
class ReloadPlan:
    """A change in the words of the person who edited the file. Names are sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedJob, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class ReloadFigures:
    """How many jobs a change concerns. Those that only moved within their file are not counted."""

    added: int
    removed: int
    changed: int


def schedule_text(triggers: Triggers, chain: Chain) -> str:
    """When the job starts by itself, in words of the jobs file; empty when it never does."""
    parts = list(triggers.schedule)
    if triggers.every is not None:
        parts.append(f"every {write_duration(triggers.every)}")
    if triggers.every_after is not None:
        parts.append(f"every_after {write_duration(triggers.every_after)}")
    if triggers.at is not None:
        at = datetime.datetime.fromtimestamp(triggers.at, datetime.UTC)
        parts.append(f"at {at:%Y-%m-%dT%H:%M:%SZ}")
    if triggers.on_start:
        parts.append("on_start")
    if triggers.on_boot:
        parts.append("on_boot")
    for key in CHAIN_KEYS:
        if names := getattr(chain, key):
            parts.append(f"{key} {', '.join(names)}")
    return "; ".join(parts)


def change(
    stored: Mapping[str, DefinitionDigest],
    wanted: Iterable[tuple[Job, Mapping[str, object]]],
    files: Mapping[str, str],
) -> DefinitionChange:
    """The smallest change that makes the stored definitions those wanted (`config.definition.definitions_of`). A job
    that only moved within its file is written again, so that its place stays true, and not rescheduled."""
    names, upserts, rescheduled = set(), [], set()
    for job, definition in wanted:
        names.add(job.name)
        encoded = _encoder.encode(definition)
        before, hash_ = stored.get(job.name), _digest(encoded)
        if before is not None and (before.hash, before.file, before.line) == (hash_, job.source.file, job.source.line):
            continue
        upserts.append(record := _record(job, definition, encoded, hash_))
        if before is None or before.schedule_hash != record.schedule_hash:
            rescheduled.add(job.name)
    return DefinitionChange(tuple(upserts), tuple(sorted(stored.keys() - names)), frozenset(rescheduled), files)


def _record(job: Job, definition: Mapping[str, object], encoded: bytes, hash_: str) -> JobDefinition:
    return JobDefinition(
        name=job.name,
        definition=encoded.decode(),
        hash=hash_,
        schedule_hash=_digest(_encoder.encode(_schedule_of(definition))),
        file=job.source.file,
        line=job.source.line,
        description=job.description,
        group=job.group,
        tags=job.tags,
        schedule=schedule_text(job.triggers, job.chain),
        timezone=job.triggers.timezone,
        command=job.command_text,
        priority=job.priority,
        queue=job.queue,
        enabled=job.enabled,
        parents=(*job.chain.after, *job.chain.after_failure, *job.chain.after_any),
        heartbeat=job.heartbeat is not None,
    )


def figures(stored: Mapping[str, DefinitionDigest], wanted: DefinitionChange) -> ReloadFigures:
    """The numbers of a plan, which need no definition."""
    before = [stored.get(job.name) for job in wanted.upserts]
    changed = sum(one is not None and one.hash != job.hash for one, job in zip(before, wanted.upserts, strict=True))
    return ReloadFigures(before.count(None), len(wanted.removed), changed)


def plan(stored: Mapping[str, StoredDefinition], wanted: DefinitionChange) -> ReloadPlan:
    """What a change means, job by job. A job that only moved within its file is no change."""
    upserts = sorted(wanted.upserts, key=lambda job: job.name)
    changed = (
        ChangedJob(
            job.name, _differing_keys(stored[job.name].definition, job.definition), job.name in wanted.rescheduled
        )
        for job in upserts
        if job.name in stored and stored[job.name].hash != job.hash
    )
    return ReloadPlan(
        added=tuple(job.name for job in upserts if job.name not in stored),
        removed=wanted.removed,
        changed=tuple(changed),
    )


def _differing_keys(before: str, after: str) -> tuple[str, ...]:
    old = msgspec.json.decode(before, type=dict[str, object])
    new = msgspec.json.decode(after, type=dict[str, object])
    return tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))


def _digest(encoded: bytes) -> str:
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()
