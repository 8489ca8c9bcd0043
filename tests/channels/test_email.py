"""Mail through a real server on loopback, and through a sendmail of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.channels.email import send
from jobctl.channels.interface import ChannelProblem
from jobctl.domain.alert_message import Message
from tests.channels.servers import CERTIFICATE, Manner, mail_server

MESSAGE = Message("[jobctl] backup: failed (vm)", "failed: disk full\n.\nünïcode\n", {"text": "x"})


RECEIVERS = ["ops@example.org", "ada@example.org"]


def tell(url: str, timeout: float = 10.0) -> None:
    send({"url": url, "to": RECEIVERS}, MESSAGE, timeout)


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        sender = {"from": "jobctl@example.org"}
        send({"url": f"smtp://127.0.0.1:{server.port}", "to": RECEIVERS, **sender}, MESSAGE, 10.0)
        [mail] = server.mails
        assert mail["Subject"] == "[jobctl] backup: failed (vm)"
        assert (mail["From"], mail["To"]) == ("jobctl@example.org", "ops@example.org, ada@example.org")
        assert mail["Auto-Submitted"] == "auto-generated"
        content = mail.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert content.decode().replace("\r\n", "\n") == MESSAGE.text
        assert server.receivers == ["ops@example.org", "ada@example.org"]
        assert server.encrypted == [False]


@pytest.mark.parametrize(("scheme", "options"), [("smtp", {"starttls": True}), ("smtps", {"tls": True})])
def test_a_password_goes_over_tls(scheme: str, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with mail_server(password="p@ss/word", **options) as server:
        tell(f"{scheme}://ada:p%40ss%2Fword@localhost:{server.port}")
        assert (server.logins, server.encrypted, len(server.mails)) == (["ada"], [True], 1)


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with mail_server(tls=True) as server, pytest.raises(ChannelProblem, match="certificate"):
        tell(f"smtps://localhost:{server.port}")


def test_a_password_is_not_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.channels.email._LOOPBACK", frozenset())
    with mail_server(password="secret") as server:
        with pytest.raises(ChannelProblem, match="offers no STARTTLS"):
            tell(f"smtp://ada:secret@127.0.0.1:{server.port}")
        assert server.logins == []


def test_a_wrong_password_is_said_in_the_words_of_the_server() -> None:
    with mail_server(password="right") as server, pytest.raises(ChannelProblem, match="535 wrong password"):
        tell(f"smtp://ada:wrong@127.0.0.1:{server.port}")


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner.REFUSE, "550 nobody of that name"),
        (Manner.SLOW, "timed out"),
        (Manner.GARBLED, "did not take it"),
    ],
)
def test_a_server_that_misbehaves_is_a_problem_in_words(manner: Manner, words: str) -> None:
    with mail_server(manner=manner) as server, pytest.raises(ChannelProblem, match=words):
        tell(f"smtp://127.0.0.1:{server.port}", timeout=0.5)


def test_a_server_that_is_not_there_is_a_problem_in_words() -> None:
    with mail_server() as server:
        port = server.port
    with pytest.raises(ChannelProblem, match=r"127.0.0.1 did not take it: .*refused"):
        tell(f"smtp://127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["http://example.org", "example.org", "smtp://", "smtp://host:port"])
def test_a_url_that_is_no_mail_server_is_told(url: str) -> None:
    with pytest.raises(ChannelProblem, match="url"):
        tell(url)


@pytest.mark.parametrize(("ending", "problem"), [("exit 0", None), ("echo no >&2; exit 75", "exited with 75: no")])
def test_sendmail_gets_the_mail_and_its_receivers(tmp_path: Path, ending: str, problem: str | None) -> None:
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/mail\n{ending}\n')
    program.chmod(0o700)
    if problem is None:
        tell(f"sendmail:{program}")
    else:
        with pytest.raises(ChannelProblem, match=problem):
            tell(f"sendmail:{program}")
    assert (tmp_path / "words").read_text() == "-i -- ops@example.org ada@example.org\n"
    assert "Subject: [jobctl] backup: failed (vm)\n" in (tmp_path / "mail").read_text()


def test_a_sendmail_that_is_not_there_is_told() -> None:
    with pytest.raises(ChannelProblem, match="there is no /nonexistent/sendmail: install a mail server"):
        tell("sendmail:/nonexistent/sendmail")
