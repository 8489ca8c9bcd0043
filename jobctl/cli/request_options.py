"""The options that say what a run is to be, for the verbs that make runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

from jobctl.cli.declared import option
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import future
from jobctl.cli.seconds import seconds
from jobctl.domain.params import MAX_PAYLOAD
from jobctl.errors import UsageError
from jobctl.operations.edits import Edit
from jobctl.operations.request import Request
from jobctl.operations.request_lines import MAX_LINE, json_value

Param = Annotated[
    list[str] | None, option("--param", metavar="NAME=VALUE", help="A value for the job; again for each.")
]
Params = Annotated[
    str | None, option("--params", metavar="JSON", help="All values as a JSON object, or @FILE with one.")
]
Delay = Annotated[str | None, option("--delay", metavar="DURATION", help='Start not before "5m" from now, say.')]
At = Annotated[str | None, option("--at", metavar="TIME", help='Start not before, say, "tomorrow 09:00".')]
Priority = Annotated[
    int | None, option("--priority", metavar="N", help="1 lowest to 10 highest; the job's own when left out.")
]
Retries = Annotated[
    int | None, option("--retries", metavar="N", help="Attempts after the first; the job's own when left out.")
]
Key = Annotated[str | None, option("--id", metavar="KEY", help="Make no second run of the job for this word of yours.")]
Keep = Annotated[bool, option("--keep", help="Keep the run whatever the retention says.")]
From = Annotated[str | None, option("--from", metavar="FILE", help="A run for each line of JSON Lines; - is stdin.")]


def request(
    call: Invocation,
    param: Sequence[str] | None,
    params: str | None,
    delay: str | None,
    at: str | None,
    priority: int | None,
    retries: int | None,
    key: str | None,
    keep: bool,
) -> Request:
    """What the options ask for. UsageError; what the job does not take is found later."""
    return Request(
        params={} if params is None else _object(params),
        texts=_texts(param or ()),
        due_at=_due_at(call, delay, at),
        priority=priority,
        retries=retries,
        key=key,
        keep=keep,
    )


def edit(param: Sequence[str] | None, params: str | None) -> Edit | None:
    """What the options change in a payload; None: nothing. UsageError."""
    if params is None and not param:
        return None
    return Edit(None if params is None else _object(params), _texts(param or ()))


def refuse_id_of_lines(source: str | None, key: str | None) -> None:
    """UsageError: one id cannot be that of many runs."""
    if source is not None and key is not None:
        raise UsageError("--id and --from exclude each other", 'write {"id": …} into the lines')


def open_lines(source: str) -> BinaryIO:
    """The file, or standard input for `-`. UsageError when it cannot be read."""
    if source == "-":
        return sys.stdin.buffer
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise UsageError(f"--from {source}: {error.strerror}", "name a file of JSON Lines, or - for stdin") from None


def _texts(written: Sequence[str]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for text in written:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError("--param needs a name and a value", "write --param NAME=VALUE")  # which may be secret
        texts.setdefault(name, []).append(value)
    return texts


def _object(params: str) -> dict[str, object]:
    hint = 'write \'{"name": "value"}\', or @FILE with that'
    text = _content(params[1:]) if params.startswith("@") else params
    try:
        found = json_value(text)
    except ValueError as error:
        raise UsageError(f"--params: {error}", hint) from None
    if not isinstance(found, dict):
        raise UsageError("--params: expected a JSON object", hint)
    return found


def _content(name: str) -> bytes:
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
            content = file.read(MAX_LINE + 1)
    except OSError as error:
        raise UsageError(f"--params @{name}: {error.strerror}", "name a file with a JSON object") from None
    if len(content) > MAX_LINE:
        raise UsageError(f"--params @{name}: a payload is at most {MAX_PAYLOAD:,} bytes as JSON", "hand over a path")
    return content


def _due_at(call: Invocation, delay: str | None, at: str | None) -> int | None:
    if delay is not None and at is not None:
        raise UsageError("--delay and --at exclude each other", "keep one of them")
    now = call.context.clock.now()
    if (wait := seconds("--delay", delay, may_be_zero=True)) is not None:
        return now + round(1000 * wait)
    found = future("--at", at, now)
    if found is not None and found <= now:
        call.console.note("that time has passed: it starts as soon as it may")
    return found
