"""From stored notices to a message: the run, the end of its log, the host. Secrets are masked here."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Sequence
from contextlib import suppress

from jobctl.config.places import options_for
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert_message import LINES, Message, RunFacts, digest_of, message_of
from jobctl.domain.masking import mask, mask_bytes, mask_document
from jobctl.domain.notice import Notice
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound
from jobctl.process.output import last_lines
from jobctl.process.secret_values import secret_values
from jobctl.process.terminal_text import neutralise

_MOST_BYTES = 32_768  # of output, however long its lines are


def write_message(around: Surroundings, notices: Sequence[Notice]) -> Message:
    """One message about these notices, of which there is at least one."""
    host, call = socket.gethostname(), shlex.join(["jobctl", *options_for(around.places)])
    if len(notices) > 1:
        return _masked(around, notices, digest_of(notices, host, call))
    run = None if notices[0].run_id is None else around.store.runs.get(notices[0].run_id)
    return _masked(around, notices, message_of(notices[0], host, None if run is None else _facts(around, run), call))


def _facts(around: Surroundings, run: Run) -> RunFacts:
    return RunFacts(
        run=to_text(run.id),
        exit_code=run.exit_code,
        signal=run.signal,
        started_at=run.started_at,
        finished_at=run.finished_at,
        output=_output(around, run),
        has_log=run.attempt > 0,
    )


def _output(around: Surroundings, run: Run) -> list[str]:
    """The last lines; none when the log is gone or was never written."""
    if not run.attempt:
        return []
    data = b""
    with suppress(NotFound, OSError):
        data = last_lines(around.places.log_file(run.id, run.attempt), LINES, _MOST_BYTES)
    return neutralise(mask_bytes(data, _secrets(around, run.job))).splitlines()


def _masked(around: Surroundings, notices: Sequence[Notice], message: Message) -> Message:
    """Reasons may quote what a job was given, too."""
    secrets = frozenset().union(*(_secrets(around, job) for job in {one.alert.job for one in notices} if job))
    document = mask_document(message.document, secrets)
    assert isinstance(document, dict)
    return Message(mask(message.subject, secrets), mask(message.text, secrets), document)


def _secrets(around: Surroundings, name: str) -> frozenset[str]:
    job = around.catalogue.job(name)
    return frozenset() if job is None else secret_values(job.execution, around.places.jobs_file)
