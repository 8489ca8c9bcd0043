"""Drafts become a jobs file that loads, whatever they hold."""

from __future__ import annotations

from datetime import datetime

import rtoml

from jobctl.importers.findings import Fate, Imported, JobDraft, LeftOut, Place
from jobctl.operations.import_text import jobs_file_text

NOW = 1_795_392_000_000  # 2026-11-23


def draft(line: int, **keys: object) -> JobDraft:
    return JobDraft(f"job-{line}", keys, Place("crontab", line))


def test_a_key_that_can_be_done_without_goes_alone_and_is_told() -> None:
    imported, text = jobs_file_text(Imported((draft(3, command="a", nice=99, timeout="5m"),), ()), "x", NOW)
    assert imported.drafts[0].keys == {"command": "a", "timeout": "5m"}
    (finding,) = imported.findings
    assert (finding.place.line, finding.job, finding.fate) == (3, "job-3", Fate.LOST)
    assert finding.message.startswith("nice: expected a whole number from -20 to 19")
    assert "nice" not in text


def test_a_job_that_would_be_another_one_goes_and_its_command_stays_as_a_comment() -> None:
    imported, text = jobs_file_text(Imported((draft(3, command="a", user="b,c"), draft(4, command="d")), ()), "x", NOW)
    assert [one.name for one in imported.drafts] == ["job-4"]
    assert "# crontab:3: not kept: user: expected" in text
    assert "#     a\n" in text


def test_values_of_all_sorts_come_back_as_they_were() -> None:
    keys = {
        "command": "printf '%s' \"it's\"\nsecond \\ line\t'''",
        "description": 'say "\\"',
        "at": datetime.fromisoformat("2030-12-24T18:00:00"),
        "shell": ["/bin/bash", "-c"],
        "env": {"A": "'\"\\", "B": {"env": "HOME"}},
        "alert": {"on": []},
    }
    _, text = jobs_file_text(Imported((draft(1, **keys),), ()), "x", NOW)
    read = rtoml.loads(text)["jobs"]["job-1"]
    assert read.pop("at").replace(tzinfo=None) == keys.pop("at")
    assert read == keys


def test_pieces_stand_in_the_order_of_the_original_and_comments_are_one_line() -> None:
    left_out = LeftOut(Place("crontab", 2), "rub\rbish\x00\u2028é", "is nothing")
    _, text = jobs_file_text(Imported((draft(3, command="a"), draft(1, command="b")), (), (left_out,)), "x\ny", NOW)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments == [
        "# x?y", "# crontab:1", "# crontab:2: not kept: is nothing", "#     rub?bish??é", "# crontab:3",
    ]  # fmt: skip


def test_a_line_whose_job_goes_stays_whole_as_a_comment() -> None:
    line = "0 5 * * * cd /x && flock -n /y echo mars"
    refused = JobDraft("mars", {"command": "echo mars", "timezone": "Mars/Olympus"}, Place("crontab", 2), line)
    imported, text = jobs_file_text(Imported((refused,), ()), "x", NOW)
    assert [piece.text for piece in imported.left_out] == [line]
    assert f"#     {line}\n" in text
