"""What a keeper and its daemon say to each other, over a stream socket pair: length-prefixed `marshal`.

`marshal` and not JSON: both ends are the same program on the same interpreter, it needs no import and a spec of
100 variables takes 20 microseconds. Should an upgrade change the files under a running daemon, a new keeper says
another `VERSION` in its greeting and is not used.

Each message is a tuple whose first element is one of the kinds below. Every text that reaches the kernel (arguments,
variables, paths) travels as bytes, so that both ends may run in different locales.
"""

from __future__ import annotations

import marshal
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself is heavier than all that a keeper imports
    from typing import Any

VERSION = 4
SOCKET_FD = 3  # where a keeper finds its end of the pair

# From the daemon
START = 1  # (START, spec): execute this attempt; the fields of the spec are in `spec.py`
STOP = 2  # (STOP, signal, grace): stop the job that runs now, if any
SIGNAL = 3  # (SIGNAL, number): pass a signal on to the job that runs now, if any, whatever it makes of it

# From the keeper
READY = 11  # (READY, version, pid, start time): the record file stands and is locked
STARTED = 12  # (STARTED, token, pid)
ENDED = 13  # (ENDED, leftovers, the arguments of RecordFile.write_end): its END is durable

_LENGTH = struct.Struct("<I")
_MARSHAL_VERSION = 2  # without the back references of later ones: the same bytes for the same value


def pack(message: tuple[Any, ...]) -> bytes:
    """The bytes of one message."""
    body = marshal.dumps(message, _MARSHAL_VERSION)
    return _LENGTH.pack(len(body)) + body


class Inbox:
    """Bytes as they come in, messages as they get complete."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, received: bytes) -> list[tuple[Any, ...]]:
        """Take in what the socket gave; the messages that are complete now."""
        self._bytes += received
        messages = []
        start = 0
        while len(self._bytes) - start >= _LENGTH.size:
            end = start + _LENGTH.size + _LENGTH.unpack_from(self._bytes, start)[0]
            if len(self._bytes) < end:
                break
            messages.append(marshal.loads(self._bytes[start + _LENGTH.size : end]))
            start = end
        del self._bytes[:start]
        return messages
