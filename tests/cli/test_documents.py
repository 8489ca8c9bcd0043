"""An array of documents is written piece by piece, and read as one."""

from __future__ import annotations

import json

import pytest

from jobctl.cli import documents
from jobctl.cli.render.json import dumps
from tests.cli.showcase import Showcase


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_many_runs_are_one_array(showcase: Showcase, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(documents, "_TOGETHER", 2)
    showcase.load()
    made = [showcase.add() for _ in range(count)]
    said = showcase.call("cancel", "--queued", "--json").out
    assert [one["status"] for one in json.loads(said)] == ["cancelled"] * len(made)
    assert said == dumps(json.loads(said)) + "\n"
