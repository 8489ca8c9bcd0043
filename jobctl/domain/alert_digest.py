"""What one message says about many alerts of one kind that came together. Pure; times are said in UTC.

As much as single messages would, but each cause once, by its newest notice, and what several of them have to say alike
once for all: a server that is down is one output and fifty names.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from jobctl.domain.alert import AlertState
from jobctl.domain.alert_causes import IN_FULL, Cause, Group, causes_of, groups_of, output_of, run_of, wrote_nothing
from jobctl.domain.alert_message import (
    WROTE_NOTHING,
    Message,
    RunFacts,
    about,
    alert_facts,
    before_facts,
    before_words,
    commands_of,
    run_facts,
    shows,
    suffix,
    which_run,
)
from jobctl.domain.excerpt import cut
from jobctl.domain.notice import Notice
from jobctl.domain.outcome import signal_name
from jobctl.domain.units import said

_UNSEEN = frozenset({AlertState.OPEN, AlertState.STILL_FAILING})
_NAMED = 100  # causes beyond those in full, of which the names are told
_SUMMED_UP = 3  # names in the sentence that stands for the whole
_LISTED = 100  # alerts that `jobctl alerts` shows where nobody asks for more
_COLUMNS = 92
_WIDEST_MESSAGE = 300  # characters
_LINES = (("before",), ("alert", "severity", "since", "count", "told", "state"), ("run", "end", "at"))
_LACKING = {"count": "once so far", "told": "told once", "state": "open", "run": "no run", "end": "no exit code"}


def digest_of(notices: Sequence[Notice], host: str, facts: Mapping[int, RunFacts], call: str = "jobctl") -> Message:
    """About alerts of one kind, of which there is at least one. `facts`: of the runs that are kept, by id, with output
    for those in `runs_to_read`. Commands begin with `call`."""
    causes = causes_of(notices)
    in_full = causes[:IN_FULL]
    groups = groups_of(in_full, facts)
    headline = _headline(causes)
    blocks = [*(_block(group, facts, call) for group in groups), *_rest(causes[IN_FULL:])]
    commands = _commands(in_full, _count(causes), call)
    lines = [f"{headline} on {host}"]
    for block in (*blocks, [f"    {command}" for command in commands]):
        lines += ["", *block]
    outputs = {cause.newest.id: _own(cause, group, facts) for group in groups for cause in group.causes}
    document: dict[str, object] = {
        "text": "\n".join(lines),
        "event": "digest",
        "told": causes[0].newest.telling.word,
        "host": host,
        "kind": causes[0].newest.alert.kind.word,
        "severity": causes[0].newest.alert.severity,
        "count": _count(causes),
        "message": f"{headline}: {_names(causes)}",
        "alerts": [
            _document(notice, cause, facts, outputs.get(notice.id), call) for cause in causes for notice in cause.alerts
        ],
        "commands": commands,
    }
    return Message(f"[jobctl] {headline} ({host})", "\n".join(lines) + "\n", document)


def _count(causes: Sequence[Cause]) -> int:
    return sum(len(cause.alerts) for cause in causes)


def _headline(causes: Sequence[Cause]) -> str:
    """`12 × failed of 11 jobs, still`: the jobs are counted where they are fewer than the alerts."""
    count, first = _count(causes), causes[0].newest
    jobs = {cause.newest.alert.job for cause in causes}
    of_jobs = f" of {len(jobs)} job{'' if len(jobs) == 1 else 's'}" if len(jobs) < count and None not in jobs else ""
    return f"{count} × {first.alert.kind.word.replace('_', ' ')}{of_jobs}{suffix(first.telling)}"


def _names(causes: Sequence[Cause]) -> str:
    more = f" and {len(causes) - _SUMMED_UP} more" if len(causes) > _SUMMED_UP else ""
    return ", ".join(about(cause.newest.alert) for cause in causes[:_SUMMED_UP]) + more


def _block(group: Group, facts: Mapping[int, RunFacts], call: str) -> list[str]:
    """The first cause with all that is known of it, and of the others what is not the same."""
    first, *others = group.causes
    run = run_of(first.newest, facts)
    told = _told(first, run)
    lines = [f"{about(first.newest.alert)}: {told['what']}"]
    for labels in _LINES:
        words = [told[label] for label in labels if label in told and not _is_repeated(label, told)]
        lines += [f"    {', '.join(words)}"] if words else []
    if group.excerpt:
        count = f"last {len(group.excerpt)} lines" if len(group.excerpt) > 1 else "last line"
        lines.append(f"    The {count} of its output{', cut to fit' if group.is_cut else ''}:")
        lines += [f"        {line}" for line in group.excerpt]
    elif wrote_nothing(first.newest, facts):
        lines.append(f"    {WROTE_NOTHING}")
    lines += [f"    {command}" for command in shows(first.newest, run, call)]
    if others:
        same = f", with the same output{'' if group.is_exact else ' but for numbers'}" if group.excerpt else ""
        lines.append(f"    {len(others)} more like it{same}:")
    return lines + [f"        {_briefly(other, told, facts)}" for other in others]


def _briefly(cause: Cause, above: Mapping[str, str], facts: Mapping[int, RunFacts]) -> str:
    told = _told(cause, run_of(cause.newest, facts))
    unsaid = {"before"} if cause.newest.telling.is_end else set()
    if _is_repeated("end", told) or ("end" not in told and _is_repeated("end", above)):
        unsaid.add("end")
    labels = ["what", *(label for line in _LINES for label in line if label not in unsaid)]
    words = [told.get(label, _LACKING.get(label)) for label in labels if told.get(label) != above.get(label)]
    return f"{about(cause.newest.alert)}: {', '.join(word for word in words if word is not None)}"


def _is_repeated(label: str, told: Mapping[str, str]) -> bool:
    """Whether the message has said it: `failed with exit code 1 after 2s`."""
    return label == "end" and "end" in told and re.search(rf"\b{told['end']}\b", told["what"]) is not None


def _told(cause: Cause, run: RunFacts | None) -> dict[str, str]:
    """What there is to say, by what it answers."""
    notice, alert = cause.newest, cause.newest.alert
    told = {
        "what": cut(notice.message, _WIDEST_MESSAGE),
        "alert": f"alert {alert.id}",
        "severity": alert.severity,
        "since": f"since {said(alert.opened_at)}",
    }
    if alert.count > 1:
        told["count"] = f"{alert.count} times so far"
    if len(cause.alerts) > 1:
        told["told"] = f"{len(cause.alerts)} alerts in this message"
    elif len(cause.notices) > 1:
        told["told"] = f"told {len(cause.notices)} times in this message"
    if before := before_words(notice):
        told["before"] = f"before: {cut(before, _WIDEST_MESSAGE)}"
    if notice.telling.is_end:
        del told["since"]  # its message says for how long
    elif alert.state is AlertState.ACKNOWLEDGED:
        told["state"] = f"acknowledged by {alert.acknowledged_by}"
    elif not alert.is_open:
        told["state"] = f"{alert.state.word} by now"
    return told if run is None else told | _of_run(notice, run)


def _of_run(notice: Notice, run: RunFacts) -> dict[str, str]:
    told = {"run": f"run {run.run}{which_run(notice)}"}
    if notice.telling.is_end:
        return told  # how it ended is what the message says
    # An alert of several was opened by an earlier one, so that its time does not say when this one was.
    is_newer = notice.alert.count > 1 or bool(which_run(notice))
    if run.exit_code is not None:
        told["end"] = f"exit code {run.exit_code}"
    if run.signal is not None:
        told["end"] = f"killed by {signal_name(run.signal)}"
    if run.finished_at is None and run.started_at is not None:
        told["at"] = f"started {said(run.started_at)}"
    elif run.finished_at is not None and is_newer:
        told["at"] = f"ended {said(run.finished_at)}"
    return told


def _rest(causes: Sequence[Cause]) -> list[list[str]]:
    if not causes:
        return []
    names = ", ".join(about(cause.newest.alert) for cause in causes[:_NAMED])
    unnamed = [f"    … and {len(causes) - _NAMED} more"] if len(causes) > _NAMED else []
    wrapped = textwrap.wrap(names, _COLUMNS, break_long_words=False, break_on_hyphens=False)
    return [
        [
            f"And {len(causes)} more, of which only the names are told here:",
            *(f"    {line}" for line in wrapped),
            *unnamed,
        ]
    ]


def _commands(in_full: Sequence[Cause], count: int, call: str) -> list[str]:
    """What lists them all, and what takes note of those that are told in full."""
    over = " --all" if in_full[0].newest.telling.is_end else ""
    listing = f"{call} alerts{over}{f' -n {count}' if count > _LISTED else ''}"
    unseen = [cause.newest.alert for cause in in_full if cause.newest.alert.state in _UNSEEN]
    ids = " ".join(str(alert.id) for alert in unseen)
    return [listing, f"{call} alerts ack {ids}"] if ids and not over else [listing]


def _document(
    notice: Notice, cause: Cause, facts: Mapping[int, RunFacts], output: list[str] | None, call: str
) -> dict[str, object]:
    """One alert for programs. `output` None: it is not in this message."""
    run = run_of(notice, facts)
    return {
        **alert_facts(notice.alert, notice.message),
        "recovered_from": notice.alert.message if notice.telling.is_end else None,
        "before": before_facts(notice),
        "times": sum(one.alert.id == notice.alert.id for one in cause.notices),
        **run_facts(run),
        "output": output if run is not None else [],
        "commands": commands_of(notice, run, call),
    }


def _own(cause: Cause, group: Group, facts: Mapping[int, RunFacts]) -> list[str]:
    """The cause's own output, of as many lines as the text shows of the group's."""
    output = output_of(cause.newest, facts)
    return [cut(line) for line in output[len(output) - len(group.excerpt) :]]
