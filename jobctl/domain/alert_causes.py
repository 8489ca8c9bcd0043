"""What notices that go out together are about: each cause once, those together that have the same to say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobctl.domain.alert_message import RunFacts
from jobctl.domain.excerpt import but_for_numbers, excerpts
from jobctl.domain.notice import Notice

IN_FULL = 20  # causes of which a message tells all that is known
_SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Cause:
    """What a message has to say of one subject. It may have several alerts, one after the other."""

    notices: tuple[Notice, ...]  # in the order in which they were made

    @property
    def newest(self) -> Notice:
        """The one that tells how it is."""
        return self.notices[-1]

    @property
    def alerts(self) -> list[Notice]:
        """The newest notice of each of its alerts."""
        return list({notice.alert.id: notice for notice in self.notices}.values())


@dataclass(frozen=True, slots=True)
class Group:
    """Causes whose runs wrote the same output or, without any, of which the same is to be said."""

    causes: tuple[Cause, ...]
    excerpt: Sequence[str]  # the last lines of the first one's output, as many as there is room for
    is_cut: bool  # whether they are less than what was read
    is_exact: bool  # False: the same but for numbers


def causes_of(notices: Sequence[Notice]) -> list[Cause]:
    """What is most severe comes first, then what came first."""
    of_subject: dict[str, list[Notice]] = {}
    for notice in sorted(notices, key=lambda notice: (notice.made_at, notice.id)):
        of_subject.setdefault(notice.alert.subject, []).append(notice)
    found = [Cause(tuple(group)) for group in of_subject.values()]
    return sorted(found, key=lambda cause: _SEVERITIES.index(cause.newest.alert.severity))


def runs_to_read(notices: Sequence[Notice]) -> frozenset[int]:
    """The runs whose last lines are told: twenty at most, and none where the alert is over."""
    told = [cause.newest for cause in causes_of(notices)[:IN_FULL]]
    return frozenset(one.run_id for one in told if one.run_id is not None and not one.telling.is_end)


def groups_of(causes: Sequence[Cause], facts: Mapping[int, RunFacts]) -> list[Group]:
    """The causes by what they have in common, in the order of the first of each group."""
    alike: dict[tuple[str, ...], list[Cause]] = {}
    for cause in causes:
        output = output_of(cause.newest, facts)
        what = "output" if output else "nothing" if wrote_nothing(cause.newest, facts) else "none"
        key = (what, *but_for_numbers(output or [_but_for_job(cause.newest)]))
        alike.setdefault(key, []).append(cause)
    outputs = [output_of(group[0].newest, facts) for group in alike.values()]
    return [
        Group(tuple(group), excerpt, list(output) != excerpt, _is_exact(group, facts))
        for group, output, excerpt in zip(alike.values(), outputs, excerpts(outputs), strict=True)
    ]


def run_of(notice: Notice, facts: Mapping[int, RunFacts]) -> RunFacts | None:
    """The run that the notice is about, if there is one and it is kept."""
    return None if notice.run_id is None else facts.get(notice.run_id)


def output_of(notice: Notice, facts: Mapping[int, RunFacts]) -> Sequence[str]:
    """The last lines of that run; none where the alert is over."""
    run = run_of(notice, facts)
    return run.output if run is not None and not notice.telling.is_end else ()


def _but_for_job(notice: Notice) -> str:
    """The message without the job in the command that it names: each job's is its own."""
    return notice.message.replace(f" {notice.alert.job}`", "`")


def wrote_nothing(notice: Notice, facts: Mapping[int, RunFacts]) -> bool:
    """Whether that run is known to have no output, and that is told."""
    run = run_of(notice, facts)
    return run is not None and run.wrote_nothing and not notice.telling.is_end


def _is_exact(group: Sequence[Cause], facts: Mapping[int, RunFacts]) -> bool:
    said = {tuple(output_of(cause.newest, facts)) or (cause.newest.message,) for cause in group}
    return len(said) == 1
