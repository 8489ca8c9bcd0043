"""The file itself: who may have written it, what its bytes are, and what it includes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobctl.config.load import load
from jobctl.config.stamps import is_unchanged, stamps_of
from jobctl.errors import JobsFileError
from tests.config.conftest import NOW, Write

JOB = '[jobs.a]\ncommand = "x"\n'


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(JobsFileError) as caught:
        load(path, NOW)
    return caught.value.message, caught.value.hint


def test_a_missing_file(here: Path) -> None:
    assert refusal(here / "jobs.toml") == (
        "jobs.toml: there is no such file",
        "write one with `jobctl init`, or name another one with --config",
    )


def test_a_folder(here: Path) -> None:
    assert refusal(here) == (f"{here}: is a directory, not a file", f"name the file in it: {here}/jobs.toml")


def test_a_pipe_does_not_block(here: Path) -> None:
    os.mkfifo(here / "jobs.toml")
    assert refusal(here / "jobs.toml") == ("jobs.toml: is not a regular file", "name a regular file with --config")


def test_a_file_that_may_not_be_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(JOB)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(path) == (
        "jobs.toml: you may not read it",
        f"call jobctl as the owner of the file, or allow it: `chmod u+r {path}`",
    )


@pytest.mark.parametrize(("mode", "who"), [(0o620, "its group"), (0o602, "everybody"), (0o666, "everybody")])
def test_a_file_that_others_can_write(write: Write, mode: int, who: str) -> None:
    path = write(JOB, mode=mode)
    assert refusal(path) == (
        f"jobs.toml: can be written by {who} (mode {mode:04o}), who could make the daemon run anything",
        f"`chmod go-w {path}`",
    )


def test_a_file_in_a_folder_where_others_can_replace_it(write: Write) -> None:
    path = write(JOB, "open/jobs.toml")
    path.parent.chmod(0o777)
    assert refusal(path) == (
        "open/jobs.toml: lies in a folder where everybody can replace it (mode 0777)",
        f"`chmod go-w {path.parent}`",
    )
    path.parent.chmod(0o1777)
    assert list(load(path, NOW).configuration.jobs) == ["a"]


def test_a_file_of_somebody_else(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(JOB)
    owner = path.stat().st_uid
    if owner == 0:
        os.chown(path, 4711, -1)
        owner = 4711
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert refusal(path) == (
        f"jobs.toml: belongs to user id {owner}, who could make the daemon run anything; expected root or you",
        f"read it, and if you trust it: `chown {os.geteuid()} {path}`",
    )


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\0" * 4096])
def test_an_emptied_file_is_not_taken_for_a_file_without_jobs(write: Write, content: bytes) -> None:
    assert refusal(write(content)) == (
        "jobs.toml: is empty",
        "if something was still writing it, try again; `jobctl init` writes a starter",
    )


def test_a_byte_order_mark(write: Write) -> None:
    path = write(b"\xef\xbb\xbf" + JOB.encode())
    assert refusal(path) == (
        "jobs.toml: begins with a byte order mark",
        f"remove it: `sed -i '1s/^\\xEF\\xBB\\xBF//' {path}`",
    )


def test_utf_16(write: Write) -> None:
    path = write(JOB.encode("utf-16"))
    assert refusal(path) == (
        "jobs.toml: is UTF-16, expected UTF-8",
        f"convert it: `iconv -f UTF-16 -t UTF-8 {path} > {path}.utf8`",
    )


def test_latin_1(write: Write) -> None:
    path = write('[jobs.a]\ncommand = "ü"\ndescription = "é'.encode("latin-1"))
    assert refusal(path) == ("jobs.toml:2:12: byte 0xfc is not UTF-8; save the file as UTF-8", "")


def test_a_file_elsewhere_is_named_in_full(write: Write, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    path = write('[jobs.a]\ncomand = "x"\n')
    monkeypatch.chdir("/")
    assert refusal(path)[0].startswith(f"{path}:1:1: ")


def test_included_files_add_jobs_queues_calendars_and_channels(write: Write) -> None:
    write(
        '[jobs.b]\ncommand = "y"\nenv_file = "b.env"\ncalendar_exclude = ["c"]\n[calendars.c]\nfile = "days"\n',
        "d/b.toml",
    )
    write("2026-12-25  # Christmas\n\n2026-12-26\n", "d/days")
    write('[queues.q]\nmax_concurrent = 1\n[channels.o]\ntype = "command"\ncommand = "x"\n', "d/c.toml")
    configuration = load(write('include = ["d/*.toml"]\n[defaults]\ntimeout = "5s"\n' + JOB), NOW).configuration
    assert list(configuration.jobs) == ["a", "b"]
    included = configuration.jobs["b"]
    assert included.source.file.endswith("/d/b.toml")
    assert included.execution.env_file == str(Path("d/b.env").absolute())
    assert included.execution.timeout == 5.0
    assert included.triggers.calendar_exclude == {"2026-12-25", "2026-12-26"}
    assert "q" in configuration.settings.queues
    assert "o" in configuration.settings.channels


def test_included_files_may_include_and_each_is_read_once(write: Write) -> None:
    write('include = ["../jobs.toml", "two.toml", "t*.toml"]\n[jobs.b]\ncommand = "y"\n', "d/one.toml")
    write('[jobs.c]\ncommand = "y"\n', "d/two.toml")
    loaded = load(write('include = ["d/one.toml", "d/../d/one.toml"]\n' + JOB), NOW)
    assert list(loaded.configuration.jobs) == ["a", "b", "c"]


def test_a_pattern_may_name_nothing(write: Write) -> None:
    assert list(load(write('include = ["none/*.toml", "**/none.toml"]\n' + JOB), NOW).configuration.jobs) == ["a"]


def test_a_job_defined_in_two_files_names_both_places(write: Write) -> None:
    write("\n" + JOB, "d/b.toml")
    assert refusal(write('include = ["d/b.toml"]\n' + JOB))[0] == (
        "d/b.toml:2:1: jobs.a: defined twice; the first one is at jobs.toml:2:1, keep one of them"
    )


def test_settings_of_the_whole_stay_in_the_main_file(write: Write) -> None:
    write("[daemon]\nmax_concurrent = 1\n[defaults]\nretries = 1\n", "d/b.toml")
    assert refusal(write('include = ["d/b.toml"]\n' + JOB))[0].splitlines() == [
        "d/b.toml:1:1: daemon: belongs in the main jobs file; move it there",
        "d/b.toml:3:1: defaults: belongs in the main jobs file; move it there",
    ]


def test_errors_of_all_files_come_at_once(write: Write) -> None:
    write("[jobs.b]\ncommand = \n", "d/b.toml")
    write('[jobs.c]\ncommand = "x"\npriority = 11\n', "d/c.toml")
    write(JOB, "d/e.toml", mode=0o666)
    lines = refusal(write('include = ["d/*.toml"]\n[jobs.a]\ncomand = "x"\n'))[0].splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "jobs.toml:2:1", "jobs.toml:3:1", "d/b.toml:2:11", "d/c.toml:3:12", "d/e.toml",
    ]  # fmt: skip
    assert lines[-1].startswith("d/e.toml: can be written by everybody (mode 0666)")
    assert lines[-1].endswith(f"`chmod go-w {Path('d/e.toml').absolute()}`")


def test_a_calendar_file_is_checked_line_by_line(write: Write) -> None:
    write("2026-12-25\n25.12.2027\n", "days")
    text = JOB + '[calendars.c]\nfile = "days"\n[calendars.d]\nfile = "none"\n'
    assert refusal(write(text))[0].splitlines() == [
        'jobs.toml:4:8: calendars.c.file: days:2: expected a date such as 2026-12-25, not "25.12.2027"',
        "jobs.toml:6:8: calendars.d.file: none cannot be read: No such file or directory",
    ]


def test_a_file_that_changes_while_it_is_read_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(JOB)
    read = os.read

    def read_while_somebody_writes(descriptor: int, count: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"#\n")
        return read(descriptor, count) if path.stat().st_size < 10_000 else b""

    monkeypatch.setattr(os, "read", lambda fd, n: b"" if os.lseek(fd, 0, 1) else read_while_somebody_writes(fd, n))
    assert refusal(path) == (
        "jobs.toml: changes while it is being read",
        "try again when whatever writes it has finished",
    )


@pytest.mark.parametrize("changed", ["jobs.toml", "d/b.toml", "days", "d/new.toml", "d"])
def test_any_change_of_what_was_read_is_noticed(write: Write, changed: str, here: Path) -> None:
    write('[jobs.b]\ncommand = "y"\n', "d/b.toml")
    write("2026-12-25\n", "days")
    text = 'include = ["d/*.toml", "e/*.toml"]\n' + JOB + '[calendars.c]\nfile = "days"\n'
    path = write(text)
    stamps = stamps_of(load(path, NOW).configuration)
    assert is_unchanged(path, stamps)
    if changed == "d":
        (here / "d/b.toml").unlink()
    else:
        write("# another\n", changed)
    assert not is_unchanged(path, stamps)


def test_a_folder_to_include_that_appears_is_noticed(write: Write, here: Path) -> None:
    path = write('include = ["e/*.toml"]\n' + JOB)
    stamps = stamps_of(load(path, NOW).configuration)
    assert is_unchanged(path, stamps)
    (here / "e").mkdir()
    assert not is_unchanged(path, stamps)


def test_a_file_that_was_written_again_and_says_the_same_has_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    path.write_text('[jobs.a]\ncommand = "true"\n')
    path.chmod(0o600)
    stamps = stamps_of(load(path, NOW).configuration)
    os.utime(path, ns=(1, 1))
    assert is_unchanged(path, stamps)
    path.write_text('[jobs.a]\ncommand = "exit"\n')
    assert not is_unchanged(path, stamps)
