"""What a job's secrets are, for verbs that show what the job wrote or store what it left.

Which variables are secret is known from the stored definition; a job without any costs a look into that. What masks is
imported inside the functions: most jobs have no secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jobctl.domain.definition_records import has_secrets
from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.operations.definitions import load_configuration

if TYPE_CHECKING:
    from jobctl.domain.job import EnvValue, Execution
    from jobctl.domain.masking import Masker
    from jobctl.domain.outcome import AttemptEnd, Conclusion
    from jobctl.domain.run import Run


def masker_of(ctx: Context, job: str) -> Masker | None:
    """What masks the output of a job; None when it has no secrets. JobsFileError: they stand in a file that cannot be
    used, so nothing that may hold them is shown."""
    secrets = _secrets_of(ctx, job)
    if not secrets:
        return None
    from jobctl.domain.masking import Masker  # regular expressions for jobs with secrets

    return Masker(secrets)


def masked(ctx: Context, job: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a job's output with its secrets masked, wherever they are cut. JobsFileError."""
    masker = masker_of(ctx, job)
    if masker is None:
        yield from pieces
        return
    for piece in pieces:
        if shown := masker.feed(piece):
            yield shown
    if shown := masker.feed(b"", final=True):
        yield shown


def masked_end(ctx: Context, job: str, data: bytes, most: int) -> bytes:
    """The last `most` bytes of a job's output, or all of it, with its secrets masked. JobsFileError."""
    secrets = _secrets_of(ctx, job)
    if not secrets:
        return data
    from jobctl.domain.masking import mask_end  # regular expressions for jobs with secrets

    return mask_end(data, secrets, most)


def unmasked(ctx: Context, job: str) -> tuple[str, ...]:
    """Which secrets of a job cannot be masked, since nobody here can know their values now: a sentence each. A run may
    have been given them all the same, by a daemon that is gone."""
    execution = _execution_of(ctx, job)
    if execution is None:
        return ()
    from jobctl.process.secret_values import unknown_secrets  # for jobs with secrets

    reasons = unknown_secrets(execution, ctx.places.jobs_file, _starters(ctx, execution))
    return tuple(f"not masked, for its value is not known here: {reason}" for reason in reasons)


def masked_text(ctx: Context, job: str, text: str) -> str:
    """What a job says of itself, with its secrets masked; all of it where those cannot be known now."""
    try:
        secrets = _secrets_of(ctx, job)
    except JobctlError:
        return "***"
    if not secrets:
        return text
    from jobctl.domain.masking import mask  # regular expressions for jobs with secrets

    return mask(text, secrets)


def with_masked_params(ctx: Context, runs: Iterable[Run]) -> list[Run]:
    """The runs as they may be shown: a value that somebody gave to a run may hold what its job keeps secret. The
    payload is told as nothing but `***` where the secrets cannot be known now."""
    known: dict[str, frozenset[str] | None] = {}
    return [run if run.params is None else _with_masked_params(ctx, run, known) for run in runs]


def _with_masked_params(ctx: Context, run: Run, known: dict[str, frozenset[str] | None]) -> Run:
    if run.job not in known:
        try:
            known[run.job] = _secrets_of(ctx, run.job)
        except JobctlError:
            known[run.job] = None
    secrets = known[run.job]
    if secrets is not None and not secrets:
        return run
    import json  # as in _secrets_of

    from jobctl.domain.masking import MASK, mask_document  # regular expressions for jobs with secrets
    from jobctl.domain.params import encode

    shown = MASK if secrets is None else mask_document(json.loads(run.params or "{}"), secrets)
    return run._replace(params=encode(shown) if isinstance(shown, dict) else json.dumps(shown))


def without_secrets(ctx: Context, job: str, end: AttemptEnd, conclusion: Conclusion) -> tuple[AttemptEnd, Conclusion]:
    """The end of an attempt as it may be stored: its keeper has masked what the job left, unless it was killed. What
    is known here is masked once more. JobsFileError."""
    execution = _execution_of(ctx, job)
    if execution is None:
        return end, conclusion
    from jobctl.domain.secret_end import without_secrets as mask_end  # regular expressions for jobs with secrets
    from jobctl.domain.secret_end import without_words

    if end.lost:
        return end, without_words(conclusion)
    return mask_end(end, conclusion, _secrets_of(ctx, job))


def _secrets_of(ctx: Context, job: str) -> frozenset[str]:
    execution = _execution_of(ctx, job)
    if execution is None:
        return frozenset()
    from jobctl.process.secret_values import secret_values  # for jobs with secrets

    return secret_values(execution, ctx.places.jobs_file, _starters(ctx, execution))


def _starters(ctx: Context, execution: Execution) -> dict[str, str] | None:
    """The environment of a living daemon, where the job takes something from it."""
    from jobctl.domain.job import FromEnv  # as above
    from jobctl.operations.daemon_environment import daemon_environment  # /proc, for the few jobs that do

    if not any(isinstance(value, FromEnv) for value in execution.env.values()):
        return None
    return daemon_environment(ctx)


def _execution_of(ctx: Context, job: str) -> Execution | None:
    """Where the secrets of a job come from; None: it has none."""
    text = ctx.store.jobs.definition(job)
    if text is None and (removed := ctx.store.jobs.removed(job)) is not None:
        text = removed.definition
    import json  # 2 ms, where a job is asked about

    definition: dict[str, Any] = json.loads(text or "{}")
    if not has_secrets(definition):
        return None
    from jobctl.domain.job import Execution  # and what a jobs file may say, for jobs with secrets

    names, env_file = frozenset(definition.get("secrets") or ()), definition.get("env_file")
    values = {name: _env_value(value) for name, value in (definition.get("env") or {}).items()}
    if any(isinstance(values.get(name), str) for name in names):  # the store has no more than a digest of them
        values |= _plain_values(ctx, job)
    user, group = definition.get("user"), definition.get("group_name")
    return Execution(env=values, env_file=env_file, user=user, group=group, secrets=names)


def _env_value(value: Any) -> EnvValue:
    from jobctl.domain.job import FromEnv, FromFile  # for jobs with secrets

    if isinstance(value, dict):
        return FromFile(value["file"]) if "file" in value else FromEnv(value["env"])
    return str(value)


def _plain_values(ctx: Context, job: str) -> dict[str, EnvValue]:
    defined = load_configuration(ctx).jobs.get(job)
    return {} if defined is None else dict(defined.execution.env)
