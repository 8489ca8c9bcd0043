"""What is told to the address of a job, in which order, and what is no news any more."""

from __future__ import annotations

import pytest

from jobctl.domain.heartbeat import Failing, Ping, PingKind, address, failing_for_long, plan, suffix_of, try_again_at
from jobctl.domain.run import Status

NOW = 1_795_000_000_000
MINUTE, HOUR = 60_000, 3_600_000


def ping(
    number: int = 1, kind: PingKind = PingKind.END, job: str = "a", made_at: int = NOW, **more: int | None
) -> Ping:
    status = Status.SUCCEEDED if kind is PingKind.END else None
    due_at, tries = more.get("due_at") or made_at, more.get("tries") or 0
    return Ping(number, job, number, kind, status, 0, None, made_at, due_at, tries)


@pytest.mark.parametrize(
    ("status", "exit_code", "signal", "suffix"),
    [
        (Status.SUCCEEDED, 0, None, "/0"),
        (Status.SUCCEEDED, 3, None, "/0"),
        (Status.FAILED, 3, None, "/3"),
        (Status.FAILED, 0, None, "/1"),
        (Status.FAILED, None, None, "/1"),
        (Status.FAILED, None, 9, "/137"),
        (Status.TIMED_OUT, None, 15, "/124"),
        (Status.CANCELLED, None, 15, "/130"),
        (Status.LOST, None, None, "/75"),
    ],
)
def test_only_a_success_is_0(status: Status, exit_code: int | None, signal: int | None, suffix: str) -> None:
    assert suffix_of(Ping(1, "a", 1, PingKind.END, status, exit_code, signal, NOW, NOW, 0)) == suffix


def test_the_suffix_comes_before_a_query() -> None:
    assert address("https://hc.example/uuid", "/start") == "https://hc.example/uuid/start"
    assert address("https://hc.example/uuid/?create=1", "/0") == "https://hc.example/uuid/0?create=1"
    assert address("https://hc.example/uuid/", "") == "https://hc.example/uuid/"


def test_the_pings_of_a_job_go_one_after_the_other_and_those_of_others_beside_them() -> None:
    start, end, other = ping(1, PingKind.START), ping(2), ping(3, job="b")
    assert plan([start, end, other], (), NOW).send == (start, other)
    assert plan([end, other], {"a"}, NOW).send == (other,)


def test_what_was_put_off_waits_and_says_until_when() -> None:
    late = ping(tries=1, due_at=NOW + 10_000)
    planned = plan([late], (), NOW)
    assert (planned.send, planned.next_at) == ((), NOW + 10_000)
    assert plan([late], (), NOW + 10_000).send == (late,)


def test_a_start_is_news_for_a_minute_and_an_end_for_hours() -> None:
    start, end = ping(1, PingKind.START), ping(2, job="b")
    assert plan([start, end], (), NOW + MINUTE - 1).drop == ()
    assert plan([start, end], (), NOW + MINUTE).drop == ((start, "it came too late"),)
    assert plan([end], (), NOW + 4 * HOUR).drop == ((end, "it came too late"),)


def test_an_end_takes_the_place_of_what_did_not_arrive_before_it() -> None:
    """A server that is down for hours leaves one ping of each job."""
    old, new = ping(1, tries=2, due_at=NOW + HOUR), ping(2)
    planned = plan([old, new], (), NOW)
    assert planned.drop == ((old, "a newer one took its place"),)
    assert planned.send == (new,)


def test_of_a_job_that_runs_faster_than_its_server_answers_the_newest_wait() -> None:
    pings = [ping(number) for number in range(1, 61)]
    planned = plan(pings, (), NOW)
    assert [one.id for one, _ in planned.drop] == list(range(1, 11))
    assert {reason for _, reason in planned.drop} == {"too many newer ones wait"}
    assert planned.send == (pings[10],)
    on_its_way = plan(pings, {"a"}, NOW)
    assert [one.id for one, _ in on_its_way.drop] == list(range(2, 11))
    assert on_its_way.send == ()


def test_a_start_does_not_overtake_an_end() -> None:
    end, start = ping(1, tries=1, due_at=NOW + 10_000), ping(2, PingKind.START)
    assert plan([end, start], (), NOW).send == ()


def test_a_clock_that_is_set_back_by_a_day_holds_nothing_up() -> None:
    far = ping(due_at=NOW + 24 * HOUR)
    assert plan([far], (), NOW).send == (far,)


def test_a_start_is_tried_within_its_minute_and_an_end_for_four_hours() -> None:
    start = ping(kind=PingKind.START)
    assert try_again_at(start, NOW + 20_000) == NOW + 30_000
    assert try_again_at(start, NOW + 55_000) is None
    end, now = ping(), NOW
    while (at := try_again_at(end, now)) is not None:
        end, now = ping(tries=end.tries + 1), at
    assert 3 * HOUR < now - NOW < 5 * HOUR


def test_addresses_are_told_of_once_they_have_failed_for_five_minutes() -> None:
    failing = [Failing("a", NOW, "no answer"), Failing(None, NOW + 1, "no")]
    assert failing_for_long(failing, NOW + 299_999) is None
    words = failing_for_long(failing, NOW + 300_001)
    assert words is not None
    assert words.startswith("heartbeats of a and 1 more do not arrive since ")
    assert words.endswith(": no answer")
    assert failing_for_long([], NOW) is None
