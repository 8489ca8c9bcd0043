"""Jobs between the text and the domain: each with its own keys, those of `[defaults]`, and where each one stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jobctl.config.document import Document
from jobctl.config.gather import Gathered
from jobctl.config.job_keys import JOB, TRIGGERS
from jobctl.config.locate import KeyPath, job_lines
from jobctl.config.names import NAME_EXPECTED, NAME_PATTERN
from jobctl.config.sharing import Shared
from jobctl.config.tables import Named, Section
from jobctl.domain.job import Job, Source, Triggers

_MERGED = frozenset(key.name for key in JOB.keys if isinstance(key.kind, Section | Named))
_TRIGGERS = frozenset(TRIGGERS)


@dataclass(slots=True)
class Defaults:
    """The keys that jobs have unless they say otherwise, and the file with `[defaults]`."""

    values: dict[str, Any]
    document: Document


@dataclass(slots=True)
class Draft:
    """A job whose keys are read and merged, before the checks that look at several keys or jobs.

    `values` holds valid keys only; `written` also those that were found wrong.
    """

    name: str
    document: Document
    written: dict[str, Any]
    values: dict[str, Any]
    defaults: Defaults
    shared: Shared
    line: int = 0
    path: KeyPath = field(init=False)
    keys: frozenset[str] = field(init=False)  # valid or not, its own or those of the defaults
    has_errors: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.path = ("jobs", self.name)
        self.keys = frozenset((*self.values, *self.written))

    @property
    def is_sound(self) -> bool:
        """Whether every key that is written was found valid, alone and beside the others."""
        return not self.has_errors and self.written.keys() <= self.values.keys()

    @property
    def triggers(self) -> Triggers:
        """What is valid of its triggers, also when the job as a whole is not."""
        triggers = JOB.part("triggers", self.values, self.shared.make)
        assert isinstance(triggers, Triggers)
        return triggers

    def place(self, key: str) -> tuple[Document, KeyPath]:
        """Where a key of this job stands: in its table, or in `[defaults]`."""
        if key in self.written:
            return self.document, (*self.path, key)
        if key in self.defaults.values:
            return self.defaults.document, ("defaults", key)
        return self.document, self.path

    def error(self, key: str, message: str, hint: str = "", element: KeyPath = ()) -> None:
        """Note an error at a key of the job, wherever the key stands."""
        self.has_errors = True
        document, path = self.place(key)
        document.error((*path, *element), message, hint)

    def warn(self, key: str, message: str, hint: str = "", element: KeyPath = ()) -> None:
        """Note a doubt about a key of the job, wherever the key stands."""
        document, path = self.place(key)
        document.warn((*path, *element), message, hint)

    def build(self) -> Job:
        """The domain's job. Only for drafts without errors."""
        source = Source(str(self.document.path), self.line)
        job = JOB.build(self.values, self.shared.make, name=self.name, source=source)
        assert isinstance(job, Job)
        return job


def read_drafts(gathered: Gathered, inherited: dict[str, Any]) -> list[Draft]:
    """All jobs of all files. `inherited` are values of job keys that other tables give, the weakest."""
    defaults = Defaults(inherited | gathered.read_table("defaults"), gathered.main)
    shared, drafts, is_name = Shared(), [], re.compile(NAME_PATTERN).fullmatch
    for name, entry in gathered.entries("jobs").items():
        table = entry.table
        if not is_name(name):
            entry.document.error(("jobs", name), f"expected {NAME_EXPECTED}", at_value=False)
        if not isinstance(table, dict):
            JOB.refuse(table, ("jobs", name), entry.document, "a job is a table: [jobs.NAME]")
            continue
        own = JOB.read_known(table, ("jobs", name), entry.document)
        drafts.append(Draft(name, entry.document, table, _merge(defaults.values, own, table), defaults, shared))
    _note_lines(gathered, drafts)
    return drafts


def _merge(defaults: dict[str, Any], own: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """The job's keys win; tables merge by name; any trigger of the job displaces the trigger of the defaults."""
    if not defaults:
        return own
    merged = defaults | own
    for key in _MERGED & own.keys() & defaults.keys():
        merged[key] = defaults[key] | own[key]
    if not _TRIGGERS.isdisjoint(written):
        for key in _TRIGGERS - own.keys():
            merged.pop(key, None)
    return merged


def _note_lines(gathered: Gathered, drafts: list[Draft]) -> None:
    for document in gathered.documents:
        here = {draft.name: draft for draft in drafts if draft.document is document}
        for name, line in job_lines(document.text, set(here)).items():
            if name in here:
                here[name].line = line
