"""Everything a keeper must know to execute one attempt."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from jobctl.process import protocol


class Owner(NamedTuple):
    """The user that an attempt runs as, resolved to numbers."""

    uid: int
    gid: int
    groups: tuple[int, ...]


class AttemptSpec(NamedTuple):
    """One attempt, resolved: nothing here is looked up again.

    `argv[0]` is an absolute path. `token` is the 16 random bytes that BEGIN and END carry. `timeout` and `grace` are
    seconds, `max_log_size` bytes. `rlimits` holds (resource, soft, hard) as setrlimit(2) takes them. None in `owner`,
    `umask` and `nice` leaves the daemon's own. `params_file` is the path of the file that the payload goes into, and
    its contents; the file exists while the job runs. The `secrets` are masked in the files `left` when the job has
    ended, the first ones first. An empty `log_path`: there is no log to keep, and the job has the keeper's own stdin,
    stdout and stderr (see `Streams`).
    """

    token: bytes
    run_id: str
    attempt: int
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    log_path: str
    owner: Owner | None = None
    umask: int | None = None
    nice: int | None = None
    rlimits: tuple[tuple[int, int, int], ...] = ()
    timeout: float | None = None
    grace: float = 10.0
    max_log_size: int = 10_000_000
    stdin: bytes | None = None
    params_file: tuple[str, bytes] | None = None
    left: tuple[str, ...] = ()
    secrets: tuple[bytes, ...] = ()

    def to_message(self) -> bytes:
        """The START message. ValueError when a text holds a NUL byte."""
        owner = None if self.owner is None else (self.owner.uid, self.owner.gid, self.owner.groups)
        params_file = None if self.params_file is None else (os.fsencode(self.params_file[0]), self.params_file[1])
        names = len(self.env)
        texts = _encoded(self.cwd, self.log_path, *self.env, *self.env.values(), *self.argv)
        spec = (
            self.token,
            self.run_id,
            self.attempt,
            tuple(texts[2 + 2 * names :]),
            dict(zip(texts[2 : 2 + names], texts[2 + names : 2 + 2 * names], strict=True)),
            texts[0],
            texts[1],
            owner,
            self.umask,
            self.nice,
            self.rlimits,
            self.timeout,
            self.grace,
            self.max_log_size,
            self.stdin,
            params_file,
            tuple(map(os.fsencode, self.left)),
            self.secrets,
        )
        return protocol.pack((protocol.START, spec))


def _encoded(*texts: str) -> list[bytes]:
    """All as the kernel takes them, in one go: thirty calls cost ten times as much."""
    encoded = os.fsencode("\0".join(texts)).split(b"\0")
    if len(encoded) != len(texts):
        raise ValueError("a text with a NUL byte")
    return encoded
