"""Every bad file with its exact message.

`bad_files.txt` holds them: a line `=== what is wrong`, the file, a line `---`, the lines that tell it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.config.load import load
from jobctl.errors import JobsFileError, Problem, Severity
from tests.config.conftest import NOW, Errors, Load, Write

CASES = [
    (name, text, expected.strip().splitlines())
    for case in Path(__file__).with_name("bad_files.txt").read_text(encoding="utf-8").split("=== ")[1:]
    for name, _, rest in [case.partition("\n")]
    for text, _, expected in [rest.partition("---\n")]
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_file_is_told_in_exactly_these_lines(errors: Errors, text: str, expected: list[str]) -> None:
    assert errors(text) == expected


CUT = "the file ends in the middle of something; if it is still being written, try again"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[jobs.a]\ncommand = "x', 'jobs.toml:2:13: not valid TOML: invalid basic string, expected `"`'),
        ('[jobs.a]\ncommand = "x"\n[jobs.b', "jobs.toml:3:8: not valid TOML: unclosed table, expected `]`"),
        ('[jobs.a]\ncommand = [\n  "x",\n', "jobs.toml:3:7: not valid TOML: unclosed array, expected `]`"),
        ("[jobs.a]\ncomm", "jobs.toml:2:5: not valid TOML: key with no value, expected `=`"),
    ],
    ids=["in a string", "in a header", "in a list", "in a key"],
)
def test_a_half_written_file_is_recognised(errors: Errors, text: str, expected: str) -> None:
    assert errors(text) == [f"{expected}; {CUT}"]


def test_values_nested_without_end_are_refused(errors: Errors) -> None:
    assert errors("a = " + "[" * 500 + "]" * 500) == [
        "jobs.toml:1:85: not valid TOML: cannot recurse further; max recursion depth met; " + CUT
    ]


def test_an_address_without_end_is_refused_without_being_quoted(errors: Errors) -> None:
    longest = "https://hc.example/" + "x" * (2048 - 19)
    text = '[daemon]\nheartbeat = "{}"\n[jobs.a]\ncommand = "x"\nheartbeat = "{}"\n'
    assert errors(text.format(longest, longest + "x")) == [
        "jobs.toml:5:13: jobs.a.heartbeat: an address of at most 2,048 characters is taken, this has 2,049"
    ]


def test_what_is_wrong_in_one_place_does_not_make_errors_elsewhere(errors: Errors) -> None:
    text = (
        '[jobs.a]\ncommand = "x"\nafter = ["b"]\ncalendar_exclude = ["c"]\nalert = { channels = ["d"] }\n'
        "[jobs.b]\ncommand = 1\n[calendars.c]\ndates = 1\n[channels.d]\ntype = 1\n"
    )
    assert [line.split(": ")[1] for line in errors(text)] == ["jobs.b.command", "calendars.c.dates", "channels.d.type"]


def test_a_problem_keeps_its_parts_apart(write: Write) -> None:
    with pytest.raises(JobsFileError) as caught:
        load(write('[jobs.a]\ncommand = "x"\ntimout = "1h"\n'), NOW)
    assert caught.value.problems == (
        Problem("jobs.toml", 3, 1, "jobs.a.timout", "unknown key", 'did you mean "timeout"?', Severity.ERROR),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('schedule = "0 0 13 * 5"', "both day fields are restricted"),
        ('schedule = ["daily", "*/35 * * * *"]', "35"),
        ("at = 2020-01-01T00:00:00Z", "lies in the past: the job will not start by itself"),
        ('alert = { on = ["failed", "late"] }', "`on` names late and nothing says when that is"),
        (
            'alert = { late = "10m" }\nschedule = "@daily"\nstart_deadline = "10m"',
            "never comes: start_deadline makes the run missed before",
        ),
        ('alert = { on = ["failed"], too_fast = "5s" }', "does nothing, since `on` does not name too_fast"),
    ],
)
def test_what_is_doubtful_is_a_warning_with_its_place(loaded: Load, text: str, line: str) -> None:
    warnings = loaded(f'[jobs.a]\ncommand = "x"\n{text}\n').warnings
    assert len(warnings) == 1
    assert warnings[0].severity is Severity.WARNING
    assert (warnings[0].file, warnings[0].line) == ("jobs.toml", 3)
    assert line in warnings[0].message


def test_a_secret_that_names_no_variable_is_a_warning(loaded: Load) -> None:
    warnings = loaded('[jobs.a]\ncommand = "x"\nsecrets = ["TOKEN"]\n').warnings
    assert 'the job has no variable "TOKEN"' in [warning.message for warning in warnings]


def test_a_warning_about_one_expression_of_a_list_points_at_it(loaded: Load) -> None:
    (warning,) = loaded('[jobs.a]\ncommand = "x"\nschedule = ["daily", "*/35 * * * *"]\n').warnings
    assert (warning.key, warning.line, warning.column) == ("jobs.a.schedule[1]", 3, 22)


def test_a_fixed_time_that_a_clock_change_skips_is_a_warning(loaded: Load) -> None:
    warnings = loaded('[jobs.a]\ncommand = "x"\ntimezone = "Europe/Berlin"\nschedule = "30 2 * * *"\n').warnings
    assert [(warning.key, warning.line) for warning in warnings] == [("jobs.a.schedule", 4)]


def test_a_secret_is_never_part_of_a_message(errors: Errors) -> None:
    values = 'A = 12345, B = ["hunter2"], C = { file = "x", env = "y" }, D = "hu\\u0000nter2"'
    told = "\n".join(errors(f'[jobs.a]\ncommand = "x"\nenv = {{ {values} }}\n'))
    assert told.count("jobs.a.env") == 4
    assert "12345" not in told
    assert "nter2" not in told
