"""What a reload makes of the definitions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping

import pytest

from jobctl.config.definition import definition_of, definitions_of
from jobctl.domain.definition_records import DefinitionDigest, JobDefinition, StoredDefinition
from jobctl.domain.job import Execution, Job, Source, Triggers
from jobctl.domain.policies import Chain
from jobctl.domain.reload_plan import ReloadFigures, change, figures, plan, schedule_text

NIGHTLY = Job(
    name="nightly",
    command="pg_dump app",
    source=Source("/etc/jobctl/jobs.toml", 4),
    triggers=Triggers(schedule=("30 2 * * *",), timezone="Europe/Berlin"),
)


def wanted(*jobs: Job) -> Iterable[tuple[Job, Mapping[str, object]]]:
    return definitions_of(jobs)


def described(job: Job, definition: Mapping[str, object] | None = None) -> JobDefinition:
    (record,) = change({}, [(job, definition or definition_of(job))], {}).upserts
    return record


def stored(*jobs: Job) -> dict[str, StoredDefinition]:
    records = (described(job) for job in jobs)
    return {record.name: StoredDefinition(record.name, record.hash, record.definition, None) for record in records}


def digests(*jobs: Job) -> dict[str, DefinitionDigest]:
    records = (described(job) for job in jobs)
    return {
        record.name: DefinitionDigest(record.hash, record.schedule_hash, record.file, record.line) for record in records
    }


def test_a_job_is_described_in_words_of_the_jobs_file() -> None:
    record = described(NIGHTLY)
    assert (record.schedule, record.timezone, record.command) == ("30 2 * * *", "Europe/Berlin", "pg_dump app")
    assert (record.file, record.line) == ("/etc/jobctl/jobs.toml", 4)
    assert json.loads(record.definition) == definition_of(NIGHTLY)


def test_equal_jobs_have_equal_hashes_however_their_keys_are_ordered() -> None:
    definition = definition_of(NIGHTLY)
    backwards = dict(reversed(definition.items()))
    assert described(NIGHTLY, definition) == described(NIGHTLY, backwards)


@pytest.mark.parametrize(
    ("triggers", "chain", "text"),
    [
        (Triggers(), Chain(), ""),
        (Triggers(schedule=("0 3 * * *", "@weekly")), Chain(), "0 3 * * *; @weekly"),
        (Triggers(every=90), Chain(), "every 1m30s"),
        (Triggers(every=86_700), Chain(), "every 1d5m"),
        (Triggers(every_after=600), Chain(), "every_after 10m"),
        (Triggers(at=1_798_131_600), Chain(), "at 2026-12-24T17:00:00Z"),
        (Triggers(on_start=True, on_boot=True), Chain(), "on_start; on_boot"),
        (Triggers(), Chain(after=("a", "b"), after_any=("c",)), "after a, b; after_any c"),
        (Triggers(on_start=True), Chain(after_failure=("a",)), "on_start; after_failure a"),
    ],
)
def test_a_schedule_is_shown_as_it_is_written(triggers: Triggers, chain: Chain, text: str) -> None:
    assert schedule_text(triggers, chain) == text


def test_nothing_changes_when_the_file_says_what_is_stored() -> None:
    found = change(digests(NIGHTLY), wanted(NIGHTLY), {"jobs.toml": "stamp"})
    assert (found.upserts, found.removed, found.rescheduled) == ((), (), frozenset())
    assert found.files == {"jobs.toml": "stamp"}
    assert plan(stored(NIGHTLY), found).is_empty
    assert figures(digests(NIGHTLY), found) == ReloadFigures(0, 0, 0)


def test_a_new_job_is_added_and_catches_nothing_up() -> None:
    found = change({}, wanted(NIGHTLY), {})
    assert found.rescheduled == {"nightly"}
    assert plan({}, found).added == ("nightly",)
    assert figures({}, found) == ReloadFigures(1, 0, 0)


def test_a_job_that_left_the_file_is_removed() -> None:
    found = change(digests(NIGHTLY), wanted(), {})
    assert plan(stored(NIGHTLY), found).removed == found.removed == ("nightly",)
    assert figures(digests(NIGHTLY), found) == ReloadFigures(0, 1, 0)


def test_a_changed_command_names_its_key_and_keeps_the_schedule() -> None:
    other = dataclasses.replace(NIGHTLY, command="pg_dump all", execution=Execution(timeout=60))
    found = change(digests(NIGHTLY), wanted(other), {})
    (changed,) = plan(stored(NIGHTLY), found).changed
    assert (changed.name, changed.keys, changed.rescheduled) == ("nightly", ("command", "timeout"), False)
    assert figures(digests(NIGHTLY), found) == ReloadFigures(0, 0, 1)


@pytest.mark.parametrize(
    "triggers",
    [
        Triggers(schedule=("31 2 * * *",), timezone="Europe/Berlin"),
        Triggers(schedule=("30 2 * * *",), timezone="UTC"),
        Triggers(every=60),
        Triggers(schedule=("30 2 * * *",), timezone="Europe/Berlin", calendar_exclude=frozenset({"2026-12-25"})),
    ],
)
def test_another_schedule_or_zone_starts_afresh(triggers: Triggers) -> None:
    other = dataclasses.replace(NIGHTLY, triggers=triggers)
    assert change(digests(NIGHTLY), wanted(other), {}).rescheduled == {"nightly"}


def test_switching_a_job_on_in_the_file_catches_nothing_up() -> None:
    off = dataclasses.replace(NIGHTLY, enabled=False)
    assert change(digests(off), wanted(NIGHTLY), {}).rescheduled == {"nightly"}


def test_another_spread_forgets_no_slot() -> None:
    spread = dataclasses.replace(NIGHTLY, triggers=dataclasses.replace(NIGHTLY.triggers, spread=300))
    found = change(digests(NIGHTLY), wanted(spread), {})
    assert found.upserts
    assert not found.rescheduled


def test_a_job_that_only_moved_in_its_file_keeps_its_place_true_and_is_no_change() -> None:
    moved = dataclasses.replace(NIGHTLY, source=Source("/etc/jobctl/jobs.toml", 9))
    found = change(digests(NIGHTLY), wanted(moved), {})
    assert [record.line for record in found.upserts] == [9]
    assert plan(stored(NIGHTLY), found).is_empty
    assert figures(digests(NIGHTLY), found) == ReloadFigures(0, 0, 0)
