"""The child process that pings: what arrives, what is said of what does not, and that it holds nobody up."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.channels.pinger import Pinged, Pinger
from jobctl.channels.pinging import ping
from jobctl.domain.job import FromEnv, FromFile
from tests.channels.servers import CERTIFICATE, Manner, WebServer, web_server
from tests.end_to_end.waiting import until

KEY = "0d4ae0a2-uuid-of-a-check"


@pytest.fixture
def pinger() -> Iterator[Pinger]:
    made = Pinger()
    yield made
    made.kill()
    made.close()


def answers(pinger: Pinger, count: int, now: int = 0) -> dict[int, str | None]:
    found: list[Pinged] = []
    deadline = time.monotonic() + 20
    while len(found) < count and time.monotonic() < deadline:
        select.select([pinger], [], [], 0.1)
        found += pinger.answers(now)
    return {one.id: one.problem for one in found}


def url(server: WebServer, scheme: str = "http") -> str:
    return f"{scheme}://localhost:{server.port}/{KEY}"


def test_many_pings_of_one_child_arrive_by_get(pinger: Pinger) -> None:
    with web_server() as server:
        for number, suffix in enumerate(("/start", "/0", "/137", "")):
            assert pinger.send(number, url(server), suffix, 0)
        assert answers(pinger, 4) == dict.fromkeys(range(4))
        assert sorted(server.asked) == [f"GET /{KEY}{suffix}" for suffix in ("", "/0", "/137", "/start")]


def test_a_server_that_hangs_holds_up_no_other(pinger: Pinger) -> None:
    with web_server(manner=Manner.SLOW) as slow, web_server() as quick:
        pinger.send(1, url(slow), "/start", 0)
        pinger.send(2, url(quick), "/start", 0)
        assert answers(pinger, 1) == {2: None}


def test_secrets_come_from_where_they_are_and_go_over_tls(
    pinger: Pinger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with web_server(tls=True) as server:
        (tmp_path / "url").write_text(url(server, "https") + "\n")
        monkeypatch.setenv("PING_URL", url(server, "https"))
        trusting = Pinger()
        try:
            trusting.send(1, FromFile(str(tmp_path / "url")), "/0", 0)
            trusting.send(2, FromEnv("PING_URL"), "/1", 0)
            assert answers(trusting, 2) == {1: None, 2: None}
        finally:
            trusting.close()
        assert sorted(server.asked) == [f"GET /{KEY}/0", f"GET /{KEY}/1"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"manner": Manner.REFUSE}, "the server answered 403 Forbidden: well, no"),
        ({"manner": Manner.GARBLED}, "the server gave no answer"),
        ({"status": "302 Found", "more": "Location: https://login.example/\r\n"}, "the server answered 302 Found"),
        ({"status": f"500 no {KEY}"}, "the server answered 500 no ***"),
        ({"manner": Manner.SLOW}, "timed out"),
    ],
)
def test_what_does_not_arrive_is_said_without_the_address(options: dict[str, object], words: str) -> None:
    with web_server(**options) as server:
        problem = ping(url(server), "/0", 0.5)
        assert problem is not None
        assert words in problem
        assert KEY not in problem


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1/" + KEY, "the server cannot be reached: [Errno 111] Connection refused"),
        (f"ftp://host/{KEY}", "the url must begin with http:// or https://"),
        (f"http://host:{KEY}/x", "the server gave no answer: nonnumeric port: '***'"),
        (f"http://host/a b{KEY}", "the server gave no answer: URL can't contain control characters"),
        (FromEnv("NOT_SET_ANYWHERE"), "variable NOT_SET_ANYWHERE, which is not set"),
    ],
)
def test_an_address_that_is_none_is_said_without_it(address: object, words: str) -> None:
    problem = ping(address, "/0", 5.0)
    assert problem is not None
    assert words in problem
    assert KEY not in problem


def test_a_server_that_says_very_much_is_quoted_in_part(pinger: Pinger) -> None:
    with web_server(status=f"500 {'x' * 65_520}") as server:
        pinger.send(1, url(server), "/0", 0)
        problem = answers(pinger, 1)[1]
        assert problem is not None
        assert problem.startswith("the server answered 500 xxx")
        assert len(problem) < 2_000


def test_a_page_for_a_browser_is_not_quoted() -> None:
    page = "<!DOCTYPE HTML>\n<html><body><h1>Error response</h1></body></html>"
    with web_server(status="404 Not Found", more="Content-Type: text/html;charset=utf-8\r\n", body=page) as server:
        assert ping(url(server), "/0", 5.0) == "the server answered 404 Not Found"


def test_no_half_of_an_address_is_quoted_where_an_answer_is_cut() -> None:
    with web_server(
        status="404 Not Found", body="there is no " + "x" * 250 + f" http://localhost/{KEY}/0 here"
    ) as server:
        problem = ping(url(server), "/0", 5.0)
        assert problem is not None
        assert "there is no xxx" in problem
        assert KEY[:8] not in problem


def test_an_address_without_end_is_said_and_costs_no_child(pinger: Pinger) -> None:
    with web_server() as server:
        assert pinger.send(1, f"{url(server)}/{'x' * 70_000}", "/0", 0)
        assert pinger.send(2, url(server), "/0", 0)
        assert answers(pinger, 2) == {1: "the address is too long", 2: None}
        assert not pinger.has_ended


def test_a_child_that_is_killed_has_sent_nothing(pinger: Pinger) -> None:
    with web_server(manner=Manner.SLOW) as server:
        pinger.send(1, url(server), "/0", 0)
        pinger.kill()
        assert answers(pinger, 1) == {1: "the process that pings has ended"}
        assert not pinger.send(2, url(server), "/0", 0)


def test_a_child_that_hangs_is_ended(pinger: Pinger) -> None:
    with web_server(manner=Manner.SLOW) as server:
        pinger.send(1, url(server), "/0", 0)
        assert pinger.answers(29_999) == []
        assert answers(pinger, 1, now=30_000) == {1: "the process that pings has ended"}
        assert pinger.has_ended


def test_what_is_under_way_arrives_though_the_parent_has_let_go() -> None:
    with web_server() as server:
        pinger = Pinger()
        pinger.send(1, url(server), "/0", 0)
        pinger.close()
        until(lambda: server.asked == [f"GET /{KEY}/0"], "it arrives", 20)
