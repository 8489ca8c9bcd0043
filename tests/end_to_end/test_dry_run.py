"""`env`, `run --dry-run` and `shell` tell exactly what a run gets: compared with what a run of the same job says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation

# Everything that a process can be given, told by itself.
WITNESS = "env; echo; pwd; umask; nice; ulimit -n; id; echo $0"
JOBS = """
[daemon]
timezone = "Europe/Berlin"
[jobs.mirror]
command = "WITNESS"
umask = "027"
nice = 5
cwd = "/tmp"
timeout = "5m"
limits = { open_files = 99 }
env = { LANG = "de_DE.UTF-8", PASSWORD = { file = "FOLDER/password" }, TOKEN = "tok-en", TAKEN = { env = "DAEMON" } }
secrets = ["TOKEN"]
[jobs.letter]
command = ["/bin/echo", "--to", "{to}", "--password", "s3cr3t-value"]
env = { PASSWORD = "s3cr3t-value" }
secrets = ["PASSWORD"]
[jobs.letter.params]
to = { type = "string", required = true }
"""
OF_THE_RUN = ("JOBCTL_RUN_ID", "JOBCTL_RESULT", "JOBCTL_SCHEDULED_FOR", "_", "PWD", "OLDPWD", "SHLVL")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    password = tmp_path / "password"
    password.write_text("hunter22\n")
    password.chmod(0o600)
    made.write_jobs(JOBS.replace("WITNESS", WITNESS).replace("FOLDER", str(tmp_path)))
    made.environment["DAEMON"] = "of-the-caller"
    yield made
    made.close()


def words_of(text: str) -> tuple[dict[str, str], str]:
    """The variables that do not differ from run to run, and the rest."""
    variables, _, rest = text.partition("\n\n")
    told = dict(line.split("=", 1) for line in variables.splitlines() if "=" in line)
    return {name: value for name, value in told.items() if name not in OF_THE_RUN}, rest


def log_of(installed: Installation) -> str:
    [log] = (installed.state_dir / "logs").rglob("*.log")
    return log.read_text()


def test_a_shell_has_what_a_run_has(installed: Installation) -> None:
    shell = installed.call("shell", "mirror", "--", "/bin/sh", "-c", WITNESS)
    assert (shell.returncode, shell.stderr) == (0, "")
    assert installed.call("run", "mirror").returncode == 0
    assert words_of(shell.stdout) == words_of(log_of(installed))
    assert words_of(shell.stdout)[0]["PASSWORD"] == "hunter22"


def test_what_a_job_takes_over_from_the_daemon_is_the_daemons(installed: Installation) -> None:
    installed.daemon(environment={"DAEMON": "of-the-daemon", "TZ": "Asia/Tokyo"})
    shell = installed.call("shell", "mirror", "--", "/bin/sh", "-c", WITNESS)
    assert words_of(shell.stdout)[0]["TAKEN"] == "of-the-daemon"
    assert installed.call("run", "mirror").returncode == 0
    assert words_of(shell.stdout) == words_of(log_of(installed))


def test_env_tells_the_same_with_secrets_masked(installed: Installation) -> None:
    told = words_of(installed.call("env", "mirror").stdout)[0]
    has = words_of(installed.call("shell", "mirror", "--", "/bin/sh", "-c", WITNESS).stdout)[0]
    secret = {"PASSWORD": "***", "TOKEN": "***", "TAKEN": "***"}
    assert told == has | secret


def test_a_shell_reads_what_it_is_to_do_and_exits_as_it_says(installed: Installation) -> None:
    done = subprocess.run(
        installed.command("shell", "mirror"), env={**installed.environment, "SHELL": "/bin/sh"}, text=True,
        input="echo $JOBCTL_JOB; exit 5", capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (5, "mirror\n")


def test_the_difference_is_sorted_by_what_it_is(installed: Installation) -> None:
    installed.environment.update({"ONLY_HERE": "1", "LANG": "C", "PASSWORD": "mine"})
    lines = installed.call("env", "mirror", "--diff").stdout.splitlines()
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), key="+-~".index)
    assert "- ONLY_HERE" in lines
    assert "~ LANG=de_DE.UTF-8  (here: C)" in lines
    assert "~ PASSWORD=***  (here: mine)" in lines
    assert "+ TZ=Europe/Berlin" in lines
    assert installed.ask("env", "mirror", "--diff")["changed"]["LANG"] == {"here": "C", "run": "de_DE.UTF-8"}


def test_a_dry_run_shows_everything_and_makes_nothing(installed: Installation) -> None:
    planned = installed.ask("run", "--dry-run", "mirror")
    assert planned["argv"] == ["/bin/sh", "-c", WITNESS]
    assert (planned["cwd"], planned["umask"], planned["nice"]) == ("/tmp", "027", 5)
    assert (planned["limits"], planned["timeout"], planned["uid"]) == ({"open_files": 99}, 300.0, os.geteuid())
    assert installed.ask("history") == []
    assert not (installed.state_dir / "results").exists()


def test_a_dry_run_takes_params_as_a_run_does_and_masks_secrets_in_arguments(installed: Installation) -> None:
    refused = installed.call("run", "--dry-run", "letter")
    assert (refused.returncode, "to: it is missing" in refused.stderr) == (2, True)
    told = installed.call("run", "--dry-run", "letter", "--param", "to=ada").stdout
    assert "/bin/echo --to ada --password '***'" in told
    assert "s3cr3t-value" not in told


@pytest.mark.root
def test_another_user_is_that_user_in_full(installed: Installation) -> None:
    installed.write_jobs(f'[jobs.mirror]\ncommand = "{WITNESS}"\nuser = "nobody"\ncwd = "/"\n')
    shell = installed.call("shell", "mirror", "--", "/bin/sh", "-c", WITNESS)
    assert installed.call("run", "mirror").returncode == 0
    assert words_of(shell.stdout) == words_of(log_of(installed))
    assert "uid=65534(nobody)" in shell.stdout
    assert installed.ask("run", "--dry-run", "mirror")["user"] == "nobody"


def test_what_cannot_be_executed_is_said(installed: Installation) -> None:
    installed.write_jobs('[jobs.bad]\ncommand = ["no-such-command"]\n')
    done = installed.call("run", "--dry-run", "bad")
    assert done.returncode == 1
    assert done.stderr.startswith("jobctl: no-such-command: command not found in PATH")


def test_a_folder_that_is_not_there_is_said_as_the_run_says_it(installed: Installation) -> None:
    installed.write_jobs('[jobs.bad]\ncommand = "true"\ncwd = "/no/such/folder"\n')
    reason = "cannot enter /no/such/folder: No such file or directory"
    for call in (("run", "--dry-run", "bad"), ("env", "bad"), ("shell", "bad", "--", "true")):
        assert installed.call(*call).stderr.startswith(f"jobctl: {reason}\n"), call
    assert reason in installed.call("run", "bad").stderr
