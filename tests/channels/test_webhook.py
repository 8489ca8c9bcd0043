"""The alert as JSON to a real server on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from jobctl.channels.interface import ChannelProblem
from jobctl.channels.webhook import send
from jobctl.domain.alert_message import Message
from tests.channels.servers import Manner, web_server

MESSAGE = Message("backup: failed", "in words\n", {"text": "in words", "event": "opened", "alert": {"id": 7}})


def tell(port: int, timeout: float = 10.0, **options: Any) -> None:
    send({"url": f"http://127.0.0.1:{port}/hook", **options}, MESSAGE, timeout)


def test_the_document_is_posted_with_a_text_for_chats() -> None:
    with web_server() as server:
        tell(server.port, headers={"Authorization": "Bearer t0ken"})
        [body] = server.bodies
        assert json.loads(body) == {
            "subject": "backup: failed", "text": "in words", "event": "opened", "alert": {"id": 7},
        }  # fmt: skip
        [headers] = server.headers
        assert headers["Content-Type"] == "application/json"
        assert headers["Authorization"] == "Bearer t0ken"
        assert "X-Jobctl-Signature" not in headers


def test_the_body_is_signed_with_the_secret() -> None:
    with web_server() as server:
        tell(server.port, secret="signing-key")
        expected = hmac.new(b"signing-key", server.bodies[0], hashlib.sha256).hexdigest()
        assert server.headers[0]["X-Jobctl-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner.REFUSE, "answered 403 Forbidden: well, no"),
        (Manner.SLOW, "timed out"),
        (Manner.GARBLED, "the server"),
    ],
)
def test_a_server_that_misbehaves_is_a_problem_in_words(manner: Manner, words: str) -> None:
    with web_server(manner=manner) as server, pytest.raises(ChannelProblem, match=words):
        tell(server.port, timeout=0.5)


def test_a_redirection_is_not_followed() -> None:
    with (
        web_server() as other,
        web_server(status="302 Found", more=f"Location: http://127.0.0.1:{other.port}/\r\n") as server,
    ):
        with pytest.raises(ChannelProblem, match="answered 302 Found"):
            tell(server.port)
        assert other.bodies == []


def test_a_server_that_is_not_there_is_a_problem_in_words() -> None:
    with web_server() as server:
        port = server.port
    with pytest.raises(ChannelProblem, match=r"cannot be reached: .*refused"):
        tell(port)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org", "example.org"])
def test_only_web_addresses_are_hooks(url: str) -> None:
    with pytest.raises(ChannelProblem, match="http://"):
        send({"url": url}, MESSAGE, 1.0)
