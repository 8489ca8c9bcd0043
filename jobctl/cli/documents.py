"""Runs as JSON documents, with the secrets of their jobs masked in what they were given, and long arrays of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from jobctl.cli.invocation import Invocation
from jobctl.cli.render.json import dumps, run_document
from jobctl.domain.run import Run
from jobctl.operations.secrecy import with_masked_params

_TOGETHER = 200  # in memory at once
T = TypeVar("T")


def documents(call: Invocation, runs: Iterable[Run]) -> list[dict[str, Any]]:
    """A document for each run."""
    return [run_document(run) for run in with_masked_params(call.context, runs)]


def document(call: Invocation, run: Run) -> dict[str, Any]:
    """That of one run."""
    return documents(call, [run])[0]


def print_documents(call: Invocation, runs: Iterable[Run]) -> None:
    """The array of their documents, written while the runs are read: there may be a million."""
    print_array(call, runs, partial(documents, call))


def print_array(call: Invocation, things: Iterable[T], documents_of: Callable[[list[T]], list[dict[str, Any]]]) -> None:
    """The array of the documents of many things: made and written some at a time, so that they need no room."""
    left, before = iter(things), "["
    while part := list(islice(left, _TOGETHER)):
        call.console.print(before + dumps(documents_of(part))[1:-1], end="")
        before = ", "
    call.console.print("[]" if before == "[" else "]")
