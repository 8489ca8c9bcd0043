"""From stored notices to a message: the runs, the ends of their logs, the host. Secrets are masked here."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from jobctl.config.places import options_for
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import AlertKind
from jobctl.domain.alert_causes import run_of, runs_to_read
from jobctl.domain.alert_digest import digest_of
from jobctl.domain.alert_message import Message, RunFacts, message_of
from jobctl.domain.excerpt import LINES
from jobctl.domain.masking import mask, mask_document, mask_end
from jobctl.domain.notice import Notice, up_to_date
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.domain.run import DEAD, Run
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound
from jobctl.process.output import last_lines
from jobctl.process.secret_values import secret_values
from jobctl.process.terminal_text import neutralise
from jobctl.store.records import HistoryFilter

_MOST_BYTES = 32_768  # of one output, however long its lines are


def write_message(around: Surroundings, notices: Sequence[Notice]) -> Message:
    """One message about these notices, of which there is at least one. At most twenty logs are read for it."""
    host, call = socket.gethostname(), shlex.join(["jobctl", *options_for(around.places)])
    secrets = _secrets(around, notices)
    newest = [_with_last_failure(around, up_to_date(notice)) for notice in notices]
    seen = [_masked_notice(notice, secrets) for notice in newest]
    if len(seen) > 1:
        message = digest_of(seen, host, _facts(around, seen, runs_to_read(seen), secrets), call)
    else:
        facts = _facts(around, seen, {notice.run_id for notice in seen}, secrets)
        message = message_of(seen[0], host, run_of(seen[0], facts), call)
    return _masked(message, secrets)


def _with_last_failure(around: Surroundings, notice: Notice) -> Notice:
    """A success that is missing is about no run: the newest one that failed, if none has succeeded since, says more."""
    job = notice.alert.job
    if notice.alert.kind is not AlertKind.NO_SUCCESS or notice.telling.is_end or job is None:
        return notice
    if around.store.alerts.streak(job) >= 0:
        return notice
    run = next(iter(around.store.runs.history(HistoryFilter(jobs=(job,), statuses=tuple(DEAD), limit=1))), None)
    return notice if run is None else replace(notice, run_id=run.id)


def _facts(
    around: Surroundings, notices: Sequence[Notice], to_read: Collection[int | None], secrets: frozenset[str]
) -> dict[int, RunFacts]:
    """The runs that are still kept, by id; with output where that is asked for."""
    ids = dict.fromkeys(notice.run_id for notice in notices if notice.run_id is not None)
    runs = [run for run in map(around.store.runs.get, ids) if run is not None]
    return {run.id: _facts_of(run, _output(around, run, secrets) if run.id in to_read else []) for run in runs}


def _facts_of(run: Run, output: Sequence[str]) -> RunFacts:
    return RunFacts(
        run=to_text(run.id),
        exit_code=run.exit_code,
        signal=run.signal,
        started_at=run.started_at,
        finished_at=run.finished_at,
        output=output,
        has_log=run.attempt > 0,
        wrote_nothing=wrote_nothing(run),
    )


def wrote_nothing(run: Run) -> bool:
    """What a full disk may have kept from its log is not said to be nothing."""
    return run.status.is_final and run.log_bytes == 0 and OUTPUT_MAY_BE_MISSING not in (run.reason or "")


def _output(around: Surroundings, run: Run, secrets: frozenset[str]) -> list[str]:
    """The last lines; none when the log is gone or was never written."""
    if not run.attempt:
        return []
    data = b""
    with suppress(NotFound, OSError):
        data = last_lines(around.places.log_file(run.id, run.attempt), LINES, _MOST_BYTES)
    return neutralise(mask_end(data, secrets, _MOST_BYTES)).splitlines()


def _masked_notice(notice: Notice, secrets: frozenset[str]) -> Notice:
    """Reasons may quote what a job was given, too. Masked first: a value of which a part is cut off is not known any
    more."""
    alert = replace(notice.alert, message=mask(notice.alert.message, secrets))
    before = notice.before
    if before is not None:
        before = replace(before, message=mask(before.message, secrets))
    return replace(notice, alert=alert, message=mask(notice.message, secrets), before=before)


def _masked(message: Message, secrets: frozenset[str]) -> Message:
    """All else, whatever it quotes."""
    document = mask_document(message.document, secrets)
    assert isinstance(document, dict)
    return Message(mask(message.subject, secrets), mask(message.text, secrets), document)


def _secrets(around: Surroundings, notices: Sequence[Notice]) -> frozenset[str]:
    """Those of all jobs that the message is about: what one of them wrote may hold the secret of another."""
    names = {notice.alert.job for notice in notices if notice.alert.job is not None}
    jobs = [job for job in map(around.catalogue.job, names) if job is not None]
    return frozenset().union(*(secret_values(job.execution, around.places.jobs_file) for job in jobs))
