"""A payload that is changed on the way back into the queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jobctl.domain.params import Signature, WrongParams, signature_from
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused, UsageError
from jobctl.operations.context import Context
from jobctl.operations.stored_runs import Runs

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Edit:
    """What is changed: `params` take the place of all values, `texts` of single ones (see Signature.payload)."""

    params: Mapping[str, object] | None = None
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def edited(ctx: Context, runs: Runs, edit: Edit) -> dict[int, str | None]:
    """The new payload of each run, by its id, as its job takes it now.

    UsageError names every run that cannot be given it, Refused a job that is not defined any more; then no run is to be
    changed.
    """
    signatures = {name: _signature(ctx, name) for name in {run.job for run in runs}}
    payloads: dict[int, str | None] = {}
    told: list[str] = []
    for run in runs:
        try:
            payloads[run.id] = _payload(signatures[run.job], run, edit)
        except WrongParams as wrong:
            told.append(f"{run.job} {to_text(run.id)}: {'; '.join(wrong.problems)}")
    if told:
        raise _refusal(told, len(runs), edit, sorted(signatures))
    return payloads


def _payload(signature: Signature, run: Run, edit: Edit) -> str | None:
    before = json.loads(run.params) if run.params is not None else {}
    return signature.payload(before if edit.params is None else edit.params, edit.texts)


def _signature(ctx: Context, job: str) -> Signature:
    definition = ctx.store.jobs.definition(job)
    if definition is None:
        raise Refused(
            f"{job} is not in the jobs file any more: nothing says which values it takes",
            "bring the job back",
        )
    return signature_from(job, json.loads(definition))


def _refusal(told: Sequence[str], total: int, edit: Edit, jobs: Sequence[str]) -> UsageError:
    hint = f"`jobctl show {jobs[0]}` shows what the job takes"
    if edit.params is None:
        hint += "; what is not edited stays as it was, and --params gives all values anew"
    if total == 1:
        return UsageError(told[0], hint)
    more = ("…",) if len(told) > _SHOWN else ()
    count = f"{len(told):,} of {total:,} runs cannot be given that, so none is retried"
    return UsageError("\n  ".join((count, *told[:_SHOWN], *more)), hint)
