"""Definitions on their way into the store and out of it, and the one change that a reload makes of them.

Apart from `reload_plan`, so that read verbs, which know these values, load nothing to encode or hash with.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

CHAIN_KEYS = ("after", "after_failure", "after_any")  # keys of a definition that name the jobs it comes after


def has_secrets(definition: Mapping[str, Any]) -> bool:
    """Whether a job, as the store keeps its definition, has values that nobody is to see."""
    referred = any(isinstance(value, dict) for value in (definition.get("env") or {}).values())
    return referred or bool(definition.get("secrets")) or definition.get("env_file") is not None


class JobDefinition(NamedTuple):
    """A job as the store keeps it: the resolved definition as JSON and what read verbs show of it."""

    name: str
    definition: str  # JSON, all defaults resolved, secrets only as references
    hash: str  # of the definition
    schedule_hash: str  # of the parts that decide which slots it has
    file: str
    line: int
    description: str
    group: str
    tags: tuple[str, ...]
    schedule: str  # in words of the jobs file: `30 2 * * *`, `every 90s`, `at 2026-…`; empty without one
    timezone: str | None
    command: str
    priority: int
    queue: str
    enabled: bool  # as the jobs file says
    parents: tuple[str, ...] = ()  # the jobs that it comes after
    heartbeat: bool = False  # somebody wants to hear of its starts and ends


class DefinitionDigest(NamedTuple):
    """What tells whether a job is still what is stored of it, without its definition."""

    hash: str
    schedule_hash: str
    file: str
    line: int


class StoredDefinition(NamedTuple):
    """A job as it is stored. `next_at` is in milliseconds."""

    name: str
    hash: str
    definition: str
    next_at: int | None


class DefinitionChange(NamedTuple):
    """One consistent change of all definitions: the outcome of a reload's plan."""

    upserts: tuple[JobDefinition, ...]
    removed: tuple[str, ...]
    rescheduled: frozenset[str]  # new jobs and those whose schedule_hash changed: nothing is caught up
    files: Mapping[str, str] = MappingProxyType({})  # path -> stamp, see config.load
