"""Runs as JSON documents, with the secrets of their jobs masked in what they were given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobctl.cli.invocation import Invocation
from jobctl.cli.render.json import run_document
from jobctl.domain.run import Run
from jobctl.operations.secrecy import with_masked_params


def documents(call: Invocation, runs: Iterable[Run]) -> list[dict[str, Any]]:
    """A document for each run."""
    return [run_document(run) for run in with_masked_params(call.context, runs)]


def document(call: Invocation, run: Run) -> dict[str, Any]:
    """That of one run."""
    return documents(call, [run])[0]
