"""The child process that delivers a letter: what it is given, what it says, and that it always ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jobctl.channels.courier import Courier, Delivered
from jobctl.channels.letter import Letter, read
from jobctl.domain.alert_message import Message
from jobctl.domain.job import FromEnv, FromFile
from jobctl.domain.settings import ChannelSettings
from tests.channels.servers import Manner, mail_server, web_server

MESSAGE = Message("backup: failed", "in words\n", {"text": "in words", "event": "opened", "host": "vm"})


def deliver(kind: str, timeout: float = 10.0, **options: Any) -> Delivered:
    courier = Courier(Letter(ChannelSettings("ops", kind, options), MESSAGE, timeout))
    try:
        return courier.wait()
    finally:
        courier.close()


def test_a_letter_is_read_as_it_was_written() -> None:
    options = {
        "url": FromFile("/etc/jobctl/url"), "headers": {"A": FromEnv("TOKEN"), "B": "plain"}, "to": ["ops"],
        "command": "x",
    }  # fmt: skip
    letter = Letter(ChannelSettings("ops", "webhook", options), MESSAGE, 3.0)
    assert read(letter.write()) == letter


def test_secrets_are_read_by_the_child_and_are_in_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server() as server:
        (tmp_path / "url").write_text(f"http://127.0.0.1:{server.port}/?key=hunter22\n")
        monkeypatch.setenv("HOOK_TOKEN", "t0ken-of-hook")
        settings: dict[str, Any] = {
            "url": FromFile(str(tmp_path / "url")),
            "headers": {"X-Token": FromEnv("HOOK_TOKEN")},
        }
        assert deliver("webhook", **settings) == Delivered(None)
        assert server.headers[0]["X-Token"] == "t0ken-of-hook"


def test_a_problem_is_told_without_the_secrets_in_it(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtp://ada:p%40ss-word@host:port-hunter22")
    problem = deliver("email", url=FromFile(str(tmp_path / "url")), to=["ops@example.org"]).problem
    assert problem is not None
    assert problem.startswith("the url is none")
    with mail_server(password="right-one") as server:
        url = f"smtp://ada:wrong-one@127.0.0.1:{server.port}"
        problem = deliver("email", url=url, to=["ops@example.org"]).problem
        assert problem == "127.0.0.1 did not take it: 535 wrong password"
    told = deliver("command", command="echo $SECRET_URL is wrong-one; exit 1", url="smtp://ada:wrong-one@host").problem
    assert told == "/bin/sh exited with 1: is ***"


def test_a_sendmail_is_no_secret_in_the_problem_that_it_has(tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text("#!/bin/sh\necho sendmail: no such user >&2; exit 67\n")
    program.chmod(0o700)
    (tmp_path / "url").write_text(f"sendmail:{program}")
    for url in (f"sendmail:{program}", FromFile(str(tmp_path / "url"))):
        problem = deliver("email", url=url, to=["ops@example.org"]).problem
        assert problem == f"{program} exited with 67: sendmail: no such user"
    told = deliver("email", url="sendmail:/nonexistent/sendmail", to=["ops@example.org"]).problem
    assert told is not None
    assert told.startswith("there is no /nonexistent/sendmail: ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (FromFile("/nonexistent/url"), "url is read from /nonexistent/url: No such file or directory"),
        (FromEnv("NOT_SET_ANYWHERE"), "url is taken from the daemon's variable NOT_SET_ANYWHERE, which is not set"),
    ],
)
def test_a_secret_that_cannot_be_read_is_named(url: object, words: str) -> None:
    assert deliver("webhook", url=url).problem == words


def test_apprise_says_how_to_get_it_where_it_is_not_installed() -> None:
    problem = deliver("apprise", url="json://127.0.0.1:1/").problem
    assert problem is not None
    assert "apprise" in problem.lower() or "service" in problem


def test_a_server_that_never_answers_is_given_up_after_a_while() -> None:
    with web_server(manner=Manner.SLOW) as server:
        problem = deliver("webhook", timeout=0.5, url=f"http://127.0.0.1:{server.port}").problem
    assert problem is not None
    assert "timed out" in problem


def test_a_child_that_hangs_is_ended_by_the_kernel() -> None:
    with web_server(manner=Manner.TRICKLE) as server:  # each wait is a short one
        problem = deliver("webhook", timeout=0.4, url=f"http://127.0.0.1:{server.port}").problem
    assert problem == "the channel did not answer in time"


def test_a_child_that_is_killed_has_not_delivered() -> None:
    with web_server(manner=Manner.SLOW) as server:
        options = {"url": f"http://127.0.0.1:{server.port}"}
        courier = Courier(Letter(ChannelSettings("ops", "webhook", options), MESSAGE, 60.0))
        assert courier.result() is None
        courier.kill()
        assert courier.wait().problem == "the channel did not answer in time"
        courier.close()


def test_a_secret_is_read_from_a_plain_file_of_a_size_that_a_secret_has(tmp_path: Path) -> None:
    file = tmp_path / "url"
    os.mkfifo(file)
    said = f"url is read from {file}: "
    assert deliver("webhook", url=FromFile(str(file))).problem == f"{said}it is a named pipe, not a plain file"
    assert deliver("webhook", url=FromFile("/dev/zero")).problem == (
        "url is read from /dev/zero: it is a device, not a plain file"
    )
    file.unlink()
    file.write_bytes(b"x" * 1_000_001)
    assert deliver("webhook", url=FromFile(str(file))).problem == f"{said}it is larger than 1 MB"
    file.write_bytes(b"http://\xff/")
    assert deliver("webhook", url=FromFile(str(file))).problem == f"{said}it is not UTF-8"
