"""What an import gives: the text of a jobs file, its jobs, and what is to be said of the originals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.importers.findings import Fate, Finding, Imported, JobDraft
from jobctl.operations.import_text import jobs_file_text


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`text` loads as it is. `findings` are in the order of the originals."""

    text: str
    drafts: tuple[JobDraft, ...]
    findings: tuple[Finding, ...]

    def count(self, fate: Fate) -> int:
        """How many findings of a kind there are."""
        return sum(finding.fate is fate for finding in self.findings)


def report(imported: Imported, before: Sequence[Finding], title: str, now: int) -> ImportReport:
    """The report of an import; `before` are findings that precede all of its own. `now` is in milliseconds.

    Files are in their first order, what concerns a file as a whole comes behind its lines.
    """
    accepted, text = jobs_file_text(imported, title, now)
    files = {finding.place.file: None for finding in accepted.findings}
    order = {file: position for position, file in enumerate(files)}
    ordered = sorted(
        accepted.findings,
        key=lambda finding: (order[finding.place.file], not finding.place.line, finding.place.line),
    )
    return ImportReport(text, accepted.drafts, (*before, *ordered))
