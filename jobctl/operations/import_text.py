"""From drafts of jobs to the text of a jobs file that loads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import tomli_w

from jobctl.config.document import dotted
from jobctl.config.load import load
from jobctl.errors import JobsFileError, Problem
from jobctl.importers.findings import Fate, Finding, Imported, JobDraft, LeftOut, Place

# Without these it is still the same program, run in the same place at the same time.
_DISPENSABLE = frozenset({"description", "spread", "overlap", "timeout", "grace", "nice", "retry_delay", "alert"})
_PATIENT_ROUNDS = 3  # after so many a job that is still refused goes as a whole
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\u00a0-\u2027\u202f-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def jobs_file_text(imported: Imported, title: str, now: int) -> tuple[Imported, str]:
    """What is left of `imported` once the loader has taken all of it, and the text of the jobs file.

    Keys and jobs that the loader refuses are gone from the text and are findings now. `now` is in milliseconds.
    """
    for round_number in range(_PATIENT_ROUNDS + 1):
        text = _written(imported, title)
        problems = _problems(text, now)
        if not problems:
            break
        imported = _without(imported, problems, whole=round_number >= _PATIENT_ROUNDS - 1)
    return imported, text


def _problems(text: str, now: int) -> tuple[Problem, ...]:
    with TemporaryDirectory(prefix="jobctl-") as folder:
        path = Path(folder) / "jobs.toml"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        try:
            load(path, now)
        except JobsFileError as error:
            return error.problems or (Problem(str(path), 0, 0, "", error.message),)
    return ()


def _without(imported: Imported, problems: Iterable[Problem], *, whole: bool) -> Imported:
    """Take out what the loader refuses: a key, or the job where it is another one without the key."""
    drafts: list[JobDraft] = []
    findings = list(imported.findings)
    left_out = list(imported.left_out)
    for draft in imported.drafts:
        prefix = dotted(("jobs", draft.name))
        own = {_key(problem, prefix): problem for problem in problems if f"{problem.key}.".startswith(f"{prefix}.")}
        if not own:
            drafts.append(draft)
        elif whole or not own.keys() <= _DISPENSABLE:
            reason = "; ".join(_said(key, problem) for key, problem in own.items())
            text = draft.text or str(draft.keys.get("command", ""))
            left_out.append(LeftOut(draft.place, _one_line(text), reason))
            findings = [finding for finding in findings if finding.job != draft.name]
            findings.append(Finding(draft.place, "", Fate.LOST, reason))
        else:
            kept = {key: value for key, value in draft.keys.items() if key not in own}
            drafts.append(replace(draft, keys=kept))
            findings += [
                Finding(draft.place, draft.name, Fate.LOST, _said(key, problem)) for key, problem in own.items()
            ]
    return Imported(tuple(drafts), tuple(findings), tuple(left_out))


def _key(problem: Problem, prefix: str) -> str:
    return re.split(r"[.\[]", problem.key.removeprefix(prefix).removeprefix("."))[0]


def _said(key: str, problem: Problem) -> str:
    said = f"{key}: {problem.message}" if key else problem.message
    return f"{said}; {problem.hint}" if problem.hint else said


def _written(imported: Imported, title: str) -> str:
    """The jobs with the place of each above it, and what could not be kept as comments, in the order of the files."""
    files = {place.file: None for place in (*_places(imported.drafts), *_places(imported.left_out))}
    order = {file: position for position, file in enumerate(files)}
    blocks = [(draft.place, _job(draft)) for draft in imported.drafts]
    blocks += [(piece.place, _comment(piece)) for piece in imported.left_out]
    blocks.sort(key=lambda block: (order[block[0].file], block[0].line))
    return "\n".join([f"# {_one_line(title)}\n", *(text for _, text in blocks)])


def _places(pieces: Iterable[JobDraft | LeftOut]) -> list[Place]:
    return [piece.place for piece in pieces]


def _job(draft: JobDraft) -> str:
    lines = [f"# {_one_line(str(draft.place))}", f"[{dotted(('jobs', draft.name))}]"]
    return "\n".join([*lines, *(_assignment(key, value) for key, value in draft.keys.items())]) + "\n"


def _assignment(key: str, value: object) -> str:
    """`key = value`: on one line, but for text of several."""
    if isinstance(value, Mapping):
        inner = ", ".join(_assignment(name, inner_value) for name, inner_value in value.items())
        return f"{dotted((key,))} = {{ {inner} }}" if inner else f"{dotted((key,))} = {{}}"
    if isinstance(value, list):
        return f"{dotted((key,))} = [{', '.join(_assignment('x', one).removeprefix('x = ') for one in value)}]"
    if isinstance(value, str) and (literal := _literal(value)) is not None:
        return f"{dotted((key,))} = {literal}"
    return tomli_w.dumps({key: value}).rstrip("\n")


def _literal(text: str) -> str | None:
    """The text as it is between apostrophes, where that spares it backslashes; None where that cannot be."""
    if _UNPRINTABLE.search(text.replace("\n", "")):
        return None
    if "\n" in text:
        return None if "'''" in text or text.endswith("'") else f"'''\n{text}'''"
    return f"'{text}'" if "'" not in text and ('"' in text or "\\" in text) else None


def _comment(piece: LeftOut) -> str:
    lines = [f"{piece.place}: {Fate.LOST.value}: {piece.reason}", f"    {piece.text.strip()}"]
    return "".join(f"# {_one_line(line)}\n" for line in lines)


def _one_line(text: str) -> str:
    """The text as a comment of TOML may hold it."""
    return _UNPRINTABLE.sub("?", text)
