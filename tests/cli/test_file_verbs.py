"""`init`, `check` and `schema`: from no jobs file to one that is right."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path

import jsonschema
import pytest

from tests.cli.showcase import Showcase


def test_a_file_that_may_not_be_read_is_told_by_check_itself(
    showcase: Showcase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed.toml").write_text("")

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("jobctl.config.safety._refuse_replaceable", refused)
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    said = showcase.call("check", "closed.toml")
    assert said.status == 3
    assert "closed.toml: error: you may not read it" in said.out


def test_init_writes_a_file_that_is_right_and_private(showcase: Showcase, tmp_path: Path) -> None:
    said = showcase.call("init", "new/jobs.toml")
    assert (said.status, said.out) == (0, "/srv/new/jobs.toml\n")
    assert stat.S_IMODE((tmp_path / "new/jobs.toml").stat().st_mode) == 0o600
    checked = showcase.call("check", "new/jobs.toml")
    assert (checked.status, checked.out) == (0, "new/jobs.toml: 2 jobs, no problems\n")


def test_init_names_the_file_where_no_verb_would_find_it(
    showcase: Showcase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOBCTL_CONFIG", raising=False)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    elsewhere = showcase.call("init", "of mine/jobs.toml").err
    assert "`jobctl check -c 'of mine/jobs.toml'`, then `jobctl run hello -c 'of mine/jobs.toml'`" in elsewhere
    assert "next: `jobctl check`, then `jobctl run hello`; `jobctl daemon`" in showcase.call("init", "jobs.toml").err


def test_init_overwrites_nothing(showcase: Showcase) -> None:
    before = showcase.jobs_file.read_text()
    said = showcase.call("init", "--config", str(showcase.jobs_file))
    assert said.status == 6
    assert said.err.startswith("jobctl: /srv/jobs.toml is there already and stays as it is\n")
    assert showcase.jobs_file.read_text() == before


def test_init_says_where_it_cannot_write(showcase: Showcase, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = showcase.call("init", "file/jobs.toml")
    assert said.status == 1
    assert said.err.startswith("jobctl: cannot write /srv/file/jobs.toml: ")


def test_check_shows_all_errors_with_places_and_stores_nothing(showcase: Showcase, tmp_path: Path) -> None:
    showcase.define('[jobs.a]\ncomand = "true"\n[jobs.b]\ncommand = "true"\nschedule = "61 * * * *"\n')
    said = showcase.call("check")
    assert said.status == 3
    assert "jobs.toml:2:1: error: jobs.a.comand: unknown key\n  did you mean" in said.out
    assert "jobs.toml:5:12: error: jobs.b.schedule: " in said.out
    assert said.out.endswith("jobs.toml: 3 errors\n")
    assert not (tmp_path / "state").exists()


def test_doubts_are_no_errors(showcase: Showcase) -> None:
    showcase.define('[jobs.a]\ncommand = "true"\nschedule = "*/35 * * * *"\n')
    said = showcase.call("check")
    assert said.status == 0
    assert said.out.startswith("jobs.toml:3:12: warning: jobs.a.schedule: ")
    assert said.out.endswith("jobs.toml: 1 job, 1 warning\n")


def test_a_missing_file_is_3(showcase: Showcase) -> None:
    said = showcase.call("check", "nothing.toml")
    assert said.status == 3
    assert said.out == (
        "nothing.toml: error: there is no such file\n"
        "  write one with `jobctl init`, or name another one with --config\nnothing.toml: 1 error\n"
    )


def test_the_schema_accepts_what_init_writes(showcase: Showcase, tmp_path: Path) -> None:
    schema = json.loads(showcase.call("schema").out)
    showcase.call("init", "new.toml")
    jsonschema.validate(tomllib.loads((tmp_path / "new.toml").read_text()), schema)
