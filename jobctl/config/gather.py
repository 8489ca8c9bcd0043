"""The jobs file and all that it includes, read as one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobctl.config.document import Document, read_document
from jobctl.config.file_keys import FILE
from jobctl.config.includes import expand, is_pattern
from jobctl.config.kinds import INVALID
from jobctl.config.safety import shown
from jobctl.config.tables import Named
from jobctl.domain.settings import FileStamp
from jobctl.errors import JobsFileError, Problem

_ONLY_IN_MAIN = ("daemon", "retention", "defaults", "severity", "monitor")


@dataclass(slots=True)
class Entry:
    """One `[jobs.NAME]`, `[queues.NAME]` and so on, as it stands in its file."""

    table: Any
    document: Document


@dataclass(slots=True)
class Gathered:
    """All files: the main one first. `problems` are those of files that could not be read at all."""

    documents: list[Document]
    stamps: list[FileStamp] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def main(self) -> Document:
        return self.documents[0]

    def entries(self, section: str) -> dict[str, Entry]:
        """The named tables of a section from all files; one defined twice is noted, and the first one stands."""
        found: dict[str, Entry] = {}
        for document in self.documents:
            tables = document.tables.get(section, {})
            if not isinstance(tables, dict):
                FILE.by_name[section].kind.read(tables, (section,), document)
                continue
            for name, table in tables.items():
                if name not in found:
                    found[name] = Entry(table, document)
                    continue
                first = found[name].document.place_of((section, name))
                hint = f"the first one is at {first}, keep one of them"
                document.error((section, name), "defined twice", hint, at_value=False)
        return found

    def read_entries(self, section: str) -> dict[str, Any]:
        """The entries of a section as the domain knows them, invalid ones left out."""
        kind = FILE.by_name[section].kind
        assert isinstance(kind, Named)
        read = {
            name: kind.read_one(name, entry.table, (section,), entry.document)
            for name, entry in self.entries(section).items()
        }
        return {name: kind.value.build(value) for name, value in read.items() if value is not INVALID}

    def read_table(self, section: str) -> dict[str, Any]:
        """The valid keys of a table that stands in the main file only."""
        if section not in self.main.tables:
            return {}
        read = FILE.by_name[section].kind.read(self.main.tables[section], (section,), self.main)
        return read if isinstance(read, dict) else {}


def gather(path: Path, instead: Mapping[str, str] | None = None) -> Gathered:
    """Read the main file and follow `include`. `instead` has texts of files, by real path, that are to be read as if
    they stood there. Raises JobsFileError when the main file itself cannot be read."""
    texts = instead or {}
    main = read_document(path, texts.get(os.path.realpath(path)))
    gathered = Gathered([main], [main.stamp])
    _note_unknown(main, is_main=True)
    seen = {os.path.realpath(path)}
    for document in gathered.documents:  # grows while files include further ones
        for index, included in _included(document, gathered):
            real = os.path.realpath(included)
            if real in seen:
                continue
            seen.add(real)
            try:
                added = read_document(included, texts.get(real))
            except JobsFileError as error:
                gathered.problems += error.problems
                continue
            except RecursionError:
                document.error(("include", index), "the tables of that file are nested too deeply")
                continue
            _note_unknown(added, is_main=False)
            gathered.documents.append(added)
            gathered.stamps.append(added.stamp)
    return gathered


def _included(document: Document, gathered: Gathered) -> list[tuple[int, Path]]:
    """The files that a document includes, with the index of the pattern."""
    if "include" not in document.tables:
        return []
    patterns = FILE.by_name["include"].kind.read(document.tables["include"], ("include",), document)
    found: list[tuple[int, Path]] = []
    for index, pattern in enumerate(patterns if isinstance(patterns, tuple) else ()):
        files, stamps = expand(pattern, document.folder)
        gathered.stamps += stamps
        found += [(index, file) for file in files]
        if not files:
            _note_missing(document, index, pattern)
    return found


def _note_missing(document: Document, index: int, pattern: str) -> None:
    missing = shown(os.path.normpath(document.folder / pattern))
    if is_pattern(pattern):
        document.warn(("include", index), f"no file matches {missing}", "one that comes there is read then")
    else:
        document.error(("include", index), f"there is no file {missing}", "write it, or take it out of include")


def _note_unknown(document: Document, *, is_main: bool) -> None:
    known = {name: value for name, value in document.tables.items() if name in FILE.by_name}
    FILE.read_known({name: value for name, value in document.tables.items() if name not in known}, (), document)
    if is_main:
        return
    for name in _ONLY_IN_MAIN:
        if name in known:
            document.error((name,), "belongs in the main jobs file", "move it there", at_value=False)
