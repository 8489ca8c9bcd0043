"""Who acts."""

from __future__ import annotations

import os
import pwd

import pytest

from jobctl.operations.context import actor


def test_the_actor_is_the_user_of_the_process_whatever_the_environment_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("LOGNAME", "somebody")
    assert actor() == pwd.getpwuid(os.getuid()).pw_name


def test_behind_sudo_the_actor_is_the_person_who_called_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "ann")
    assert actor() == "ann"


def test_a_user_without_an_entry_is_named_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert actor() == "uid 4000000000"
