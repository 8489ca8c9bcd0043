"""A command of the operator's: the alert as JSON on its standard input, the gist of it in variables."""

from __future__ import annotations

import json
import os
import signal
import subprocess

from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message

_SAID = 300


def send(options: Options, message: Message, timeout: float) -> None:
    """See `interface.Channel`. Exit code 0 means that it was taken."""
    command = options["command"]
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else command
    assert isinstance(words, list)
    document = json.dumps({"subject": message.subject, **message.document}).encode()
    try:
        process = subprocess.Popen(
            words, env={**os.environ, **_variables(message)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ChannelProblem(f"{words[0]}: {error.strerror}") from None
    with process:
        try:
            stdout, stderr = process.communicate(document, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
            raise ChannelProblem(f"{words[0]} did not end within {timeout:.0f} s") from None
    if process.returncode:
        said = (stderr or stdout).decode(errors="replace").strip()[-_SAID:]
        raise ChannelProblem(f"{words[0]} exited with {process.returncode}{f': {said}' if said else ''}")


def _variables(message: Message) -> dict[str, str]:
    alert = message.document.get("alert")
    facts = {"SUBJECT": message.subject, "EVENT": message.document["event"], "HOST": message.document["host"]}
    facts["RECOVERED_FROM"] = message.document.get("recovered_from")
    if isinstance(alert, dict):
        facts |= {word.upper(): alert[word] for word in ("id", "job", "kind", "severity", "state", "count", "message")}
    return {f"JOBCTL_ALERT_{name}": "" if value is None else str(value) for name, value in facts.items()}
