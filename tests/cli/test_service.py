"""`service` as a person calls it, for a daemon of one's own: the folder is the user's."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from jobctl.operations.service_places import start_command
from jobctl.operations.service_unit import UnitSettings, unit_text
from tests.cli.shell import Shell


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("jobctl.operations.service_files._is_in_charge", lambda unit: False)
    return tmp_path / "config" / "systemd" / "user"


def test_the_unit_is_shown_installed_found_current_and_removed(jobctl: Shell, folder: Path) -> None:
    shown = jobctl("service", "show", "--user")
    assert f"not installed; `jobctl service install --user` writes {folder}/jobctl.service" in shown.err
    installed = jobctl("service", "install", "--user")
    assert installed.out == f"{folder}/jobctl.service written\n"
    assert "  systemctl --user enable jobctl.service\n" in installed.err
    assert (folder / "jobctl.service").read_text() == shown.out
    assert jobctl("service", "install", "--user").out == f"{folder}/jobctl.service is current\n"
    assert "installed as" in jobctl("service", "show", "--user").err
    assert jobctl("service", "uninstall", "--user").out == f"{folder}/jobctl.service removed\n"
    assert not (folder / "jobctl.service").exists()


def test_a_user_who_lingers_is_not_told_to(
    jobctl: Shell, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobctl.operations.service_files._LINGERING", tmp_path)
    assert "loginctl enable-linger" in jobctl("service", "install", "--user").err
    (tmp_path / pwd.getpwuid(os.geteuid()).pw_name).touch()
    assert "linger" not in jobctl("service", "install", "--user").err


def test_the_places_of_the_call_go_into_the_unit(jobctl: Shell, folder: Path) -> None:
    text = jobctl("service", "show", "--user").out
    assert f"--config {jobctl.site.jobs_file} --state-dir {jobctl.site.state_dir} daemon\n" in text


def test_an_edited_unit_is_refused_with_what_differs(jobctl: Shell, folder: Path) -> None:
    jobctl("service", "install", "--user")
    unit = folder / "jobctl.service"
    unit.write_text(unit.read_text().replace("RestartSec=2s", "RestartSec=9s"))
    said = jobctl("service", "install", "--user")
    assert said.status == 6
    assert "\n-RestartSec=9s\n+RestartSec=2s\n" in said.err
    assert "changed by hand" in jobctl("service", "show", "--user").err
    document = json.loads(jobctl("service", "show", "--user", "--json").out)
    assert (document["installed"], document["current"], document["edited"]) == (True, False, True)
    assert jobctl("service", "install", "--user", "--force").status == 0


def test_without_a_jobs_file_nothing_is_installed_unless_forced(jobctl: Shell, folder: Path) -> None:
    jobctl.site.jobs_file.unlink()
    said = jobctl("service", "install", "--user")
    assert said.status == 3
    assert "the daemon cannot start" in said.err
    assert not folder.exists()
    assert jobctl("service", "install", "--user", "--force").status == 0


def test_a_program_that_others_can_change_is_doubted_for_the_machine(
    jobctl: Shell, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobctl.operations.service_files.SYSTEM_FOLDER", tmp_path / "system")
    (tmp_path / "bin").mkdir(mode=0o777)
    (tmp_path / "bin").chmod(0o777)
    (tmp_path / "bin" / "jobctl").touch()
    monkeypatch.setattr("jobctl.cli.service.program", lambda: (str(tmp_path / "bin" / "jobctl"),))
    assert f"others than root can change {tmp_path}" in jobctl("service", "install").err


def test_verbs_name_the_service_that_starts_the_daemon_once_its_unit_is_there(jobctl: Shell, folder: Path) -> None:
    jobctl.site.jobs_file.write_text('[jobs.a]\ncommand = "true"\n')
    assert "nothing starts by itself (`jobctl daemon`)" in jobctl("status").err
    jobctl("service", "install", "--user")
    assert "nothing starts by itself (`systemctl --user start jobctl`)" in jobctl("status").err
    advice = "`systemctl --user start jobctl`; `journalctl --user -u jobctl` tells why it ended"
    assert advice in " ".join(jobctl("doctor").out.split())
    (folder / "jobctl.service").write_text("[Service]\nExecStart=/x --config /another/jobs.toml daemon\n")
    assert "(`jobctl daemon`)" in jobctl("status").err


def test_a_unit_serves_the_jobs_file_that_it_names_in_its_own_way_of_writing(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("plain", "a b", "100%", "$HOME", 'the "best"', "back\\slash"):
        jobs_file = Path("/srv", name, "jobs.toml")
        (folder / "jobctl.service").write_text(unit_text(UnitSettings(("/x",), jobs_file, None, True)))
        assert start_command(jobs_file) == "systemctl --user start jobctl"
        assert start_command(jobs_file / "other") == "jobctl daemon"
    assert start_command(Path("/srv/a\nb")) == "jobctl daemon"  # which no unit can name


def test_who_has_no_home_looks_all_the_same_and_has_no_units_of_his_own(
    jobctl: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobctl.site.jobs_file.write_text('[jobs.a]\ncommand = ["./a"]\n')
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # as for --user of a container: no entry
    for verb in ("status", "list", "check"):
        said = jobctl(verb)
        assert (said.status, "unexpected" in said.err) == (0, False), said.err
    assert "nothing starts by itself (`jobctl daemon`)" in jobctl("status").err
    said = jobctl("service", "show", "--user")
    assert said.status == 2
    assert "has no home directory for units of its own" in said.err


def test_now_belongs_to_install(jobctl: Shell) -> None:
    assert jobctl("service", "show", "--now").status == 2
