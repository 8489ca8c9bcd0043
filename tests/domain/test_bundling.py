"""A storm of one cause is one message."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.alert import AlertKind, Telling, Trouble, occurred
from jobctl.domain.bundling import GATHER_MS, STORM_GATHER_MS, Plan, held_until, plan
from jobctl.domain.delivery import next_try
from jobctl.domain.notice import Notice, NoticeState

NOW = 1_795_000_000_000


def notice(number: int, kind: AlertKind = AlertKind.FAILED, due_at: int = NOW, tries: int = 0) -> Notice:
    alert = replace(occurred(None, Trouble(kind, "bad", f"job-{number}", f"job-{number}"), due_at).alert, id=number)
    return Notice(
        number, alert, Telling.OPENED, "bad", None, due_at, "ops", NoticeState.WAITING, due_at, tries, None, None
    )


def sent(number: int, at: int, kind: AlertKind = AlertKind.FAILED) -> Notice:
    return replace(notice(number, kind), state=NoticeState.SENT, done_at=at)


def numbers(planned: Plan) -> list[list[int]]:
    return [[one.id for one in bundle] for bundle in planned.bundles]


def test_one_notice_waits_a_moment_for_others_and_goes_alone() -> None:
    assert plan([notice(1)], [], NOW) == Plan((), NOW + GATHER_MS)
    assert numbers(plan([notice(1)], [], NOW + GATHER_MS)) == [[1]]


def test_few_are_told_one_by_one_and_many_at_once() -> None:
    few, many = [notice(number) for number in range(3)], [notice(number) for number in range(50)]
    assert numbers(plan(few, [], NOW + GATHER_MS)) == [[0], [1], [2]]
    assert numbers(plan(many, [], NOW + GATHER_MS)) == [list(range(50))]


def test_other_kinds_are_other_causes() -> None:
    waiting = [notice(number, AlertKind.LATE if number % 2 else AlertKind.FAILED) for number in range(10)]
    assert numbers(plan(waiting, [], NOW + GATHER_MS)) == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]


def test_after_three_messages_of_a_kind_the_next_are_gathered_for_a_minute() -> None:
    before = [sent(number, NOW - 1000 * number) for number in range(3)]
    assert plan([notice(7)], before, NOW + GATHER_MS) == Plan((), NOW + STORM_GATHER_MS)
    waiting = [notice(7), notice(8, due_at=NOW + 30_000)]
    assert numbers(plan(waiting, before, NOW + STORM_GATHER_MS)) == [[7, 8]]
    assert numbers(plan([notice(9, AlertKind.LATE)], before, NOW + GATHER_MS)) == [[9]]


def test_a_recovery_never_overtakes_what_is_over() -> None:
    before = [sent(number, NOW - 1000 * number) for number in range(3)]
    opened = notice(7)
    recovered = replace(notice(7, due_at=NOW + 10_000), id=8, telling=Telling.RECOVERED)
    assert plan([opened, recovered], before, NOW + 30_000) == Plan((), NOW + STORM_GATHER_MS)
    assert numbers(plan([opened, recovered], before, NOW + STORM_GATHER_MS)) == [[7]]
    assert numbers(plan([recovered], before, NOW + STORM_GATHER_MS)) == [[8]]


def test_a_recovery_waits_while_a_channel_refuses_to_take_what_is_over() -> None:
    refused = replace(notice(7, tries=2), due_at=NOW + 300_000)
    recovered = replace(notice(7), id=8, telling=Telling.RECOVERED)
    assert plan([refused, recovered], [], NOW + 60_000) == Plan((), NOW + 300_000)


def test_what_went_out_as_one_message_counts_as_one() -> None:
    assert numbers(plan([notice(9)], [sent(number, NOW - 5) for number in range(8)], NOW + GATHER_MS)) == [[9]]


def test_what_was_tried_before_does_not_wait_for_others_again() -> None:
    assert numbers(plan([notice(1, tries=2)], [], NOW)) == [[1]]


def test_what_is_due_later_is_planned_later() -> None:
    assert plan([notice(1, due_at=NOW + 5_000)], [], NOW) == Plan((), NOW + 5_000)


@given(st.lists(st.tuples(st.sampled_from(AlertKind), st.integers(-90_000, 5_000), st.integers(0, 2)), max_size=20))
def test_nothing_is_sent_twice_or_early_and_what_is_not_sent_is_planned(
    made: list[tuple[AlertKind, int, int]],
) -> None:
    waiting = [notice(number, kind, NOW + ago, tries) for number, (kind, ago, tries) in enumerate(made)]
    planned = plan(waiting, [], NOW)
    chosen = [one for bundle in planned.bundles for one in bundle]
    assert len({one.id for one in chosen}) == len(chosen)
    assert all(one.due_at <= NOW for one in chosen)
    assert (len(chosen) < len(waiting)) <= (planned.next_at is not None)
    assert planned.next_at is None or planned.next_at > NOW
    assert all(len({one.alert.kind for one in bundle}) == 1 for bundle in planned.bundles)


def test_a_message_is_tried_for_hours_and_less_and_less_often() -> None:
    waits: list[int] = []
    while (at := next_try(len(waits) + 1, NOW)) is not None:
        waits.append(at - NOW)
    assert waits == sorted(waits)
    assert waits[0] == 10_000
    assert 3 * 3_600_000 < sum(waits) < 5 * 3_600_000


def test_a_high_alert_is_never_gathered_for_a_minute_and_takes_the_others_with_it() -> None:
    before = [sent(number, NOW - 1000 * number) for number in range(3)]
    high = notice(8)
    high = replace(high, alert=replace(high.alert, severity="high"))
    assert plan([high], before, NOW) == Plan((), NOW + GATHER_MS)
    assert numbers(plan([notice(7), high], before, NOW + GATHER_MS)) == [[7, 8]]


def test_what_is_held_says_until_when_and_what_a_channel_refused_is_not_held() -> None:
    assert held_until(notice(1)) == NOW + STORM_GATHER_MS
    assert held_until(notice(1, tries=1)) is None
    assert held_until(sent(1, NOW)) is None
