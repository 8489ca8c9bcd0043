"""`jobctl import`: a jobs file on stdout that loads, what there is to say on stderr."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobctl.config.load import load
from jobctl.operations import import_crontab as operation
from jobctl.operations import import_systemd as units_operation
from jobctl.operations.import_crontab import import_crontab
from jobctl.operations.import_systemd import import_systemd
from tests.cli.shell import Shell

NOW = 1_795_392_000_000  # 2026-11-23
CRONTAB = """\
MAILTO=""
# Dump the database
30 2 * * * flock -n /run/dump.lock /srv/dump.sh >/dev/null 2>&1
0 22-2 * * * /srv/never
@reboot /srv/worker
"""


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.cron"
    file.write_text(CRONTAB)
    return file


def fake_crontab(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program `crontab` before all others."""
    program = folder / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_the_jobs_file_goes_to_stdout_and_the_report_to_stderr(jobctl: Shell, crontab: Path) -> None:
    said = jobctl("import", "crontab", "mine.cron")
    assert said.status == 1  # a line could not be kept
    assert said.out == (
        "# from mine.cron\n\n"
        "# mine.cron:3\n[jobs.dump]\n"
        'command = "/srv/dump.sh"\ndescription = "Dump the database"\nschedule = "30 2 * * *"\n'
        'catch_up = "none"\noverlap = "skip"\nenv = { PATH = "/usr/bin:/bin", SHELL = "/bin/sh" }\n'
        "alert = { on = [] }\n\n"
        '# mine.cron:4: not kept: hour "22-2" runs backwards: cron takes it and never fires\n'
        "#     0 22-2 * * * /srv/never\n\n"
        '# mine.cron:5\n[jobs.worker]\ncommand = "/srv/worker"\non_boot = true\n'
        'env = { PATH = "/usr/bin:/bin", SHELL = "/bin/sh" }\nalert = { on = [] }\n'
    )
    lines = said.err.splitlines()
    assert lines[1].startswith("mine.cron:3: kept: dump: `>/dev/null 2>&1` is gone")
    assert "mine.cron:4: not kept: hour" in said.err
    assert lines[-1].startswith("2 jobs, 1 thing changed, 1 thing could not be kept")


def test_a_crontab_of_which_everything_is_kept_gives_0(jobctl: Shell, crontab: Path) -> None:
    crontab.write_text("@daily a\n")
    assert jobctl("import", "crontab", "mine.cron").status == 0


def test_quiet_leaves_only_what_could_not_be_kept(jobctl: Shell, crontab: Path) -> None:
    assert [line.split(":")[1] for line in jobctl("-q", "import", "crontab", "mine.cron").err.splitlines()] == ["4"]


def test_json_has_the_jobs_the_findings_and_the_text(jobctl: Shell, crontab: Path) -> None:
    said = jobctl("import", "crontab", "mine.cron", "--json")
    told = json.loads(said.out)
    assert said.status == 1
    assert told["jobs"][1] == {
        "name": "worker", "file": "mine.cron", "line": 5, "definition": {
            "command": "/srv/worker", "on_boot": True, "env": {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"},
            "alert": {"on": []},
        },
    }  # fmt: skip
    assert [(finding["line"], finding["fate"]) for finding in told["findings"]] == [
        (1, "kept"), (3, "kept"), (3, "kept"), (4, "not kept"), (5, "changed"),
    ]  # fmt: skip
    assert told["toml"] == jobctl("import", "crontab", "mine.cron").out


def test_without_a_file_it_is_the_callers_crontab(
    jobctl: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_crontab(tmp_path, 'test "$*" = -l && echo "@daily /mine"', monkeypatch)
    said = jobctl("import", "crontab")
    assert "# crontab:1\n[jobs.mine]" in said.out
    assert said.status == 0


def test_a_person_without_a_crontab_hears_what_crontab_says(
    jobctl: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_crontab(tmp_path, "echo no crontab for ada >&2; exit 1", monkeypatch)
    said = jobctl("import", "crontab")
    assert (said.status, said.out) == (1, "")
    assert "no crontab for ada" in said.err


def test_the_machines_crontabs_are_read_as_cron_reads_them(
    jobctl: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cron.d"
    folder.mkdir()
    (tmp_path / "crontab").write_text("17 * * * * root /hourly\n")
    (folder / "app").write_text("@daily www-data /app\n")
    (folder / "app.dpkg-old").write_text("@daily www-data /old\n")
    monkeypatch.setattr(operation, "_SYSTEM_FILE", tmp_path / "crontab")
    monkeypatch.setattr(operation, "_SYSTEM_FOLDER", folder)
    told = json.loads(jobctl("import", "crontab", "--system", "--json").out)
    assert {job["name"]: job["definition"]["user"] for job in told["jobs"]} == {"hourly": "root", "app": "www-data"}
    assert "passes over files with such a name" in told["findings"][0]["message"]
    monkeypatch.chdir(tmp_path)
    with_column = jobctl("import", "crontab", "cron.d/app", "--system")
    assert jobctl("import", "crontab", "cron.d/app").out == with_column.out


def test_a_user_that_nobody_is_makes_a_line_without_that_column_suspect(jobctl: Shell, crontab: Path) -> None:
    crontab.write_text("* * * * * echo nouser\n* * * * * root /srv/x\n")
    said = jobctl("import", "crontab", "--system", "mine.cron")
    suspected = [line for line in said.err.splitlines() if "column of users" in line]
    assert suspected == [
        "mine.cron:1: changed: nouser: there is no user `echo` on this machine: make it, "
        "or does the line lack its column of users?"
    ]


def test_a_persons_crontab_runs_as_that_person_whoever_imports_it(
    jobctl: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "crontabs"
    spool.mkdir()
    (spool / "ada").write_text("# DO NOT EDIT THIS FILE - edit the master and reinstall.\n@daily /mine\n")
    (tmp_path / "crontab").write_text("@daily root /x\n")
    monkeypatch.setattr(operation, "_SPOOLS", (spool,))
    monkeypatch.setattr(operation, "_SYSTEM_FILE", tmp_path / "crontab")
    monkeypatch.setattr(operation, "_SYSTEM_FOLDER", tmp_path / "cron.d")
    said = jobctl("import", "crontab", str(spool / "ada"))
    assert 'command = "/mine"\nschedule = "@daily"\ncatch_up = "none"\nuser = "ada"' in said.out
    assert "it is the crontab of ada" in said.err
    assert f"`jobctl import crontab {spool}/ada`" in jobctl("import", "crontab", "--system").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("import",), "missing argument"),
        (("import", "anacron"), "`import anacron` is not known"),
        (("import", "crontab", "a", "b"), "takes one place"),
    ],
)
def test_what_is_not_understood_is_wrong_usage(jobctl: Shell, words: tuple[str, ...], told: str) -> None:
    said = jobctl(*words)
    assert said.status == 2
    assert told in said.err


def test_a_file_that_cannot_be_read_is_one_sentence(jobctl: Shell, crontab: Path) -> None:
    said = jobctl("import", "crontab", "other.cron")
    assert (said.status, said.out) == (1, "")
    assert "cannot read other.cron: No such file or directory" in said.err


def test_what_the_loader_refuses_becomes_a_finding(jobctl: Shell, crontab: Path) -> None:
    crontab.write_text("CRON_TZ=Mars/Olympus\n0 3 * * * root a\nCRON_TZ=UTC\n@daily b,c /x\n@daily d /x\n")
    said = jobctl("import", "crontab", "mine.cron", "--system")
    assert said.status == 1
    assert "mine.cron:1: not kept: CRON_TZ: there is no time zone" in said.err
    assert "mine.cron:4: not kept: `b,c` is no user" in said.err
    assert "# mine.cron:5\n[jobs.x]" in said.out


BYTES = st.binary(max_size=120) | st.text(alphabet="*/5-,@ %\\'\"$()`&|;<>#=\nabflockn~\t\x7f\u2028é", max_size=80).map(
    str.encode
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BYTES, max_size=4), st.booleans())
def test_whatever_the_bytes_the_output_loads_and_holds_what_was_read(
    tmp_path: Path, pieces: list[bytes], system: bool
) -> None:
    crontab, jobs_file = tmp_path / "crontab", tmp_path / "jobs.toml"
    crontab.write_bytes(b"".join(b"0 3 * * * " + piece + b"\n" for piece in pieces))
    found = import_crontab(str(crontab), system=system, now=NOW)
    jobs_file.touch(mode=0o600)
    jobs_file.write_text(found.text, encoding="utf-8")
    jobs = load(jobs_file, NOW).configuration.jobs
    assert {name: job.command for name, job in jobs.items()} == {
        draft.name: draft.keys["command"] for draft in found.drafts
    }


def test_imported_lines_do_under_jobctl_what_they_did_under_cron(jobctl: Shell, crontab: Path) -> None:
    crontab.write_text(
        "WHO = Ada\n"
        "@daily sort -r%one%two \\%%\n"
        "@daily cd / && timeout 9 nice -n 3 sh -c 'pwd; nice; echo \"$WHO $PATH $0\"' >/dev/null 2>&1\n"
        "@daily false || true\n"
    )
    site = jobctl.site
    site.jobs_file.write_text(jobctl("import", "crontab", "mine.cron").out)
    assert jobctl("run", "sort").out == "two %\none\n"
    assert jobctl("run", "pwd").out == "/\n3\nAda /usr/bin:/bin sh\n"
    assert jobctl("run", "false").status == 1


def test_an_imported_service_does_under_jobctl_what_it_did_under_systemd(jobctl: Shell, units: Path) -> None:
    (units / "backup.service").write_text(
        "[Service]\nEnvironment='WHAT=a  b' LIST='c d'\nExecStartPre=-/bin/false\n"
        "ExecStart=/usr/bin/printf '[%%s]' ${WHAT} $LIST %n \\\n  $$\nExecStart=/bin/pwd\n"
    )
    (units / "backup.service.d" / "what.conf").unlink()
    jobctl.site.jobs_file.write_text(jobctl("import", "systemd", "units").out)
    assert jobctl("run", "backup").out == "[a  b][c][d][backup.service][$]/\n"


# systemd


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "units"
    (folder / "backup.service.d").mkdir(parents=True)
    (folder / "backup.timer").write_text("[Timer]\nOnCalendar=02:30\nPersistent=true\n")
    (folder / "backup.service").write_text("[Service]\nType=oneshot\nUser=ada\nExecStart=/srv/backup ${WHAT}\n")
    (folder / "backup.service.d" / "what.conf").write_text(
        "[Service]\nUser=root\nEnvironment=WHAT=all\nPrivateTmp=yes\n"
    )
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_folder_of_units_is_a_jobs_file(jobctl: Shell, units: Path) -> None:
    said = jobctl("import", "systemd", "units")
    assert said.status == 1
    assert said.out == (
        "# from the timers in units\n\n# units/backup.timer\n[jobs.backup]\n"
        'command = \'exec /srv/backup "${WHAT}"\'\nschedule = "30 2 * * *"\ncatch_up = "once"\nuser = "root"\n'
        'cwd = "/"\nenv = { PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", WHAT = "all" }\n'
    )
    assert "units/backup.service.d/what.conf:4: not kept: backup: PrivateTmp: jobctl builds no walls" in said.err


def test_links_tell_which_timers_and_instances_are_enabled(jobctl: Shell, units: Path) -> None:
    (units / "clean@.timer").write_text("[Timer]\nOnCalendar=hourly\n")
    (units / "clean@.service").write_text("[Service]\nExecStart=/clean %i\n")
    (units / "gone.timer").symlink_to("/dev/null")
    wants = units / "timers.target.wants"
    wants.mkdir()
    (wants / "clean@tmp.timer").symlink_to("../clean@.timer")
    (wants / "far.timer").symlink_to("/nowhere/far.timer")
    told = json.loads(jobctl("import", "systemd", "units", "--json").out)
    enabled = {job["name"]: job["definition"].get("enabled", True) for job in told["jobs"]}
    assert enabled == {"backup": False, "clean-tmp": True}
    messages = [finding["message"] for finding in told["findings"]]
    assert "is masked: left out" in messages
    assert "is enabled and lies in /nowhere: import that folder for it" in messages


def test_a_folder_without_links_says_nothing_and_its_timers_are_enabled(jobctl: Shell, units: Path) -> None:
    (units / "other.timer").write_text("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n")
    (units / "other.service").write_text("[Service]\nExecStart=/other\n")
    said = jobctl("import", "systemd", "units")
    assert "enabled = false" not in said.out
    assert "units/backup.timer: kept: backup: has no [Install]" in said.err
    assert "other: has no [Install]" not in said.err
    (units / "timers.target.wants").mkdir()
    assert jobctl("import", "systemd", "units").out.count("enabled = false") == 2


@pytest.mark.parametrize("name", ["_OF_PACKAGES", "_UNMERGED"])  # one of several below /usr, or /lib beside it
def test_links_of_etc_count_for_the_units_of_packages(
    jobctl: Shell, units: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    etc = units.parent / "etc"
    (etc / "timers.target.wants").mkdir(parents=True)
    (etc / "timers.target.wants" / "backup.timer").symlink_to(units / "backup.timer")
    monkeypatch.setattr(units_operation, "_SYSTEM", etc)
    monkeypatch.setattr(units_operation, name, units if name == "_UNMERGED" else (units,))
    (units / "other.timer").write_text("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n")
    (units / "other.service").write_text("[Service]\nExecStart=/other\n")
    told = json.loads(jobctl("import", "systemd", "units", "--json").out)
    enabled = {job["name"]: job["definition"].get("enabled", True) for job in told["jobs"]}
    assert enabled == {"backup": True, "other": False}


def test_an_instant_is_text_in_json(jobctl: Shell, units: Path) -> None:
    (units / "backup.timer").write_text("[Timer]\nOnCalendar=2030-12-24 18:00\n")
    told = json.loads(jobctl("import", "systemd", "units", "--json").out)
    assert told["jobs"][0]["definition"]["at"] == "2030-12-24T18:00:00"


def test_a_persons_units_are_those_of_the_home(jobctl: Shell, units: Path) -> None:
    (units / "backup.service").write_text("[Service]\nExecStart=%h/backup\n")
    home = Path("~").expanduser()
    assert f'command = ["{home}/backup"]' in jobctl("import", "systemd", "units", "--user").out


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("systemd", "elsewhere"), 1, "there is no directory elsewhere"),
        (("systemd", "."), 1, "there is no timer in ."),
        (("systemd", "units", "--system"), 2, "--system is for `import crontab`"),
        (("crontab", "-", "--user"), 2, "--user is for `import systemd`"),
    ],
)
def test_a_folder_or_option_that_does_not_fit_is_one_sentence(
    jobctl: Shell, units: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    said = jobctl("import", *words)
    assert (said.status, said.out) == (status, "")
    assert told in said.err


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BYTES, BYTES)
def test_whatever_the_bytes_of_units_the_output_loads(tmp_path: Path, timer: bytes, service: bytes) -> None:
    (tmp_path / "a.timer").write_bytes(b"[Timer]\nOnCalendar=daily\nOnCalendar=" + timer)
    (tmp_path / "a.service").write_bytes(b"[Service]\nExecStart=/x " + service + b"\nEnvironment=A=" + service)
    found = import_systemd(str(tmp_path), user=False, now=NOW)
    jobs_file = tmp_path / "jobs.toml"
    jobs_file.touch(mode=0o600)
    jobs_file.write_text(found.text, encoding="utf-8")
    assert load(jobs_file, NOW).configuration.jobs.keys() == {draft.name for draft in found.drafts}
