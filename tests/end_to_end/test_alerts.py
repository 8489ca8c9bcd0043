"""Alerts of the installed daemon, through a real mail server and a real web server, over kills of the daemon."""

from __future__ import annotations

import json
import os
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.channels.servers import CERTIFICATE, MailServer, Manner, WebServer, mail_server, web_server
from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until
from tests.faults.campaign import arming

SECRET = "hunter22-is-planted-here"


def define(
    installation: Installation, jobs: str, hook: WebServer | None = None, mail: MailServer | None = None
) -> None:
    """Jobs whose alerts go through the hook and by mail, as far as there are such."""
    parts = ['[defaults.alert]\nseverity = "high"\n', jobs]
    if hook is not None:
        parts.append(f'[channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:{hook.port}/"\n')
    if mail is not None:
        url = installation.folder / "smtp-url"
        url.write_text(f"smtps://jobctl:{SECRET}@localhost:{mail.port}\n")
        url.chmod(0o600)
        parts.append(f'[channels.mail]\ntype = "email"\nurl = {{ file = "{url}" }}\nto = ["ops@example.org"]\n')
    (installation.folder / "key").write_text(SECRET)
    (installation.folder / "key").chmod(0o600)
    names = [*(["hook"] if hook else []), *(["mail"] if mail else [])]
    installation.write_jobs("".join(parts) + f"[severity]\nhigh = {json.dumps(names)}\n")
    installation.environment["SSL_CERT_FILE"] = str(CERTIFICATE)


def events(server: WebServer) -> list[tuple[str, str]]:
    return [(document["alert"]["job"], document["event"]) for document in map(json.loads, server.bodies)]


BAD = """\
[jobs.bad]
command = "echo the key is $KEY; test -e works"
cwd = "."
env = { KEY = { file = "key" } }
"""


def test_a_failure_and_its_recovery_arrive_by_mail_and_by_hook_without_their_secrets(
    installation: Installation,
) -> None:
    with web_server() as hook, mail_server(tls=True, password=SECRET) as mail:
        define(installation, BAD, hook, mail)
        daemon = installation.daemon()
        (run,) = installation.trigger("bad")
        until(lambda: hook.bodies and mail.mails, "both were told")
        assert events(hook) == [("bad", "opened")]
        [letter] = mail.mails
        assert letter["Subject"].startswith("[jobctl] bad: failed (")
        text = letter.get_payload(decode=True)
        assert isinstance(text, bytes)
        assert b"the key is ***" in text
        places = ["-c", str(installation.jobs_file), "--state-dir", str(installation.state_dir)]
        assert shlex.join(["jobctl", *places, "logs", run]) in text.decode(), "as it is pasted from elsewhere"
        assert mail.encrypted == [True]
        [alert] = installation.ask("alerts")
        assert (alert["job"], alert["kind"], alert["severity"], alert["state"]) == ("bad", "failed", "high", "open")
        assert installation.ask("status")["alerts"] == [alert]
        (installation.folder / "works").touch()
        installation.trigger("bad")
        until(lambda: len(hook.bodies) == 2 and len(mail.mails) == 2, "both heard of the recovery")
        assert events(hook)[1] == ("bad", "recovered")
        assert installation.ask("alerts") == []
        daemon.stop()
        for body in hook.bodies:
            assert SECRET.encode() not in body
        assert SECRET not in daemon.log_tail(1_000_000)
        assert not _planted(installation.state_dir)


def _planted(state_dir: Path) -> list[Path]:
    """Files that hold the secret; the log holds what the job itself wrote."""
    files = (path for path in state_dir.rglob("*") if path.is_file() and path.suffix != ".log")
    return [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_run_that_is_retried_tells_nobody_before_its_last_attempt(installation: Installation) -> None:
    with web_server() as hook:
        define(installation, BAD + 'retries = 1\nretry_delay = "5s"\n', hook)
        installation.daemon()
        (run,) = installation.trigger("bad")
        until(lambda: installation.status_of(run) == "retrying", "the first attempt has failed")
        assert installation.ask("alerts") == []
        installation.wait_settled()
        [alert] = installation.ask("alerts")
        assert alert["message"].endswith("the last of 2 attempts")
        until(lambda: hook.bodies, "it is told")
        assert events(hook) == [("bad", "opened")]


def test_what_was_committed_is_told_after_a_kill_before_it_could_be_sent(installation: Installation) -> None:
    with web_server() as hook:
        define(installation, BAD, hook)
        installation.daemon().stop()
        installation.trigger("bad")
        witness = installation.folder / "hits"
        daemon = installation.start(environment=arming("daemon.concluded", 1, witness))
        assert daemon.exit_code() == -signal.SIGKILL
        assert witness.exists()
        assert hook.bodies == []
        [alert] = installation.ask("alerts")
        assert alert["kind"] == "failed"
        installation.daemon()
        until(lambda: hook.bodies, "the next daemon tells it")
        assert events(hook) == [("bad", "opened")]


def test_a_daemon_that_is_killed_while_it_sends_tells_again(installation: Installation) -> None:
    with web_server(manner=Manner.SLOW) as hook:
        define(installation, BAD, hook)
        daemon = installation.daemon()
        installation.trigger("bad")
        until(lambda: hook.connections, "it is being told")
        daemon.kill()
        hook.manner = Manner.WELL
        installation.daemon()
        until(lambda: hook.bodies, "the next daemon tells it")
        until(lambda: _sent(installation) == ["sent"], "it is written down as sent")


def _sent(installation: Installation) -> list[Any]:
    return [notice["state"] for notice in installation.ask("alerts", "history")]


def test_a_channel_that_hangs_delays_no_run(installation: Installation) -> None:
    with web_server(manner=Manner.SLOW) as hook:
        define(installation, BAD + '[jobs.good]\ncommand = "true"\n', hook)
        installation.daemon()
        installation.trigger("bad")
        until(lambda: hook.connections, "it is being told")
        (run,) = installation.trigger("good")
        until(lambda: installation.status_of(run) == "succeeded", "another job runs meanwhile")
        assert _sent(installation) == ["waiting"]


def test_a_run_without_a_daemon_is_told_by_the_next_one(installation: Installation) -> None:
    with web_server() as hook:
        define(installation, BAD, hook)
        assert installation.call("run", "bad").returncode == 1
        assert [alert["job"] for alert in installation.ask("alerts")] == ["bad"]
        installation.daemon()
        until(lambda: hook.bodies, "the daemon tells it")
        assert events(hook) == [("bad", "opened")]


def test_a_run_that_was_lost_after_the_daemon_died_is_an_alert_for_who_looks(installation: Installation) -> None:
    define(installation, '[jobs.held]\ncommand = "echo $$ > pid; exec sleep 600"\ncwd = "."\n')
    daemon = installation.daemon()
    installation.trigger("held")
    until(lambda: (installation.folder / "pid").exists() and (installation.folder / "pid").read_text(), "it runs")
    daemon.kill()
    for keeper in processes.keepers(installation.state_dir):
        processes.kill(keeper)
    processes.kill(int((installation.folder / "pid").read_text()))
    [alert] = until(lambda: installation.ask("alerts"), "it is known to be lost")
    assert (alert["kind"], alert["job"]) == ("lost", "held")


def test_a_quarantined_run_is_told(installation: Installation) -> None:
    with web_server() as hook:
        define(installation, BAD, hook)
        installation.daemon().stop()
        installation.trigger("bad")
        for _ in range(3):
            daemon = installation.start(environment=arming("daemon.claimed", 1, installation.folder / "hits"))
            assert daemon.exit_code() == -signal.SIGKILL
        installation.daemon()
        until(lambda: hook.bodies, "it is told")
        [document] = map(json.loads, hook.bodies)
        assert document["alert"]["kind"] == "poison"
        assert "quarantined" in document["alert"]["message"]


@pytest.mark.parametrize("manner", [Manner.WELL, Manner.REFUSE])
def test_a_channel_is_tried_at_once_with_or_without_a_daemon(manner: Manner, installation: Installation) -> None:
    with web_server(manner=manner) as hook:
        define(installation, BAD, hook)
        done = installation.call("alerts", "test", "hook")
        if manner is Manner.WELL:
            assert (done.returncode, done.stdout) == (0, "channel hook took the message\n")
            assert json.loads(hook.bodies[0])["event"] == "test"
        else:
            assert done.returncode == 1
            assert "channel hook did not take the message: the server answered 403 Forbidden" in done.stderr


def test_nothing_of_a_channel_is_in_the_arguments_or_the_environment_of_its_process(
    installation: Installation,
) -> None:
    with mail_server(tls=True, manner=Manner.SLOW, password=SECRET) as mail:
        define(installation, BAD, None, mail)
        daemon = installation.daemon()
        installation.trigger("bad")
        until(lambda: mail.connections, "it is being told")
        [child] = [pid for pid in _children(daemon.pid) if "jobctl.channels" in _read(pid, "cmdline")]
        assert SECRET not in _read(child, "cmdline") + _read(child, "environ")


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _read(pid: int, name: str) -> str:
    return os.fsdecode(Path(f"/proc/{pid}/{name}").read_bytes())
