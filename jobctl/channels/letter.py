"""A message and the channel it goes through, on its way into the child process. Secrets travel as references."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message
from jobctl.domain.job import FromEnv, FromFile
from jobctl.domain.settings import ChannelSettings
from jobctl.plain_file import read_plain

_REFERENCES = {"file": FromFile, "env": FromEnv}


@dataclass(frozen=True, slots=True)
class Letter:
    """What one child process delivers."""

    channel: ChannelSettings
    message: Message
    timeout: float  # seconds that the channel may wait for others at a time

    def write(self) -> bytes:
        """As JSON."""
        options = {name: written(value) for name, value in self.channel.options.items()}
        document = {
            "channel": {"name": self.channel.name, "type": self.channel.type, "options": options},
            "message": {"subject": self.message.subject, "text": self.message.text, "document": self.message.document},
            "timeout": self.timeout,
        }
        return json.dumps(document).encode()


def read(data: bytes) -> Letter:
    """The letter as it was written."""
    document = json.loads(data)
    channel = document["channel"]
    options = {name: reference(value) for name, value in channel["options"].items()}
    settings = ChannelSettings(channel["name"], channel["type"], options)
    return Letter(settings, Message(**document["message"]), document["timeout"])


def resolved(channel: ChannelSettings) -> tuple[Options, frozenset[str]]:
    """The options with their secrets read, and the values that must not be shown. ChannelProblem names what cannot be
    read."""
    secrets: set[str] = set()
    options = {name: _resolve(name, value, secrets) for name, value in channel.options.items()}
    return options, frozenset(secrets)


def _resolve(name: str, value: object, secrets: set[str]) -> object:
    if isinstance(value, dict):
        return {key: _resolve(f"{name}.{key}", one, secrets) for key, one in value.items()}
    if isinstance(value, FromFile | FromEnv):
        text = fetched(name, value)
    else:
        if name in ("url", "secret") and isinstance(value, str):
            secrets.update(_parts(value))
        return value
    secrets.update(_parts(text))
    return text


def fetched(name: str, value: str | FromFile | FromEnv) -> str:
    """A secret, from where it is. ChannelProblem calls it by its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, FromEnv):
        found = os.environ.get(value.name)
        if found is None:
            raise ChannelProblem(f"{name} is taken from the daemon's variable {value.name}, which is not set")
        return found
    try:
        text = read_plain(Path(value.path)).text
        text.encode()
    except (OSError, UnicodeEncodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ChannelProblem(f"{name} is read from {value.path}: {reason}") from None
    return text.removesuffix("\n")


def _parts(text: str) -> set[str]:
    """The value, and the password in it where it is a URL: errors quote either. None in the path of a program."""
    with suppress(ValueError):
        url = urlsplit(text)
        if url.scheme == "sendmail":
            return set()
        if url.password:
            return {text, url.password, unquote(url.password)}
    return {text}


def written(value: object) -> object:
    """A value of an option as JSON has it: references to secrets stay references."""
    if isinstance(value, FromFile):
        return {"from": {"file": value.path}}
    if isinstance(value, FromEnv):
        return {"from": {"env": value.name}}
    if isinstance(value, dict):
        return {"table": {name: written(one) for name, one in value.items()}}
    return list(value) if isinstance(value, tuple) else value


def reference(value: object) -> object:
    """What `written` made JSON of."""
    if isinstance(value, dict) and "from" in value:
        ((kind, where),) = value["from"].items()
        return _REFERENCES[kind](where)
    if isinstance(value, dict):
        return {name: reference(one) for name, one in value["table"].items()}
    return value
