"""What the end of a run starts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.chain import Follower, child_of, follower_from, is_joined, started_by, variables
from jobctl.domain.policies import Chain, Overlap
from jobctl.domain.run import DEAD, Origin, Run, RunEnd, Status
from jobctl.domain.run_id import to_text
from tests.domain.test_outcome import RUN

NOW = 1_795_392_000_000
STATUSES = {
    "S": Status.SUCCEEDED, "F": Status.FAILED, "T": Status.TIMED_OUT, "L": Status.LOST, "C": Status.CANCELLED,
}  # fmt: skip
FOLLOWER = Follower("child", Chain(("a",)), Overlap.SKIP, 7, "heavy", 3, None, enabled=True)


def end_of(job: str, letter: str, run_id: int = 1, attempt: int = 1, result: str | None = None) -> RunEnd:
    return RunEnd(job, run_id, attempt, STATUSES[letter], NOW - 500, result)


def play(chain: Chain, text: str) -> list[str]:
    """What each of the ends `aS bF …` starts, as `aS+bS`, remembering as the store does."""
    arrived: dict[str, RunEnd] = {}
    told = []
    for number, word in enumerate(text.split()):
        job = word[0]
        end = end_of(job, word[1], number)
        parents = started_by(chain, end, arrived)
        for parent in parents:
            arrived.pop(parent.job, None)
        if not parents and is_joined(chain, job):
            arrived[job] = end
        letters = {status: letter for letter, status in STATUSES.items()}
        told.append("+".join(f"{one.job}{letters[one.status]}" for one in parents))
    return told


AFTER_BOTH = Chain(after=("a", "b"))
ANY_OF_BOTH = Chain(after_any=("a", "b"))


@pytest.mark.parametrize(
    ("chain", "ends", "started"),
    [
        (Chain(after=("a",)), "aS aS", ["aS", "aS"]),
        (Chain(after=("a",)), "aF aT aL aC", ["", "", "", ""]),
        (Chain(after_failure=("a",)), "aF aT aL aC aS", ["aF", "aT", "aL", "", ""]),
        (Chain(after_failure=("a", "b")), "aS bF aF", ["", "bF", "aF"]),
        (Chain(after_any=("a",)), "aS aF aT aL aC", ["aS", "aF", "aT", "aL", "aC"]),
        (AFTER_BOTH, "aS bS", ["", "bS+aS"]),
        (AFTER_BOTH, "aS aS bS", ["", "", "bS+aS"]),
        (AFTER_BOTH, "aS bS bS aS", ["", "bS+aS", "", "aS+bS"]),
        (AFTER_BOTH, "aS aF bS", ["", "", ""]),
        (AFTER_BOTH, "aS aF bS aS", ["", "", "", "aS+bS"]),
        (AFTER_BOTH, "aS bF bS", ["", "", "bS+aS"]),
        (ANY_OF_BOTH, "aF bS aS aC bL", ["", "bS+aF", "", "", "bL+aC"]),
        (Chain(after=("a",), after_failure=("a",)), "aS aF aC", ["aS", "aF", ""]),
        (Chain(after=("a",), after_any=("a",)), "aS aF", ["aS", "aF"]),
        (Chain(after=("a", "b"), after_any=("a",)), "aS bS aS", ["aS", "", "aS+bS"]),
        (Chain(after=("a", "b"), after_failure=("a",)), "bS aF aS", ["", "aF", "aS+bS"]),
        (Chain(after=("b",)), "aS", [""]),
    ],
)
def test_an_end_starts_what_waits_for_it(chain: Chain, ends: str, started: list[str]) -> None:
    assert play(chain, ends) == started


NAMES = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
ENDS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("SFTLC")).map("".join), max_size=25).map(" ".join)


@given(st.builds(Chain, NAMES, NAMES, NAMES), ENDS)
def test_no_end_is_used_twice_and_none_that_was_waited_for_is_missed(chain: Chain, text: str) -> None:
    """Against a model with the whole past: the newest end of a parent counts until it has started the job."""
    used: set[int] = set()
    newest: dict[str, int] = {}
    ends = text.split()
    for number, told in enumerate(play(chain, text)):
        job, letter = ends[number][0], ends[number][1]
        newest[job] = number
        fresh = {name: ends[at][1] for name, at in newest.items() if at not in used}
        wanted: set[str] = set()
        if job in chain.after and all(fresh.get(name) == "S" for name in chain.after):
            wanted |= set(chain.after)
        if job in chain.after_failure and STATUSES[letter] in DEAD:
            wanted |= {job}
        if job in chain.after_any and all(name in fresh for name in chain.after_any):
            wanted |= set(chain.after_any)
        assert set(filter(None, told.split("+"))) == {name + ends[newest[name]][1] for name in wanted}
        assert told.startswith(ends[number] if wanted else "")
        used |= {newest[name] for name in wanted}


def test_a_child_is_a_run_of_its_job_as_it_is_defined() -> None:
    parents = [end_of("a", "S", 77), end_of("b", "S", 66)]
    run = child_of(FOLLOWER, parents, [], NOW)
    assert (run.job, run.origin, run.status, run.parent_id) == ("child", Origin.CHAIN, Status.QUEUED, 77)
    assert (run.priority, run.queue, run.max_attempts, run.start_by) == (7, "heavy", 3, None)
    assert (run.created_at, run.due_at) == (NOW, NOW - 500)


def test_the_start_deadline_of_a_child_counts_from_the_end_of_its_parent() -> None:
    run = child_of(FOLLOWER._replace(start_deadline=60), [end_of("a", "S")], [], NOW)
    assert run.start_by == NOW - 500 + 60_000


def test_an_end_that_a_set_clock_puts_into_the_future_makes_a_child_that_is_due_now() -> None:
    assert child_of(FOLLOWER, [end_of("a", "S")], [], NOW - 1000).due_at == NOW - 1000


@pytest.mark.parametrize("overlap", Overlap)
def test_only_skip_lets_an_active_run_of_the_child_take_the_place_of_a_new_one(overlap: Overlap) -> None:
    active: Run = RUN._replace(job="child", status=Status.RUNNING)
    run = child_of(FOLLOWER._replace(overlap=overlap), [end_of("a", "S")], [active], NOW)
    assert run.status is (Status.SKIPPED if overlap is Overlap.SKIP else Status.QUEUED)
    assert (run.reason is not None) == (overlap is Overlap.SKIP)
    assert run.reason is None or to_text(active.id) in run.reason


def test_what_chains_need_is_read_from_a_stored_definition() -> None:
    keys = {
        "after": ["a"], "after_failure": [], "after_any": ["b"], "overlap": "queue", "priority": 2, "queue": "q",
        "retries": 4, "start_deadline": 9.5, "enabled": False,
    }  # fmt: skip
    follower = follower_from("child", json.dumps(keys))
    assert follower == Follower("child", Chain(("a",), (), ("b",)), Overlap.QUEUE, 2, "q", 5, 9.5, enabled=False)


def test_a_run_that_no_other_started_finds_nothing_of_parents_in_its_environment() -> None:
    assert variables([]) == {}


def test_a_child_finds_its_parents_in_its_environment() -> None:
    told = variables([end_of("a", "T", 77, result='{"rows":[1,"é"]}'), end_of("b", "S", 66)])
    parents = json.loads(told.pop("JOBCTL_PARENTS"))
    assert told == {
        "JOBCTL_PARENT_JOB": "a",
        "JOBCTL_PARENT_RUN_ID": to_text(77),
        "JOBCTL_PARENT_STATUS": "timed_out",
        "JOBCTL_PARENT_RESULT": '{"rows":[1,"é"]}',
    }
    assert parents == [
        {"job": "a", "run_id": to_text(77), "status": "timed_out", "result": {"rows": [1, "é"]}},
        {"job": "b", "run_id": to_text(66), "status": "succeeded", "result": None},
    ]


@pytest.mark.parametrize(
    ("size", "first", "together"), [(40_000, True, True), (60_000, True, False), (140_000, False, False)]
)
def test_results_that_fit_into_no_variable_are_left_out(size: int, first: bool, together: bool) -> None:
    result = json.dumps("é" * (size // 2), ensure_ascii=False)
    told = variables([end_of("a", "S", result=result), end_of("b", "S", result=result)])
    assert told["JOBCTL_PARENT_RESULT"] == (result if first else "null")
    parents = json.loads(told["JOBCTL_PARENTS"])
    assert [one["result"] is not None for one in parents] == [together, together]
    assert all(len(name) + 1 + len(text.encode()) < 131_072 for name, text in told.items())
