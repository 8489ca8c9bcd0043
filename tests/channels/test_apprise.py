"""Apprise is an extra: a stand-in takes its place here, and its absence is told."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from jobctl.channels.apprise import send
from jobctl.channels.interface import ChannelProblem
from jobctl.domain.alert_message import Message

MESSAGE = Message("backup: failed", "in words\n", {})


class Service:
    """What Apprise makes of a url."""

    told: list[tuple[str, str]]
    works = True

    def __init__(self) -> None:
        self.url = ""
        Service.told = []

    def add(self, url: str) -> bool:
        self.url = url
        return url.startswith("json://")

    def notify(self, *, title: str, body: str) -> bool:
        Service.told.append((title, body))
        return self.works


@pytest.fixture
def apprise(monkeypatch: pytest.MonkeyPatch) -> type[Service]:
    module = ModuleType("apprise")
    module.Apprise = Service  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "apprise", module)
    return Service


def test_the_message_goes_through_the_service(apprise: type[Service]) -> None:
    send({"url": "json://127.0.0.1/"}, MESSAGE, 1.0)
    assert apprise.told == [("backup: failed", "in words\n")]


def test_a_url_that_it_does_not_understand_is_told(apprise: type[Service]) -> None:
    with pytest.raises(ChannelProblem, match="does not understand the url"):
        send({"url": "nonsense"}, MESSAGE, 1.0)


def test_a_service_that_does_not_take_it_is_told(apprise: type[Service], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise, "works", False)
    with pytest.raises(ChannelProblem, match="did not take it"):
        send({"url": "json://127.0.0.1/"}, MESSAGE, 1.0)


def test_where_it_is_not_installed_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ChannelProblem, match=r"pip install 'jobctl\[apprise\]'"):
        send({"url": "json://127.0.0.1/"}, MESSAGE, 1.0)
