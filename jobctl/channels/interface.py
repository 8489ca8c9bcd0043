"""What a channel is: it takes one message, or says in a sentence why not.

Channels run in a child process of their own (`courier.py`), so they may block; secrets are read there, when they are
needed, and never appear in arguments, the environment or the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from jobctl.domain.alert_message import Message

Options = Mapping[str, object]
"""The keys of a `[channels.NAME]` with every `{ file = … }` and `{ env = … }` replaced by its value."""


class ChannelProblem(Exception):
    """The message was not taken. The text is a sentence; secrets in it are masked by whoever passes it on."""


class Channel(Protocol):
    """One type of channel."""

    def __call__(self, options: Options, message: Message, timeout: float) -> None:
        """Hand over the message, waiting for others no longer than `timeout` seconds at a time. ChannelProblem."""
        ...
