"""The jobs file changed on somebody's behalf: planned as a new text, checked as a whole, written at one blow."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from jobctl.config.cut import CannotCut, with_job, without_job
from jobctl.config.document import Document
from jobctl.config.gather import gather
from jobctl.config.load import Loaded, load
from jobctl.config.names import NAME_EXPECTED, NAME_PATTERN
from jobctl.config.safety import content_of, shown
from jobctl.config.system_zone import system_zone
from jobctl.config.write import replace_text
from jobctl.domain.schedule import compile_triggers
from jobctl.errors import JobsFileError, Refused, UsageError
from jobctl.operations.context import Context
from jobctl.operations.daemon_environment import daemon_environment
from jobctl.operations.selection import no_such_job

_NO_NEWLINE = "\\ No newline at end of file"  # as in the diffs of everybody, or two equal lines seem to differ
_UNTOUCHED = "nothing was written: the file is as it was"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the configuration and its new content; `line` is where the job stands in it."""

    path: Path
    before: bytes
    after: bytes
    line: int = 1

    @property
    def is_empty(self) -> bool:
        return self.before == self.after

    @property
    def diff(self) -> str:
        """In the unified format, named as a person would."""
        name = shown(self.path)
        old, new = (text.decode().splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(old, new, f"{name} (before)", name)
        return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n" for line in lines)


def plan_add(ctx: Context, name: str, keys: Mapping[str, Any]) -> FileChange:
    """The job at the end of the main jobs file. Refused: there is one of that name, with its place. JobsFileError: the
    file cannot be used as it is."""
    require_name(name)
    main = ctx.places.jobs_file
    known = load(main, ctx.clock.now()).configuration.jobs.get(name)
    if known is not None:
        source = known.source
        raise Refused(
            f"there is a job {name} already: {shown(source.file)}:{source.line}",
            f"`jobctl edit {name}` changes it, `jobctl remove {name}` takes it out",
        )
    before = content_of(main)
    text = before.decode()
    try:
        after = with_job(text, job_table(name, keys)).encode()
    except UnicodeEncodeError:
        raise UsageError("what is given for the job is not UTF-8", "a jobs file can say nothing else") from None
    return FileChange(main, before, after, text.count("\n") + 2)


def plan_remove(ctx: Context, name: str) -> FileChange:
    """The job's own file without it. NotFound: there is none of that name. Refused: it cannot be cut out safely."""
    document, names = _document_of(ctx, name)
    if document is None:
        raise no_such_job(name, names)
    try:
        after = without_job(document.text, name)
    except CannotCut as reason:
        raise Refused(
            f"{name} cannot be cut out of {document.place_of(('jobs', name))}: {reason}",
            f"take it out by hand: `jobctl edit {name}`",
        ) from None
    return FileChange(document.path, document.text.encode(), after.encode(), _line_of(document, name))


def plan_edit(ctx: Context, name: str | None) -> FileChange:
    """A file to be edited, unchanged so far: that of the job, else the main one. A main file that is no TOML needs
    editing."""
    main = ctx.places.jobs_file
    if name is None:
        before = content_of(main)
        return FileChange(main, before, before)
    try:
        document, names = _document_of(ctx, name)
    except JobsFileError:
        before = content_of(main)
        match = re.search(rb"^\s*\[\s*jobs\s*\.\s*[\"']?" + re.escape(name.encode()) + rb"\b", before, re.MULTILINE)
        return FileChange(main, before, before, before.count(b"\n", 0, match.end()) + 1 if match else 1)
    if document is None:
        raise no_such_job(name, names)
    text = document.text.encode()
    return FileChange(document.path, text, text, _line_of(document, name))


def check_change(ctx: Context, change: FileChange) -> Loaded:
    """The configuration as it would be, with the doubts that `check` has. JobsFileError with everything that is wrong
    with it."""
    try:
        text = change.after.decode()
    except UnicodeDecodeError:
        raise JobsFileError(f"{shown(change.path)}: the new text is not UTF-8", "save it as UTF-8") from None
    try:
        instead = {os.path.realpath(change.path): text}
        starters = daemon_environment(ctx)
        return load(ctx.places.jobs_file, ctx.clock.now(), look_around=True, instead=instead, starters=starters)
    except JobsFileError as error:
        raise JobsFileError(error.message, _UNTOUCHED, error.problems) from None


def write_change(ctx: Context, change: FileChange) -> Loaded:
    """Check it and write it. JobsFileError, Refused (changed meanwhile), JobctlError: the file is as it was."""
    loaded = check_change(ctx, change)
    replace_text(change.path, change.before, change.after)
    return loaded


def job_table(name: str, keys: Mapping[str, Any]) -> str:
    """The job as TOML: lists on one line, tables behind the rest."""
    plain = {key: value for key, value in keys.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
    head = tomli_w.dumps({"jobs": {name: {"command": ""}}}).split("\n")[0]
    lines = [head, *(f"{key} = {_inline(value)}" for key, value in plain.items())]
    return "\n".join(lines) + "\n" + ("\n" + tomli_w.dumps({"jobs": {name: tables}}) if tables else "")


def _inline(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    return tomli_w.dumps({"value": value}).removeprefix("value = ").rstrip("\n")


def first_starts(loaded: Loaded, name: str, now: int, count: int) -> tuple[list[int], str]:
    """When the clock starts the job next, in milliseconds, before any spread, and the zone that it goes by; none when
    it does not."""
    job = loaded.configuration.jobs[name]
    zone = job.triggers.timezone or loaded.configuration.settings.timezone or system_zone()
    schedule = compile_triggers(job.triggers, name, zone)
    starts: list[int] = []
    slot = None if schedule is None or not job.enabled else schedule.next_after(now // 1000)
    while schedule is not None and slot is not None and len(starts) < count:
        starts.append(1000 * slot)
        slot = schedule.next_after(slot)
    return starts, zone


def require_name(name: str) -> None:
    """UsageError for what cannot be the name of a job."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(f"`{name}` cannot be the name of a job", f"expected {NAME_EXPECTED}")


def _document_of(ctx: Context, name: str) -> tuple[Document | None, list[str]]:
    """The file that defines the job, and the names of all jobs."""
    entries = gather(ctx.places.jobs_file).entries("jobs")
    entry = entries.get(name)
    return (None if entry is None else entry.document), list(entries)


def _line_of(document: Document, name: str) -> int:
    return int(document.place_of(("jobs", name)).rsplit(":", 2)[1])
