"""The child process that delivers one letter: `python -m jobctl.channels`, the letter on standard input.

Exit status 0: the channel took it. Otherwise standard output says why not, with secrets masked. The kernel ends the
process when its time is over, whatever it waits for and whether or not its parent lives.
"""

from __future__ import annotations

import signal
import sys

from jobctl.channels import apprise, command, email, webhook
from jobctl.channels.interface import Channel, ChannelProblem
from jobctl.channels.letter import Letter, read, resolved
from jobctl.domain.masking import mask

CHANNELS: dict[str, Channel] = {
    "email": email.send,
    "webhook": webhook.send,
    "command": command.send,
    "apprise": apprise.send,
}
_TIMES = 3  # several waits may follow each other: connect, greet, log in, send


def main() -> int:
    letter = read(sys.stdin.buffer.read())
    signal.alarm(round(_TIMES * letter.timeout))
    problem = deliver(letter)
    if problem is not None:
        sys.stdout.write(problem)
    return int(problem is not None)


def deliver(letter: Letter) -> str | None:
    """Hand the letter to its channel. The sentence says why that did not work."""
    secrets: frozenset[str] = frozenset()
    try:
        options, secrets = resolved(letter.channel)
        CHANNELS[letter.channel.type](options, letter.message, letter.timeout)
    except ChannelProblem as problem:
        return " ".join(mask(str(problem), secrets).split())
    except Exception as problem:
        return " ".join(mask(f"{type(problem).__name__}: {problem}", secrets).split())
    return None


if __name__ == "__main__":
    sys.exit(main())
