"""Runs on request: what their rows hold, and that a file of them is taken as a whole or not at all."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from jobctl.domain.run import Origin, Status
from jobctl.errors import UsageError
from jobctl.operations.definitions import ensure_current
from jobctl.operations.enqueue import enqueue
from jobctl.operations.enqueue_lines import Enqueued, accepted_lines
from jobctl.operations.request import PLAIN, Request, RunMaker, WrongRequest, differ
from jobctl.operations.request_lines import MAX_LINE, json_value
from jobctl.store.records import HistoryFilter
from tests.operations.site import Site

JOBS = """\
[jobs.letter]
command = ["echo", "{to}"]
priority = 4
queue = "mail"
retries = 2
[jobs.letter.params]
to = { type = "string", required = true, pattern = "@" }
copies = { type = "integer", default = 1, maximum = 9 }

[jobs.bare]
command = "true"
"""
TO = {"to": "a@b"}
SECRET = "hunter2"


@pytest.fixture
def letters(site: Site) -> Site:
    site.define(JOBS)
    ensure_current(site.ctx)
    return site


def from_lines(site: Site, lines: Iterable[object], common: Request = PLAIN) -> Enqueued:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return from_stream(site, io.BytesIO(text.encode()), common)


def from_stream(
    site: Site, stream: io.BytesIO, common: Request = PLAIN, tell: Callable[[str], None] | None = None
) -> Enqueued:
    with accepted_lines(site.ctx, "letter", stream, common, Origin.QUEUE, tell) as make:
        return make()


def refused(site: Site, lines: Iterable[object]) -> list[str]:
    """What is told of a file that is not taken; nothing of it is in the store."""
    with pytest.raises(UsageError) as caught:
        from_lines(site, lines)
    assert site.ctx.store.runs.history(HistoryFilter()) == []
    return [line.strip() for line in caught.value.message.split("\n")]


def test_a_run_has_its_payload_with_defaults_and_else_what_its_job_says(letters: Site) -> None:
    (added,) = enqueue(letters.ctx, ["letter"], Request(params=TO), Origin.QUEUE)
    run = letters.run(added.id)
    assert (run.status, run.origin, run.priority, run.queue, run.max_attempts) == (
        Status.QUEUED, Origin.QUEUE, 4, "mail", 3,
    )  # fmt: skip
    assert json.loads(run.params or "") == {"to": "a@b", "copies": 1}
    assert (run.key, run.keep, run.due_at) == (None, False, run.created_at)


def test_every_wish_is_heard(letters: Site) -> None:
    at = letters.ctx.clock.now() + 3_600_000
    wish = Request(TO, {"copies": ["3"]}, due_at=at, priority=9, retries=0, key="k", keep=True)
    (added,) = enqueue(letters.ctx, ["letter"], wish, Origin.QUEUE)
    run = letters.run(added.id)
    assert (run.status, run.due_at, run.priority, run.max_attempts) == (Status.SCHEDULED, at, 9, 1)
    assert (run.key, run.keep, json.loads(run.params or "")["copies"]) == ("k", True, 3)


def test_an_instant_that_has_passed_is_now(letters: Site) -> None:
    (added,) = enqueue(letters.ctx, ["letter"], Request(TO, due_at=1), Origin.QUEUE)
    run = letters.run(added.id)
    assert (run.status, run.due_at) == (Status.QUEUED, run.created_at)


def test_a_key_makes_one_run_of_a_job(letters: Site) -> None:
    first, again = (enqueue(letters.ctx, ["bare"], Request(key="k"), Origin.QUEUE)[0] for _ in range(2))
    assert (again.id, first.existed, again.existed) == (first.id, False, True)
    other = enqueue(letters.ctx, ["letter"], Request(TO, key="k"), Origin.QUEUE)[0]
    assert not other.existed


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (Request(priority=0), "priority 0 is not from 1 (lowest) to 10 (highest)"),
        (Request(priority=11), "priority 11 is not from 1 (lowest) to 10 (highest)"),
        (Request(retries=-1), "retries -1 is not from 0 to 1,000,000"),
        (Request(key=""), "an id is 1 to 255 printable characters"),
        (Request(key="x" * 256), "an id is 1 to 255 printable characters"),
        (Request(key="a\nb"), "an id is 1 to 255 printable characters"),
    ],
)
def test_what_no_run_can_be_is_told(letters: Site, wish: Request, problem: str) -> None:
    with pytest.raises(WrongRequest) as caught:
        enqueue(letters.ctx, ["bare"], wish, Origin.QUEUE)
    assert caught.value.problems == (problem,)


def test_nothing_is_made_when_one_of_several_jobs_does_not_take_it(letters: Site) -> None:
    with pytest.raises(WrongRequest, match="bare: it takes no params"):
        enqueue(letters.ctx, ["letter", "bare"], Request(TO), Origin.QUEUE)
    assert letters.ctx.store.runs.active("letter") == []


def test_each_line_is_a_run_in_its_order(letters: Site) -> None:
    lines = [
        {"params": TO, "priority": 9, "retries": 0, "id": "k", "keep": True},
        "",
        {"params": {"to": "c@d", "copies": 2}, "delay": "1h"},
        '\ufeff{"params": {"to": "e@f"}, "at": "in 2h"}',
    ]
    made = from_lines(letters, lines)
    first, second, third = (letters.run(run_id) for run_id in made.run_ids)
    assert (first.priority, first.max_attempts, first.key, first.keep) == (9, 1, "k", True)
    assert (first.status, second.status, third.status) == (Status.QUEUED, Status.SCHEDULED, Status.SCHEDULED)
    assert 3_590_000 < second.due_at - first.due_at <= 3_600_000
    assert 7_190_000 < third.due_at - first.due_at <= 7_200_000
    assert json.loads(second.params or "") == {"to": "c@d", "copies": 2}
    assert made.existed == 0


def test_what_the_call_says_holds_for_lines_that_say_nothing(letters: Site) -> None:
    common = Request({"copies": 5}, {"to": ["x@y"]}, priority=7)
    made = from_lines(letters, [{}, {"params": {"to": "a@b"}, "priority": 2}], common)
    first, second = (letters.run(run_id) for run_id in made.run_ids)
    assert (first.priority, json.loads(first.params or "")) == (7, {"copies": 5, "to": "x@y"})
    assert (second.priority, json.loads(second.params or "")) == (2, {"copies": 5, "to": "a@b"})


def test_ids_that_exist_are_counted_and_give_their_runs(letters: Site) -> None:
    first = from_lines(letters, [{"params": TO, "id": "k"}])
    again = from_lines(letters, [{"params": TO, "id": "k"}, {"params": TO, "id": "new"}, {"params": TO, "id": "new"}])
    assert again.existed == 2
    assert again.run_ids[0] == first.run_ids[0]
    assert again.run_ids[1] == again.run_ids[2]


@pytest.mark.parametrize(
    ("params", "differs"),
    [('{"n": 1, "m": 2}', False), ('{"n": true, "m": 2}', True), ('{"n": 1}', True), (None, True)],
)
def test_what_differs_from_the_run_of_an_id_is_the_json(letters: Site, params: str | None, differs: bool) -> None:
    (added,) = enqueue(letters.ctx, ["bare"], Request(), Origin.QUEUE)
    order = RunMaker(letters.ctx, "bare", Origin.QUEUE).order(Request())._replace(params='{"m": 2, "n": 1}')
    assert differ(letters.run(added.id)._replace(params=params), order) is differs


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nonsense", "expected JSON: expecting value at character 1"),
        ("[1]", 'expected an object such as {"params": {}}'),
        ('{"params": {"to": NaN}}', "expected JSON, which has no NaN"),
        ('{"id": "a", "params": {"to": "x@y", "to": "z@y"}}', 'the key "to" is there twice'),
        ('{"priority": 1, "id": "a", "priority": 9}', 'the key "priority" is there twice'),
        ("[" * 100_000, "expected JSON that is not nested so deeply"),
        ('{"to": "a@b"}', '"to": unknown key; params go into {"params": {"to": …}}'),
        ('{"priorty": 3}', '"priorty": unknown key; did you mean "priority"?'),
        ('{"priority": true}', "priority: expected a whole number"),
        ('{"priority": 11, "params": {"to": "@"}}', "priority 11 is not from 1 (lowest) to 10 (highest)"),
        ('{"params": [1]}', "params: expected an object"),
        ('{"id": 5}', "id: expected a string"),
        ('{"delay": "soon"}', 'delay: expected a duration such as "90s", "15m", "2h" or "1d12h"'),
        ('{"delay": "90000w"}', "delay: longer than 100 years"),
        ('{"delay": "1s", "at": "now"}', "delay and at exclude each other"),
        ('{"params": {"to": "hunter2"}}', "to: expected a match of @"),
        ('{"params": {}}', "to: it is missing: expected a string"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_queued(letters: Site, line: str, problem: str) -> None:
    told = refused(letters, [{"params": TO}, "", line])
    assert told == ["1 of 2 lines is no run of letter", f"line 3: {problem}"]


def test_of_very_many_keys_the_one_that_is_there_twice_is_named_without_much_ado() -> None:
    keys = ",".join(f'"key-{number}":1' for number in range(200_000))
    with pytest.raises(ValueError, match='the key "key-199999" is there twice'):
        json_value(f'{{{keys},"key-199999":2}}')


def test_a_line_that_is_no_text_or_too_long_is_named(letters: Site) -> None:
    stream = io.BytesIO(b'{"params": {"to": "\xff"}}\n' + b"x" * (2 * MAX_LINE) + b"\n" + b'{"params": {"to": "@"}}')
    with pytest.raises(UsageError) as caught:
        from_stream(letters, stream)
    assert caught.value.message.split("\n  ") == [
        "2 of 3 lines are no run of letter",
        "line 1: expected text in UTF-8",
        f"line 2: longer than {MAX_LINE:,} bytes",
    ]


def test_of_many_bad_lines_each_is_named(letters: Site) -> None:
    told = refused(letters, [{"params": {"to": SECRET}}] * 120)
    assert told[0] == "120 of 120 lines are no run of letter"
    assert told[1:] == [f"line {number}: to: expected a match of @" for number in range(1, 121)]


def test_many_bad_lines_are_told_as_they_are_met_and_none_is_kept(letters: Site) -> None:
    told: list[str] = []
    with pytest.raises(UsageError) as caught:
        from_stream(letters, io.BytesIO(b"[]\n" * 120), tell=told.append)
    assert [line.split(":")[0] for line in told] == [f"line {number}" for number in range(1, 121)]
    assert caught.value.message == "120 of 120 lines are no run of letter"


def test_an_empty_file_makes_nothing(letters: Site) -> None:
    assert len(from_lines(letters, []).run_ids) == 0


def test_a_disk_that_fills_up_in_the_middle_keeps_nothing(letters: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = letters.ctx.store.runs
    real, calls = type(runs).add_many, []

    def full_at_the_second(self: object, block: object) -> object:
        calls.append(block)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return real(runs, block)  # type: ignore[arg-type]

    monkeypatch.setattr(type(runs), "add_many", full_at_the_second)
    with pytest.raises(OSError, match="No space"):
        from_lines(letters, [{"params": TO}] * 5_001)
    assert runs.history(HistoryFilter()) == []


def test_memory_does_not_grow_with_the_payloads(letters: Site) -> None:
    line = json.dumps({"params": {"to": "@" * 100_000}}).encode() + b"\n"

    class Endless(io.RawIOBase):
        """400 lines, 40 MB, made while they are read."""

        left = 400

        def readline(self, size: int | None = -1) -> bytes:
            self.left -= 1
            return line if self.left >= 0 else b""

    tracemalloc.start()
    try:
        made = from_stream(letters, Endless())  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(made.run_ids) == 400
    assert peak < 32 * 2**20
