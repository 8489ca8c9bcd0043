"""Jobs come into a file and go out of it, and nothing else changes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jobctl.config.cut import CannotCut, with_job, without_job

CASES = {
    "a table between others": (
        "# head\n\n[jobs.a]\ncommand = 'x'\n\n[jobs.gone]\ncommand = 'y' # mine\n\n[jobs.b]\ncommand = 'z'\n",
        "# head\n\n[jobs.a]\ncommand = 'x'\n\n[jobs.b]\ncommand = 'z'\n",
    ),
    "its sub-tables, wherever they are": (
        "[jobs.gone]\ncommand = 'y'\n\n[jobs.gone.alert]\nlate = '1m'\n\n"
        "[jobs.b]\ncommand = 'z'\n[jobs.gone.params]\np = {}\n",
        "[jobs.b]\ncommand = 'z'\n",
    ),
    "comments directly above and within it": (
        "# of the file\n\n# about it\n# more\n[jobs.gone]\n# within\ncommand = 'y'\n# retries = 3\n\n"
        "# of b\n[jobs.b]\ncommand = 'z'\n",
        "# of the file\n\n# of b\n[jobs.b]\ncommand = 'z'\n",
    ),
    "comments of the one that follows directly": (
        "[jobs.gone]\ncommand = 'y'\n# of b\n[jobs.b]\ncommand = 'z'\n",
        "# of b\n[jobs.b]\ncommand = 'z'\n",
    ),
    "comments that stand alone": (
        "[jobs.gone]\ncommand = 'y'\n\n# alone\n\n[jobs.gone.alert]\nlate = '1m'\n\n[jobs.b]\ncommand = 'z'\n",
        "# alone\n\n[jobs.b]\ncommand = 'z'\n",
    ),
    "dotted keys of the root": (
        "jobs.gone.command = 'y'\njobs.gone.retries = 1\njobs.b.command = 'z'\n",
        "jobs.b.command = 'z'\n",
    ),
    "keys of a table of jobs": (
        "[jobs]\nb = { command = 'z' }\ngone = { command = ['y',\n  'w'] }\nc.command = 'v'\n",
        "[jobs]\nb = { command = 'z' }\nc.command = 'v'\n",
    ),
    "text that only looks like a header": (
        "[jobs.b]\ncommand = '''\n[jobs.gone]\n'''\n\n[jobs.gone]\ncommand = \"\"\"\n[jobs.b]\n# x\n\"\"\"\n",
        "[jobs.b]\ncommand = '''\n[jobs.gone]\n'''\n",
    ),
    "quoted names": (
        '[jobs."gone" . alert]\nlate = "1m"\n["jobs".gone]\ncommand = "y"\n\n[jobs."b.c"]\ncommand = "z"\n',
        '[jobs."b.c"]\ncommand = "z"\n',
    ),
    "line endings of Windows": (
        "[jobs.b]\r\ncommand = 'z'\r\n\r\n[jobs.gone]\r\ncommand = 'y'\r\n",
        "[jobs.b]\r\ncommand = 'z'\r\n",
    ),
    "a file without a last line end": (
        "[jobs.b]\ncommand = 'z'\n\n[jobs.gone]\ncommand = 'y'",
        "[jobs.b]\ncommand = 'z'",
    ),
    "the only job": ("[jobs.gone]\ncommand = 'y'\n", "# no jobs\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_goes_and_what_stays(case: str) -> None:
    before, after = CASES[case]
    assert without_job(before, "gone") == after


@pytest.mark.parametrize(
    "text",
    ["jobs = { gone = { command = 'x' }, b = { command = 'y' } }\n", "[jobs.b]\ncommand = 'z'\n"],
)
def test_what_cannot_be_cut_is_left_alone(text: str) -> None:
    with pytest.raises(CannotCut):
        without_job(text, "gone")


_COMMENTS = st.lists(st.sampled_from(["", "# a comment", "#[jobs.new]", "   # indented", "\t"]), max_size=3)
_VALUES = st.sampled_from(
    ["'x'", '"a # b"', "'''\n[jobs.new]\n'''", '["a", # why\n  "b",\n]', "{ a = 1, b = [1] }", '"""\n# "\n"""']
)


@st.composite
def _job(draw: st.DrawFn, name: str) -> str:
    lines = [*draw(_COMMENTS)]
    lines.append(draw(st.sampled_from([f"[jobs.{name}]", f'[ jobs . "{name}" ]  # header', f"[jobs.'{name}']"])))
    for key in draw(st.lists(st.sampled_from(["command", "cwd", "env"]), unique=True)):
        lines += [*draw(_COMMENTS), f"{key} = {draw(_VALUES)}{draw(st.sampled_from(['', '  # behind']))}"]
    if draw(st.booleans()):
        lines += [*draw(_COMMENTS), f"[jobs.{name}.alert]", "late = '1m'"]
    return "\n".join([*lines, *draw(_COMMENTS)])


@st.composite
def _files(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "d-e"]), unique=True, min_size=1))
    text = "\n".join(draw(_job(name)) for name in names) + draw(st.sampled_from(["", "\n", "\n\n", "\n# end", "\n  "]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def _jobs(text: str) -> dict[str, Any]:
    found = tomllib.loads(text).get("jobs", {})
    assert isinstance(found, dict)
    return found


@given(_files())
def test_a_job_that_is_added_and_removed_leaves_the_same_bytes(text: str) -> None:
    table = '[jobs.new]\ncommand = "echo [jobs.a] # x"\n\n[jobs.new.alert]\nseverity = "high"\n'
    added = with_job(text, table)
    assert added.startswith(text)
    assert _jobs(added) == _jobs(text) | {"new": {"command": "echo [jobs.a] # x", "alert": {"severity": "high"}}}
    assert without_job(added, "new") == text


@given(_files(), st.sampled_from(["a", "b", "c", "d-e"]))
def test_a_job_that_is_removed_takes_nothing_of_another_one(text: str, name: str) -> None:
    jobs = _jobs(text)
    assume(name in jobs)
    left = without_job(text, name)
    assert _jobs(left) == {other: job for other, job in jobs.items() if other != name}
    kept = [line for line in left.splitlines() if line != "# no jobs"]
    assert kept == _subsequence(kept, text.splitlines())


def _subsequence(wanted: list[str], lines: list[str]) -> list[str]:
    """The lines of the second that make up the first, in order, as far as they do."""
    rest = iter(lines)
    return [line for line in wanted if any(line == other for other in rest)]
