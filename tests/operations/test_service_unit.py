"""The unit that systemd gets: what it says, and whose changes survive."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from jobctl.errors import JobctlError, Refused, UsageError
from jobctl.operations.service_files import Unit, find_unit, install, manual, program, systemd_version, uninstall
from jobctl.operations.service_unit import UnitSettings, is_edited, marked, unit_text

MACHINE = UnitSettings(
    program=("/opt/jobctl/bin/jobctl",),
    jobs_file=Path("/etc/jobctl/jobs.toml"),
    state_dir=Path("/var/lib/jobctl"),
    for_user=False,
)


def parsed(settings: UnitSettings) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the manager minds upper and lower case
    unit.read_string(unit_text(settings))
    return unit


def test_the_unit_leaves_running_jobs_alone_and_always_comes_back() -> None:
    unit = parsed(MACHINE)
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Unit"]["After"] == "time-sync.target"
    expected = {
        "Type": "notify",
        "KillMode": "process",
        "Restart": "always",
        "WatchdogSec": "60s",
        "TimeoutStartSec": "15min",
        "OOMPolicy": "continue",
        "StateDirectory": "jobctl",
        "StateDirectoryMode": "0700",
        "LimitCORE": "0",
        "ExecStart": "/opt/jobctl/bin/jobctl --config /etc/jobctl/jobs.toml daemon",
        "ExecReload": "/opt/jobctl/bin/jobctl --config /etc/jobctl/jobs.toml reload",
    }
    assert {key: unit["Service"][key] for key in expected} == expected


def test_a_unit_of_a_user_starts_with_the_session_and_names_its_state_directory() -> None:
    state = Path("/home/ada/.local/state/jobctl")
    unit = parsed(replace(MACHINE, for_user=True, state_dir=state))
    assert unit["Install"]["WantedBy"] == "default.target"
    assert f"--state-dir {state} daemon" in unit["Service"]["ExecStart"]
    assert "StateDirectory" not in unit["Service"]
    assert "After" not in unit["Unit"]  # the manager of a user does not know that target


def test_a_state_directory_that_the_jobs_file_names_is_left_to_it() -> None:
    unit = parsed(replace(MACHINE, state_dir=None))
    assert "StateDirectory" not in unit["Service"]
    assert "--state-dir" not in unit["Service"]["ExecStart"]


@pytest.mark.parametrize(("version", "subgroup"), [(0, None), (253, None), (254, "daemon"), (257, "daemon")])
def test_the_daemon_gets_a_group_beside_its_jobs_where_systemd_knows_of_that(
    version: int, subgroup: str | None
) -> None:
    service = parsed(replace(MACHINE, systemd=version))["Service"]
    assert service["Delegate"] == "yes"
    assert service.get("DelegateSubgroup") == subgroup


def test_the_manual_is_named_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("jobctl.operations.service_files._MANUALS", (tmp_path / "known",))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "a b"))
    assert "Documentation" not in parsed(replace(MACHINE, manual=manual()))["Unit"]
    for place, named in (
        ("a b/share/man", f"file://{tmp_path}/a%%20b/share/man/man1/jobctl.1"),
        ("known", "man:jobctl(1)"),
    ):
        page = tmp_path / place / "man1" / "jobctl.1"
        page.parent.mkdir(parents=True)
        page.touch()
        assert parsed(replace(MACHINE, manual=manual()))["Unit"]["Documentation"] == named


ODD = '/srv/a "b" 100%/$HOME\\jobs.toml'


def test_odd_paths_are_written_as_systemd_reads_them() -> None:
    call = parsed(replace(MACHINE, jobs_file=Path(ODD)))["Service"]["ExecStart"]
    assert '--config "/srv/a \\"b\\" 100%%/$$HOME\\\\jobs.toml" daemon' in call


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("whose", ["machine", "user"])
@pytest.mark.parametrize("odd", [False, True])
def test_systemd_finds_no_fault_with_the_unit(whose: str, odd: bool, tmp_path: Path) -> None:
    file = tmp_path / "jobctl.service"
    jobs_file = Path(ODD if odd else "/etc/jobctl/jobs.toml")
    page = tmp_path / "a b" / "jobctl.1"
    page.parent.mkdir()
    page.touch()
    settings = UnitSettings(program(), jobs_file, tmp_path, whose == "user", systemd_version(), page.as_uri())
    file.write_text(marked(unit_text(settings)))
    words = ["systemd-analyze", *(["--user"] if whose == "user" else []), "verify", str(file)]
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "jobctl" in line] == []
    assert done.returncode == 0, done.stderr


# Installing


def unit_in(folder: Path, settings: UnitSettings = MACHINE) -> Unit:
    return find_unit(settings, folder)


def test_installing_twice_writes_once(tmp_path: Path) -> None:
    first = install(unit_in(tmp_path / "system"))
    assert first.changed
    assert first.commands == ("systemctl daemon-reload", "systemctl enable jobctl.service")
    written = (tmp_path / "system" / "jobctl.service").stat()
    second = install(unit_in(tmp_path / "system"))
    assert not second.changed
    assert (tmp_path / "system" / "jobctl.service").stat() == written
    assert written.st_mode & 0o777 == 0o644


def test_a_unit_of_an_earlier_call_is_replaced_without_asking(tmp_path: Path) -> None:
    install(unit_in(tmp_path))
    later = unit_in(tmp_path, replace(MACHINE, jobs_file=Path("/srv/jobs.toml")))
    assert not later.is_edited
    assert "+ExecStart=/opt/jobctl/bin/jobctl --config /srv/jobs.toml daemon" in later.diff
    assert install(later).changed
    assert unit_in(tmp_path, replace(MACHINE, jobs_file=Path("/srv/jobs.toml"))).is_current


@pytest.mark.parametrize("change", ["edited", "foreign"])
def test_what_a_person_wrote_stays_unless_forced(change: str, tmp_path: Path) -> None:
    file = tmp_path / "jobctl.service"
    install(unit_in(tmp_path))
    file.write_text(file.read_text().replace("RestartSec=2s", "RestartSec=9s") if change == "edited" else "[Unit]\n")
    before = file.read_bytes()
    with pytest.raises(Refused, match=r"\+RestartSec=2s"):
        install(unit_in(tmp_path))
    with pytest.raises(Refused):
        uninstall(unit_in(tmp_path))
    assert file.read_bytes() == before
    assert install(unit_in(tmp_path), force=True).changed
    assert unit_in(tmp_path).is_current


def test_uninstalling_removes_the_unit_and_is_no_error_where_there_is_none(tmp_path: Path) -> None:
    install(unit_in(tmp_path))
    gone = uninstall(unit_in(tmp_path))
    assert gone.changed
    assert gone.commands == ("systemctl disable --now jobctl.service", "systemctl daemon-reload")
    assert list(tmp_path.iterdir()) == []
    assert not uninstall(unit_in(tmp_path)).changed


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JobctlError, match="cannot "):
        install(unit_in(tmp_path / "file"))


def test_a_mark_is_of_the_text_below_it() -> None:
    text = marked(unit_text(MACHINE))
    assert not is_edited(text)
    assert is_edited(text + "# more\n")
    assert is_edited("")


def test_a_path_with_a_line_end_adds_no_line_to_the_unit() -> None:
    settings = replace(MACHINE, jobs_file=Path("/srv/x\nExecStartPre=/bin/evil/jobs.toml"))
    with pytest.raises(UsageError, match="a unit cannot name"):
        unit_text(settings)
