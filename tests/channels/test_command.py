"""A command of the operator's as a channel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobctl.channels.command import send
from jobctl.channels.interface import ChannelProblem
from jobctl.domain.alert_message import Message
from tests.end_to_end.waiting import until

ALERT = {"id": 7, "job": None, "kind": "disk", "severity": "high", "state": "open", "count": 2, "message": "1GB free"}
MESSAGE = Message("host: disk", "in words\n", {"text": "in words", "event": "opened", "host": "vm", "alert": ALERT})


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_alert_comes_on_standard_input_and_its_gist_in_variables(tmp_path: Path) -> None:
    send({"command": f"cat > {tmp_path}/document; env > {tmp_path}/env"}, MESSAGE, 10.0)
    assert json.loads((tmp_path / "document").read_text()) == {"subject": "host: disk", **MESSAGE.document}
    variables = (tmp_path / "env").read_text()
    for line in (
        "ID=7",
        "KIND=disk",
        "SEVERITY=high",
        "MESSAGE=1GB free",
        "EVENT=opened",
        "HOST=vm",
        "JOB=",
        "TEXT=in words",
    ):
        assert f"JOBCTL_ALERT_{line}\n" in variables


def test_of_a_digest_the_variables_hold_what_all_its_alerts_share_and_the_text(tmp_path: Path) -> None:
    text = "4 × failed on vm\n\0" + "ü" * 100_000
    document = {"event": "digest", "host": "vm", "kind": "failed", "severity": "high", "count": 4, "message": "4: a, b"}
    send({"command": f"env -0 > {tmp_path}/env"}, Message("4 × failed", text, {**document, "alerts": []}), 10.0)
    variables = dict(one.split("=", 1) for one in (tmp_path / "env").read_text().split("\0") if one)
    told = {name.lower(): variables[f"JOBCTL_ALERT_{name.upper()}"] for name in document}
    assert told == {**document, "count": "4"}
    said = variables["JOBCTL_ALERT_TEXT"]
    assert said.startswith("4 × failed on vm\n\\x00üü")
    assert 99_990 < len(said.encode()) <= 100_000
    assert "JOBCTL_ALERT_JOB" not in variables


def test_a_list_is_executed_as_it_is(tmp_path: Path) -> None:
    send({"command": ["touch", str(tmp_path / "a b")]}, MESSAGE, 10.0)
    assert (tmp_path / "a b").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo no route >&2; exit 4", "exited with 4: no route"),
        (["/nonexistent/tell"], "/nonexistent/tell: No such file"),
        ("sleep 60", "did not end within"),
    ],
)
def test_what_goes_wrong_is_said_in_words(command: str | list[str], words: str) -> None:
    with pytest.raises(ChannelProblem, match=words):
        send({"command": command}, MESSAGE, 0.3)


def test_a_command_that_takes_too_long_ends_with_all_that_it_has_started(tmp_path: Path) -> None:
    with pytest.raises(ChannelProblem, match="did not end"):
        send({"command": f"sleep 60 & echo $! > {tmp_path}/pid; wait"}, MESSAGE, 0.5)
    pid = int((tmp_path / "pid").read_text())
    until(lambda: not is_alive(pid), "the sleep is gone")
