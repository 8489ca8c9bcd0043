"""Copies of the package with one promise taken out, to see whether the faults and the oracle would notice."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.installation import REPOSITORY


@dataclass(frozen=True, slots=True)
class Breakage:
    """One exact replacement in one file of the package."""

    file: str
    original: str
    replacement: str


WITHOUT_BEGIN = Breakage(
    "process/supervision.py",
    "self._record.write_begin(self.token, self._run_id, self._number, now_ms())",
    "pass",
)
WITHOUT_SYNC_OF_BEGIN = Breakage(
    "process/record_file.py",
    "self._write(BEGIN_AT, BEGIN.pack(token, run_id.encode(\"ascii\"), attempt, now))\n        os.fdatasync(self._fd)",
    "self._write(BEGIN_AT, BEGIN.pack(token, run_id.encode(\"ascii\"), attempt, now))",
)  # fmt: skip
SPEC_SENT_BEFORE_THE_COMMIT = Breakage(
    "daemon/loop.py",
    """
                self._call_steps(now)
        except""",
    """
                self._call_steps(now)
                self._dispatcher.committed()
        except""",
)
WITHOUT_SYNC_OF_COMMITS = Breakage(
    "store/sqlite/connection.py", "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF"
)

TOKENS_NOT_STORED = Breakage(
    "daemon/rate_limits.py",
    "        self._rates.keep(queue, self._buckets[queue])\n        return self._is_empty",
    "        return self._is_empty",
)
BACKOFF_THAT_DOES_NOT_GROW = Breakage("domain/retry.py", "* 2.0 ** min(failures - 1, 63)", "")
PAYLOAD_OF_ANOTHER = Breakage(
    "process/payload.py",
    "    values = values_of(job.params, run.params)\n",
    '    values = values_of(job.params, run.params) | {"text": "another"}\n',
)

ALL = (
    WITHOUT_BEGIN,
    WITHOUT_SYNC_OF_BEGIN,
    SPEC_SENT_BEFORE_THE_COMMIT,
    WITHOUT_SYNC_OF_COMMITS,
    TOKENS_NOT_STORED,
    BACKOFF_THAT_DOES_NOT_GROW,
    PAYLOAD_OF_ANOTHER,
)


def broken_copy(folder: Path, breakage: Breakage) -> Path:
    """The folder of a copy in which exactly this is broken."""
    source = folder / "broken"
    shutil.copytree(REPOSITORY / "jobctl", source / "jobctl", ignore=shutil.ignore_patterns("__pycache__"))
    file = source / "jobctl" / breakage.file
    text = file.read_text()
    assert text.count(breakage.original) == 1, f"{breakage.file} does not hold what is to be broken exactly once"
    file.write_text(text.replace(breakage.original, breakage.replacement))
    return source
