"""`doctor` as a person and a script read it."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.shell import Shell


def test_findings_are_told_a_line_each_with_advice_below(jobctl: Shell) -> None:
    jobctl("run", "fails")
    said = jobctl("doctor")
    assert said.status == 0
    assert re.search(
        r"^doubtful  jobs             never succeeded: fails\n {27}`jobctl logs fails` shows why",
        said.out,
        re.MULTILINE,
    )
    assert re.search(r"^ok        database +no damage in ", said.out, re.MULTILINE)


def test_long_findings_go_on_beside_what_was_looked_at(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = jobctl("doctor").out.splitlines()
    assert all(len(line) <= 80 or " " not in line[27:] for line in lines)
    assert all(line[:27].strip() == "" or line.startswith(("ok ", "doubtful ", "bad ")) for line in lines)


def test_a_locale_that_says_c_gets_ascii(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = "".join(f'[jobs.job-{number}]\ncommand = "true"\nschedule = "daily"\n' for number in range(6))
    jobctl.site.define(f'[defaults]\ndescription = "gr\u00f6\u00dfer"\n{jobs}')
    for words in (["doctor"], ["show", "job-0"]):
        assert not jobctl(*words).out.isascii()
        with monkeypatch.context() as patched:
            patched.setenv("LC_ALL", "C")
            assert jobctl(*words).out.isascii()


def test_what_keeps_it_from_working_gives_exit_status_1(jobctl: Shell) -> None:
    jobctl.site.define("[jobs.x]\n")
    said = jobctl("doctor", "--json")
    assert said.status == 1
    [bad] = [one for one in json.loads(said.out) if one["level"] == "bad"]
    assert (bad["check"], bool(bad["advice"])) == ("jobs file", True)


def test_pressure_maps_the_starts_of_a_week(jobctl: Shell) -> None:
    said = jobctl("doctor", "--pressure")
    lines = said.out.splitlines()
    assert lines[0].split() == ["0", "3", "6", "9", "12", "15", "18", "21"]
    assert len(lines) == 9
    assert sum(int(line.split()[-1]) for line in lines[1:] if line[-1].isdigit()) == 7
    starts = json.loads(jobctl("doctor", "--pressure", "--json").out)
    assert [start["starts"] for start in starts] == [1] * 7
    assert all("T02:00:00" in start["at"] for start in starts)
