"""The output of several jobs at once: whole lines, each headed by its job."""

from __future__ import annotations


class Prefixed:
    """Bytes of one job as they come; what is given back ends with a line break or is empty."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The lines that are whole now."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        return b"".join(self._prefix + line + b"\n" for line in whole)

    def flush(self) -> bytes:
        """The last line, which the job did not end."""
        return self.feed(b"\n") if self._rest else b""
