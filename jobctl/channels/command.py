"""A command of the operator's: the alert as JSON on its standard input, the gist and the whole text in variables."""

from __future__ import annotations

import json
import os
import signal
import subprocess

from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message

_SAID = 300
_LONGEST = 100_000  # bytes of a variable; the kernel takes no more than 131,072


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
    facts["TEXT"] = message.text
    words = ("id", "job", "kind", "severity", "state", "count", "message")
    of_alert = alert if isinstance(alert, dict) else message.document  # a digest says some of it of all its alerts
    facts |= {word.upper(): of_alert[word] for word in words if word in of_alert}
    return {f"JOBCTL_ALERT_{name}": "" if value is None else _variable(str(value)) for name, value in facts.items()}


def _variable(value: str) -> str:
    """As an environment can hold it."""
    encoded = value.replace("\0", "\\x00").encode(errors="replace")
    return encoded[:_LONGEST].decode(errors="ignore")
