"""`[calendars]`: named sets of dates, written in the jobs file or in a file of their own."""

from __future__ import annotations

from pathlib import Path

from jobctl.config.document import Document
from jobctl.config.file_keys import CALENDAR
from jobctl.config.gather import Gathered
from jobctl.config.moments import is_date
from jobctl.config.safety import shown, stamp


def read_calendars(gathered: Gathered) -> dict[str, frozenset[str]]:
    """The dates of each calendar, as `2026-12-25`. Files of dates are stamped like included ones."""
    calendars = {}
    for name, entry in gathered.entries("calendars").items():
        path = ("calendars", name)
        read = CALENDAR.read(entry.table, path, entry.document)
        values = read if isinstance(read, dict) else {}
        if isinstance(entry.table, dict) and not entry.table:
            entry.document.error(path, "expected dates or file", 'write dates = ["2026-12-25"]', at_value=False)
        dates = values.get("dates", frozenset())
        if "file" in values:
            gathered.stamps.append(stamp(values["file"]))
            dates |= _dates_of_file(Path(values["file"]), entry.document, (*path, "file"))
        calendars[name] = dates
    return calendars


def _dates_of_file(file: Path, document: Document, path: tuple[str, ...]) -> frozenset[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        document.error(path, f"{shown(file)} cannot be read: {error.strerror}")
        return frozenset()
    except UnicodeDecodeError:
        document.error(path, f"{shown(file)} is not UTF-8", "save it as UTF-8")
        return frozenset()
    dates = set()
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if text and not is_date(text):
            document.error(path, f'{shown(file)}:{number}: expected a date such as 2026-12-25, not "{text[:40]}"')
        elif text:
            dates.add(text)
    return frozenset(dates)
