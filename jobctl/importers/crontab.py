"""Crontabs become drafts of jobs. Debian's cron is what the lines are taken to mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jobctl.domain.units import write_duration
from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.command_words import words_of
from jobctl.importers.crontab_comments import described, shortened
from jobctl.importers.crontab_lines import Comment, Entry, Setting, loses_backslashes, read_line, split_percent
from jobctl.importers.crontab_schedule import when
from jobctl.importers.crontab_settings import Surroundings, is_zone, take
from jobctl.importers.doubts import about_seconds
from jobctl.importers.findings import CannotKeep, Fate, Finding, Imported, JobDraft, LeftOut, Place, Remark, is_plain
from jobctl.importers.habits import recognise
from jobctl.importers.keys import in_order, may_spread
from jobctl.importers.locks import lock_of
from jobctl.importers.naming import candidates, slug, unique
from jobctl.importers.shell_text import comment_of, tokens

_POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_FLAGS = re.compile(r"((?:-[nqs]+\s+)+)(?=[^\s-])")
_FOR_A_SECOND = re.compile(r"\*|\*/\d+|\d{1,2}")


@dataclass(frozen=True, slots=True)
class Source:
    """One crontab: what to call it, its text, and whether its lines name users. `user`: whose it is, where it is not
    that of whoever runs the daemon."""

    file: str
    text: str
    system: bool
    user: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """An entry with what holds for it."""

    place: Place
    entry: Entry
    text: str
    surroundings: Surroundings
    description: str
    given_name: str


@dataclass(frozen=True, slots=True)
class _Job:
    """A line that became a job, before names are given."""

    line: _Line
    names: Sequence[str]
    keys: dict[str, object]
    remarks: Sequence[Remark]


def read_crontabs(sources: Sequence[Source]) -> Imported:
    """The jobs of all crontabs together, with names that differ, and what is to be said of every line."""
    findings: list[Finding] = []
    left_out: list[LeftOut] = []
    lines: list[_Line] = []
    for source in sources:
        _read(source, lines, findings, left_out)
    jobs = []
    locks = _shared_locks(lines)
    for line in lines:
        try:
            jobs.append(_job(line, locks))
        except CannotKeep as reason:
            left_out.append(LeftOut(line.place, line.text, str(reason)))
    drafts = []
    for name, job in zip(unique([job.names for job in jobs]), jobs, strict=True):
        drafts.append(JobDraft(name, job.keys, job.line.place, job.line.text))
        findings += [Finding(job.line.place, name, remark.fate, remark.message) for remark in job.remarks]
    findings += [Finding(piece.place, "", Fate.LOST, piece.reason) for piece in left_out]
    order = {source.file: position for position, source in enumerate(sources)}
    ordered = sorted(findings, key=lambda finding: (order[finding.place.file], finding.place.line))
    return Imported(tuple(drafts), (*ordered, *_about_all(jobs)), tuple(left_out))


def _about_all(jobs: Iterable[_Job]) -> list[Finding]:
    scheduled = [job for job in jobs if "on_boot" not in job.keys and "overlap" not in job.keys]
    if not scheduled:
        return []
    message = (
        'cron starts a command again while it is still running; jobctl skips that slot (overlap = "skip") unless a job '
        'says overlap = "allow" and max_concurrent = 4, say'
    )
    return [Finding(Place(scheduled[0].line.place.file, 0), "", Fate.CHANGED, message)]


def _read(source: Source, lines: list[_Line], findings: list[Finding], left_out: list[LeftOut]) -> None:
    """Take one crontab apart."""
    surroundings = Surroundings()
    comments: list[str] = []
    if "\r\n" in source.text:
        message = "lines end with CR LF: cron hands the CR to the commands, here it is left out"
        findings.append(Finding(Place(source.file, 0), "", Fate.CHANGED, message))
    texts = source.text.split("\n")
    for number, text in enumerate(texts, 1):
        place = Place(source.file, number)
        try:
            line = read_line(text, system=source.system)
        except CannotKeep as reason:
            goes_on = number > 1 and texts[number - 2].rstrip().endswith("\\")
            said = "follows a backslash: cron has no lines that go on in the next one" if goes_on else str(reason)
            left_out.append(LeftOut(place, text, said))
            line = None
        if isinstance(line, Comment):
            comments.append(line.text)
            continue
        if isinstance(line, Setting):
            surroundings, remarks = take(line, surroundings)
            findings += [Finding(place, "", remark.fate, remark.message) for remark in remarks]
        elif isinstance(line, Entry):
            description, given_name = described(comments)
            entry = line if source.user is None else replace(line, user=source.user)
            lines.append(_Line(place, entry, text, surroundings, description, given_name))
        comments = []


def _shared_locks(lines: Iterable[_Line]) -> frozenset[str]:
    locks = Counter(lock for line in lines if (lock := lock_of(line.entry.command)) is not None)
    return frozenset(lock for lock, count in locks.items() if count > 1)


def _job(line: _Line, shared_locks: frozenset[str]) -> _Job:
    if not is_plain(line.entry.command) or not is_plain(line.entry.user or ""):
        raise CannotKeep("holds bytes that are not UTF-8, or NUL, which a jobs file cannot say")
    keys, remarks = when(line.entry.fields)
    around = line.surroundings
    flags, whole = _without_flags(line.entry.command)
    written, stdin = split_percent(whole)
    if not written.strip():
        raise CannotKeep("there is no command")
    remarks += _about_slips(whole, written)
    if loses_backslashes(whole):
        message = "two backslashes are one in Debian's cron, and two in cronie: one here"
        remarks.append(Remark(Fate.CHANGED, message))
    is_posix = PurePosixPath(around.shell).name in _POSIX_SHELLS
    draft, comment = _command(written, keys, around, shared_locks) if is_posix else (CommandDraft(written), "")
    keys["command"] = draft.command
    if stdin is not None:
        keys["command"] = _with_stdin(draft.command, stdin, remarks, is_posix=is_posix)
    description = line.description or shortened(comment)
    keys |= {"description": description} if description else {}
    keys |= _around(around, line.entry.user) | draft.keys
    remarks += _take_flags(flags, keys) + about_seconds(keys, draft.command)
    if around.delay and "spread" not in keys and may_spread(keys, around.delay):
        keys["spread"] = write_duration(around.delay)
    if line.entry.user is None:
        remarks += _about_user_column(line.entry.command)
    words = words_of(draft.command)
    names = [given] if (given := draft.name or slug(line.given_name)) else candidates(words)
    return _Job(line, names, in_order(keys), [*remarks, *draft.remarks])


def _command(
    written: str, keys: dict[str, object], around: Surroundings, shared_locks: frozenset[str]
) -> tuple[CommandDraft, str]:
    code, comment = comment_of(written)
    if not code.strip():
        raise CannotKeep("there is no command")
    bash = PurePosixPath(around.shell).name in ("bash", "ksh", "zsh")
    return recognise(code, lambda seconds: may_spread(keys, seconds), shared_locks, bash=bash), comment


def _without_flags(command: str) -> tuple[str, str]:
    """The flags that the crons of the BSDs and cronie take before a command, and the command."""
    match = _FLAGS.match(command)
    return (match[1].strip(), command[match.end() :]) if match else ("", command)


def _take_flags(flags: str, keys: dict[str, object]) -> list[Remark]:
    if not flags:
        return []
    if "s" not in flags:
        return [Remark(Fate.KEPT, f"`{flags}` is about the mail and log of the BSDs' cron: left out")]
    keys["overlap"] = "skip"
    return [Remark(Fate.KEPT, f'`{flags}` of the BSDs\' cron became overlap = "skip"')]


def _with_stdin(command: str, stdin: str, remarks: list[Remark], *, is_posix: bool) -> str:
    """The command with what stands behind its first `%` on its standard input."""
    if not is_posix:
        raise CannotKeep("a `%` gives the command its input, which this shell has no here-document for; write `\\%`")
    remarks.append(
        Remark(Fate.KEPT, "an unescaped `%` ends the command; what follows is its standard input: a here-document now")
    )
    if not stdin:
        return command
    mark = "EOF"
    while mark in stdin.split("\n"):
        mark += "_"
    return f"{{ {command}\n}} <<'{mark}'\n{stdin}{mark}\n"


def _around(around: Surroundings, user: str | None) -> dict[str, object]:
    keys: dict[str, object] = {"env": dict(around.variables)}
    if around.shell != "/bin/sh":
        keys["shell"] = [around.shell, "-c"]
    if around.home is not None:
        keys["cwd"] = around.home
    if around.timezone is not None:
        if not is_zone(around.timezone):
            raise CannotKeep("the zone of the CRON_TZ above it does not exist")
        keys["timezone"] = around.timezone
    if not around.is_mailed:  # a channel that another MAILTO asks for is not for these
        keys["alert"] = {"on": []}
    if user is not None:
        name, _, group = user.partition("/")[0].partition(":")  # BSD: user:group/class
        if not re.fullmatch(r"[A-Za-z_][\w.-]*\$?", name, re.ASCII):
            raise CannotKeep(f"`{user}` is no user; does the crontab have a column of users?")
        keys["user"] = name
        keys |= {"group_name": group} if group else {}
    return keys


def _about_slips(whole: str, written: str) -> list[Remark]:
    """What people expect of a line and cron does not do."""
    if whole.endswith("\\"):
        return [Remark(Fate.CHANGED, "the line ends with a backslash: cron has no lines that go on in the next one")]
    if tokens(written) is None and tokens(whole.replace("\\%", "%")) is not None:
        message = f"cron cuts the command at its first `%`, and `{written.strip()}` is not complete: was `\\%` meant?"
        return [Remark(Fate.CHANGED, message)]
    return []


def _about_user_column(command: str) -> list[Remark]:
    first = command.split()[0] if command.split() else ""
    if first in ("root", "www-data", "nobody", "postgres"):
        return [
            Remark(Fate.CHANGED, f"the command begins with `{first}`: for a crontab that names users give --system")
        ]
    if _FOR_A_SECOND.fullmatch(first):
        return [
            Remark(Fate.CHANGED, f"the command begins with `{first}`: cron has five fields, none for seconds or years")
        ]
    return []
