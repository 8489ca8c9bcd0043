"""Which values of a job are to be masked."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from jobctl.domain.job import Execution, FromEnv, FromFile
from jobctl.process.secret_values import secret_values, unknown_secrets


def test_what_is_named_or_referred_to_is_secret_and_the_rest_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("from-a-file\n")
    monkeypatch.setenv("DAEMON_TOKEN", "from-the-daemon")
    execution = Execution(
        env={
            "LEVEL": "debugging",
            "TOKEN": "written-here",
            "PASSWORD": FromFile(str(tmp_path / "password")),
            "OTHER": FromEnv("DAEMON_TOKEN"),
        },
        secrets=frozenset({"TOKEN", "UNKNOWN"}),
    )
    assert secret_values(execution, tmp_path / "jobs.toml") == {"from-a-file", "from-the-daemon", "written-here"}


def test_a_variable_may_have_been_taken_from_here_or_from_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAEMON_TOKEN", "of-this-shell")
    execution, file = Execution(env={"OTHER": FromEnv("DAEMON_TOKEN")}), tmp_path / "jobs.toml"
    assert secret_values(execution, file, {"DAEMON_TOKEN": "of-the-daemon"}) == {"of-this-shell", "of-the-daemon"}
    monkeypatch.delenv("DAEMON_TOKEN")
    assert secret_values(execution, file, {"DAEMON_TOKEN": "of-the-daemon"}) == {"of-the-daemon"}
    assert unknown_secrets(execution, file, {"DAEMON_TOKEN": "of-the-daemon"}) == ()


def test_of_what_cannot_be_known_there_is_a_reason_each(tmp_path: Path) -> None:
    execution = Execution(
        env={"A": FromFile("/nonexistent/secret"), "B": FromEnv("NOT_SET_ANYWHERE"), "C": "a-secret-text"},
        env_file="/nonexistent/env",
    )
    assert unknown_secrets(execution, tmp_path / "jobs.toml") == (
        "A is read from /nonexistent/secret: No such file or directory",
        "B is taken from the daemon's variable NOT_SET_ANYWHERE, which is not set",
        "cannot read env_file /nonexistent/env: No such file or directory",
    )


def test_long_values_of_an_env_file_are_secret_and_short_ones_only_by_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("MODE=fast\nPIN=1234\nKEY=0123456789abcdef\nTOKEN=overridden-here\n")
    file.chmod(0o600)
    execution = Execution(env_file=".env", env={"TOKEN": "by-the-job"}, secrets=frozenset({"PIN", "TOKEN"}))
    assert secret_values(execution, tmp_path / "jobs.toml") == {
        "0123456789abcdef", "overridden-here", "1234", "by-the-job",
    }  # fmt: skip


def test_what_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    execution = Execution(
        env={"A": FromFile("/nonexistent/secret"), "B": FromEnv("NOT_SET_ANYWHERE"), "C": "a-secret-text"},
        env_file="nonexistent",
        secrets=frozenset({"C"}),
    )
    assert secret_values(execution, tmp_path / "jobs.toml") == {"a-secret-text"}


@pytest.mark.root
def test_an_env_file_of_the_job_s_own_user_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("KEY=0123456789abcdef\n")
    file.chmod(0o600)
    os.chown(file, pwd.getpwnam("nobody").pw_uid, -1)
    assert secret_values(Execution(env_file=".env"), tmp_path / "jobs.toml") == set()
    assert secret_values(Execution(env_file=".env", user="nobody"), tmp_path / "jobs.toml") == {"0123456789abcdef"}
