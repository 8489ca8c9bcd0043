"""`add`, `remove` and `edit`: the file of a person, changed on their behalf and taken into force by the daemon."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

JOBS = """\
# Our jobs.
include = ["conf.d/*.toml"]

[jobs.first]   # the first
command = "true"

# nothing below
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    made.write_jobs(JOBS)
    (tmp_path / "conf.d").mkdir()
    more = tmp_path / "conf.d" / "more.toml"
    more.write_text("# more\n\n# about it\n[jobs.included]\ncommand = 'true'\n\n[jobs.other]\ncommand = 'true'\n")
    more.chmod(0o644)
    yield made
    made.close()


def test_a_job_that_is_added_and_removed_leaves_the_file_as_it_was(installed: Installation) -> None:
    words = [
        "--command",
        "echo 'a \"b\"'",
        "--schedule",
        "weekdays at 8:30",
        "--tag",
        "db",
        "--tag",
        "x",
        "--env",
        "A=b=c",
    ]
    added = installed.call("add", "new", *words, "--timeout", "1h", "--retries", "2", "--alert", "high")
    assert added.returncode == 0, added.stderr
    assert "+[jobs.new]" in added.stdout
    assert re.search(r"next: \w+ \S+ 08:30 ", added.stderr)
    assert installed.jobs_file.read_text().startswith(JOBS)
    definition = installed.ask("show", "new")["definition"]
    assert definition["command"] == "echo 'a \"b\"'"
    assert (definition["schedule"], definition["tags"], definition["env"]) == (
        ["30 8 * * 1-5"],
        ["db", "x"],
        {"A": "b=c"},
    )
    assert (definition["timeout"], definition["retries"], definition["alert"]["severity"]) == (3600.0, 2, "high")
    assert installed.call("remove", "new").returncode == 0
    assert installed.jobs_file.read_text() == JOBS


def test_a_last_line_without_an_end_is_told_in_the_difference(installed: Installation) -> None:
    installed.jobs_file.write_text('[jobs.first]\ncommand = "true"')
    shown = installed.call("add", "new", "--dry-run", "--command", "date").stdout.splitlines()
    assert shown[4:7] == ['-command = "true"', "\\ No newline at end of file", '+command = "true"']


def test_a_command_without_a_shell(installed: Installation) -> None:
    assert installed.call("add", "new", "--every", "15m", "--", "echo", "--json", "a b").returncode == 0
    assert installed.ask("show", "new")["definition"]["command"] == ["echo", "--json", "a b"]


def test_a_name_that_is_there_is_refused_with_its_place(installed: Installation) -> None:
    refused = installed.call("add", "included", "--command", "true")
    assert refused.returncode == 6
    assert refused.stderr.startswith("jobctl: there is a job included already: conf.d/more.toml:4\n")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["new", "--command", "x", "--schedule", "61 * * * *"], 3, 'minute "61" is outside 0 to 59'),
        (["new", "--command", "x", "--every", "1h", "--schedule", "daily"], 3, "a job has one of schedule"),
        (["new", "--command", "x", "--after", "nobody"], 3, 'there is no job "nobody"'),
        (["a b", "--command", "x"], 2, "`a b` cannot be the name of a job"),
        (["new"], 2, "which command?"),
        (["new", "--command", "x", "--", "y"], 2, "exclude each other"),
        (["new", "--command", "x", "--env", "A"], 2, "--env needs a name and a value"),
    ],
)
def test_what_is_wrong_is_said_and_the_file_stays(
    installed: Installation, words: list[str], status: int, message: str
) -> None:
    done = installed.call("add", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert installed.jobs_file.read_text() == JOBS


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [("--schedule", "noonish", '"daily at 2:30"'), ("--timeout", "5x", '"90s"'), ("--every-after", "x", '"90s"')],
)
def test_what_is_wrong_is_said_of_the_option_for_no_file_has_that_line(
    installed: Installation, option: str, value: str, hint: str
) -> None:
    done = installed.call("add", "new", "--command", "true", option, value)
    assert (done.returncode, done.stderr.startswith(f"jobctl: {option}: ")) == (3, True), done.stderr
    assert hint in done.stderr
    assert "jobs.toml:" not in done.stderr


def test_a_job_that_others_come_after_is_not_removed(installed: Installation) -> None:
    assert installed.call("add", "later", "--command", "true", "--after", "first").returncode == 0
    before = installed.jobs_file.read_text()
    done = installed.call("remove", "first")
    assert done.returncode == 3
    assert 'there is no job "first"' in done.stderr
    assert installed.jobs_file.read_text() == before


def test_a_job_of_an_included_file_is_removed_there(installed: Installation) -> None:
    assert installed.call("remove", "included").returncode == 0
    assert (installed.folder / "conf.d" / "more.toml").read_text() == "# more\n\n[jobs.other]\ncommand = 'true'\n"
    assert installed.jobs_file.read_text() == JOBS


def test_what_cannot_be_cut_is_refused_with_its_place(installed: Installation) -> None:
    installed.write_jobs("jobs = { first = { command = 'true' } }\n")
    done = installed.call("remove", "first")
    assert done.returncode == 6
    assert "cannot be cut out of jobs.toml:1:10: it stands within the braces of another table" in done.stderr


def test_an_unknown_job_is_not_found(installed: Installation) -> None:
    done = installed.call("remove", "frist")
    assert done.returncode == 4
    assert "did you mean `first`?" in done.stderr


def test_a_dry_run_writes_nothing(installed: Installation) -> None:
    told = installed.ask("add", "new", "--command", "true", "--dry-run")
    assert (told["written"], told["line"]) == (False, 9)
    assert '-command = "true"' in installed.call("remove", "first", "--dry-run").stdout
    assert installed.jobs_file.read_text() == JOBS


def test_the_daemon_takes_the_change_at_once_and_runs_are_told_of(installed: Installation) -> None:
    installed.daemon()
    added = installed.ask("add", "new", "--command", "exec sleep 60")
    assert added["reloaded"] is True
    running = installed.trigger("new")[0]
    until(lambda: installed.run(running)["status"] == "running", "it runs")
    waiting = installed.trigger("new")[0]
    removed = installed.call("remove", "new")
    assert "1 run under way: not touched" in removed.stderr
    assert "1 waiting run that somebody asked for: kept until the job is back" in removed.stderr
    assert "reloaded: 3 jobs in force" in removed.stderr
    assert (installed.run(running)["status"], installed.run(waiting)["status"]) == ("running", "queued")
    installed.call("cancel", running, waiting)


def edit(installed: Installation, editor: str, *words: str) -> subprocess.CompletedProcess[str]:
    """With an editor that is a line of shell; the copy is $1, or $2 behind a line number."""
    script = installed.folder / "vi"  # a name that is known to take a line number
    script.write_text(f'#!/bin/sh\necho "$@" > {installed.folder}/arguments\nfor copy; do :; done\n{editor}\n')
    script.chmod(0o755)
    installed.environment |= {"VISUAL": str(script), "TMPDIR": str(installed.folder)}
    return installed.call("edit", *words)


def test_an_edited_file_is_checked_and_written(installed: Installation) -> None:
    done = edit(installed, "sed -i s/true/false/ $copy", "included")
    assert done.returncode == 0, done.stderr
    assert "+command = 'false'" in done.stdout
    assert installed.ask("show", "included")["definition"]["command"] == "false"
    line, copy = (installed.folder / "arguments").read_text().split()
    assert line == "+4"
    assert not Path(copy).parent.exists()


def test_a_mistake_is_refused_and_the_copy_kept(installed: Installation) -> None:
    done = edit(installed, "sed -i s/command/comand/ $copy")
    assert done.returncode == 3
    assert 'did you mean "command"?' in done.stderr
    assert installed.jobs_file.read_text() == JOBS
    kept = re.search(r"what you wrote is kept in (\S+)", done.stderr)
    assert kept is not None
    assert "comand" in Path(kept[1]).read_text()
    Path(kept[1]).unlink()
    Path(kept[1]).parent.rmdir()


def test_a_file_that_is_changed_meanwhile_is_not_written_over(installed: Installation) -> None:
    done = edit(installed, f"sed -i s/true/false/ $copy; echo '# theirs' >> {installed.jobs_file}")
    assert done.returncode == 6
    assert "was changed by somebody else meanwhile" in done.stderr
    assert installed.jobs_file.read_text() == JOBS + "# theirs\n"
    assert "what you wrote is kept in" in done.stderr


def test_an_editor_that_fails_or_changes_nothing_changes_nothing(installed: Installation) -> None:
    assert edit(installed, "exit 3").returncode == 1
    assert edit(installed, ":").stderr == "nothing was changed\n"
    assert installed.jobs_file.read_text() == JOBS


def test_an_editor_that_deletes_the_copy_changes_nothing(installed: Installation) -> None:
    done = edit(installed, "rm $copy")
    assert done.returncode == 1
    assert done.stderr.startswith("jobctl: the editor ")
    assert "has deleted the copy\n  nothing was changed\n" in done.stderr
    assert installed.jobs_file.read_text() == JOBS
    assert not list(installed.folder.glob("jobctl-edit-*"))


def test_a_broken_file_can_be_edited(installed: Installation) -> None:
    installed.write_jobs(JOBS + "[jobs.broken\n")
    assert edit(installed, "sed -i '$d' $copy", "first").returncode == 0
    assert installed.jobs_file.read_text() == JOBS


class Person:
    """Somebody at a terminal who reads questions and answers them."""

    def __init__(self, installed: Installation, *words: str) -> None:
        self._terminal, theirs = pty.openpty()
        self.call = subprocess.Popen(
            installed.command(*words), env={**installed.environment, "TERM": "dumb"}, cwd=installed.folder,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.screen = self.seen = ""

    def reads(self, text: str, seconds: float = 30.0) -> None:
        """Wait for the text on the screen, and forget what came before."""
        deadline = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < deadline, self.screen
            if select.select([self._terminal], [], [], 0.5)[0]:
                new = os.read(self._terminal, 4096).decode()
                self.screen, self.seen = self.screen + new, self.seen + new
        self.screen = self.screen.partition(text)[2]

    def types(self, line: str) -> None:
        os.write(self._terminal, f"{line}\n".encode())

    def leaves(self) -> int:
        try:
            while os.read(self._terminal, 4096):
                pass
        except OSError:
            pass
        os.close(self._terminal)
        return self.call.wait(30)


def test_questions_lead_to_a_job(installed: Installation) -> None:
    person = Person(installed, "add", "asked")
    person.reads("Which command?")
    person.types("")
    person.reads("a job without a command does nothing")
    person.reads("Which command?")
    person.types("echo hello")
    person.reads("When?")
    person.types("when pigs fly")
    person.reads("that is not understood")
    person.types("0 0 30 2 *")
    person.reads("names dates that never come")
    person.reads("When?")
    person.types("mondays at 9")
    person.reads("next: ")
    person.reads("Is that right?")
    person.types("")
    person.reads("Stop it after how long?")
    person.types("a while")
    person.reads("expected a duration")
    person.types("30m")
    person.reads("How often try again")
    person.types("2")
    person.reads("How severe")
    person.types("high")
    person.reads("+[jobs.asked]")
    person.reads("Write it?")
    person.types("y")
    assert person.leaves() == 0
    assert installed.jobs_file.read_text() == JOBS + (
        '\n[jobs.asked]\ncommand = "echo hello"\nschedule = "0 9 * * 1"\ntimeout = "30m"\nretries = 2\n'
        '\n[jobs.asked.alert]\nseverity = "high"\n'
    )


@pytest.mark.parametrize(
    ("words", "jobs", "expected"),
    [
        (["asked"], None, "there is no such file"),
        (["asked"], "[jobs.backup]\ncomand = 1\n", 'did you mean "command"?'),
        (["first"], JOBS, "there is a job first already"),
        (["asked", "--timeout", "soon"], JOBS, "--timeout: expected a duration"),
    ],
)
def test_what_no_answer_mends_is_said_before_the_first_question(
    installed: Installation, words: list[str], jobs: str | None, expected: str
) -> None:
    if jobs is None:
        installed.jobs_file.unlink()
    else:
        installed.jobs_file.write_text(jobs)
    person = Person(installed, "add", *words)
    person.reads(expected)
    assert person.leaves() in (2, 3, 6)
    assert "Which command?" not in person.seen


def test_ctrl_c_at_a_question_is_no_answer(installed: Installation) -> None:
    person = Person(installed, "add", "asked")
    person.reads("Which command?")
    person.call.send_signal(signal.SIGINT)
    person.reads("no answer")
    assert person.leaves() == 130
    assert installed.jobs_file.read_text() == JOBS


def test_the_next_times_are_on_the_clock_of_the_job(installed: Installation) -> None:
    words = ("--command", "true", "--schedule", "mondays at 9", "--timezone", "Asia/Tokyo")
    told = [line.split() for line in installed.call("add", "new", *words).stderr.splitlines() if "next: " in line]
    assert [(line[1], *line[3:]) for line in told] == 3 * [("Mon", "09:00", "+09:00")]


def test_a_no_at_the_end_writes_nothing(installed: Installation) -> None:
    person = Person(installed, "add", "asked", "--every", "1h", "--timeout", "1m", "--retries", "1", "--alert", "low")
    person.reads("Which command?")
    person.types("true")
    person.reads("Write it?")
    person.types("n")
    assert person.leaves() == 130
    assert installed.jobs_file.read_text() == JOBS


def test_a_mistake_at_a_terminal_can_be_mended_at_once(installed: Installation) -> None:
    edit(
        installed,
        f"test -e {installed.folder}/second && sed -i s/comand/command/ $copy || "
        f'sed -i \'s/command = "true"/comand = "date"/\' $copy; touch {installed.folder}/second',
    )
    (installed.folder / "second").unlink()
    person = Person(installed, "edit")
    person.reads('did you mean "command"?')
    person.reads("Edit again?")
    person.types("y")
    person.reads('+command = "date"')
    assert person.leaves() == 0
    assert 'command = "date"' in installed.jobs_file.read_text()
