"""`retry --param` and `--params`: another payload on the way back into the queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobctl.domain.run_id import prefix_range
from tests.cli.shell import Shell

JOBS = """
[jobs.mail]
command = ["sh", "-c", 'echo "$JOBCTL_PARAM_TO $JOBCTL_PARAM_COPIES"; test "$JOBCTL_PARAM_TO" = ada']
[jobs.mail.params]
to = { type = "string", required = true, pattern = "^[a-z]+$" }
copies = { type = "integer", minimum = 1, maximum = 9, default = 1 }
[jobs.plain]
command = "false"
"""


@pytest.fixture
def place(jobctl: Shell) -> Shell:
    jobctl.site.define(JOBS)
    return jobctl


def failed(place: Shell, *words: str) -> str:
    return str(json.loads(place("run", *words, "--json").out)["id"])


def shown(place: Shell, run: str) -> Any:
    return json.loads(place("show", run, "--json").out)


def details(place: Shell, run: str) -> list[str | None]:
    """What the trail of events keeps of the retries of a run, the oldest first."""
    ids = prefix_range(run)
    assert ids is not None
    events = place.site.ctx.store.events.recent(100, "mail")
    return [event.detail for event in reversed(events) if event.action == "retry" and event.run_id in ids]


def retried(place: Shell, *words: str) -> Any:
    done = place("retry", *words, "--json")
    assert done.status == 0, done.err
    return json.loads(done.out)


def test_a_value_is_changed_and_the_others_stay_and_the_trail_keeps_what_was(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve", "--param", "copies=3")
    (document,) = retried(place, run, "--param", "to=ada")
    assert document["params"] == {"to": "ada", "copies": 3}
    assert details(place, run) == ['params before: {"copies":3,"to":"eve"}']
    assert 'retry  params before: {"copies":3,"to":"eve"}' in place("show", run).out
    made, event = shown(place, run)["events"]
    assert made["action"] == "run"
    assert set(event) == {"at", "actor", "action", "job", "run_id", "detail"}
    assert (event["action"], event["job"], event["run_id"]) == ("retry", "mail", run)


def test_params_take_the_place_of_all_values(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve", "--param", "copies=3")
    (document,) = retried(place, run, "--params", '{"to": "bob"}', "--param", "copies=2")
    assert document["params"] == {"to": "bob", "copies": 2}


def test_without_an_edit_the_trail_says_nothing_of_the_payload(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve")
    retried(place, run)
    assert details(place, run) == [None]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--param", "to=ADA"), "to: expected a match of ^[a-z]+$"),
        (("--param", "copies=10"), "copies: expected a number of at most 9"),
        (("--param", "cc=x"), "cc: there is no such param; there are copies, to"),
        (("--params", "{}"), "to: it is missing: expected a string"),
        (("--params", "[]"), "--params: expected a JSON object"),
        (("--param", "to"), "--param needs a name and a value"),
    ],
)
def test_what_the_job_does_not_take_is_refused_and_nothing_is_retried(
    place: Shell, words: tuple[str, ...], message: str
) -> None:
    run = failed(place, "mail", "--param", "to=eve")
    done = place("retry", run, *words)
    assert (done.status, message in done.err) == (2, True), done.err
    assert shown(place, run)["params"] == {"to": "eve", "copies": 1}
    assert shown(place, run)["status"] == "failed"


def test_of_many_runs_all_take_it_or_none_is_retried(place: Shell) -> None:
    first = failed(place, "mail", "--param", "to=eve")
    second = failed(place, "mail", "--param", "to=bob")
    plain = failed(place, "plain")
    done = place("retry", "--dead", "--param", "copies=5")
    assert done.status == 2
    assert "1 of 3 runs cannot be given that, so none is retried" in done.err
    assert f"plain {plain}: it takes no params" in done.err
    assert {shown(place, run)["status"] for run in (first, second, plain)} == {"failed"}
    assert place("retry", "--job", "mail", "--param", "copies=5", "--dry-run").out.count("would be queued") == 2
    both = retried(place, "--job", "mail", "--param", "copies=5")
    assert [document["params"]["copies"] for document in both] == [5, 5]


def test_the_types_are_those_that_the_job_has_now(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve")
    place.site.define(JOBS.replace("maximum = 9", "maximum = 99").replace("^[a-z]+$", "^[A-Z]+$"))
    done = place("retry", run, "--param", "copies=50")
    assert done.status == 2
    assert "to: expected a match of ^[A-Z]+$" in done.err  # a value that stays is judged anew
    assert "what is not edited stays as it was" in done.err
    (document,) = retried(place, run, "--param", "copies=50", "--param", "to=ADA")
    assert document["params"] == {"to": "ADA", "copies": 50}


def test_a_job_that_is_gone_takes_no_values(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve")
    place.site.define('[jobs.other]\ncommand = "true"\n')
    done = place("retry", run, "--param", "to=ada")
    assert done.status == 6
    assert "mail is not in the jobs file any more" in done.err


def test_what_has_lost_its_job_stays_a_dead_letter(place: Shell) -> None:
    gone, kept = failed(place, "mail", "--param", "to=eve"), failed(place, "plain")
    place.site.define('[jobs.plain]\ncommand = "exit 3"\n')
    for words in (["--dry-run"], []):
        single = place("retry", gone, *words)
        assert single.status == 6
        assert f"{gone} cannot be retried: mail is not in the jobs file any more" in single.err
        many = place("retry", "--dead", *words)
        assert (many.status, many.out.split()[:2], len(many.out.splitlines())) == (0, ["plain", kept], 1)
        assert "left out 1 run of what is not in the jobs file any more: mail" in many.err
    assert [run["id"] for run in json.loads(place("dead", "--json").out)] == [gone]


def test_dead_and_status_together_are_the_dead_letters_that_ended_so(place: Shell) -> None:
    run = failed(place, "mail", "--param", "to=eve")
    dismissed = failed(place, "plain")
    place("dismiss", dismissed)
    assert place("retry", "--dead", "--status", "failed", "--dry-run").out.split()[1] == run
    assert dismissed in place("retry", "--status", "failed", "--dry-run").out
    assert "nothing would be retried" in place("retry", "--dead", "--status", "lost", "--dry-run").err
    assert place("retry", "--dead", "--since", "1h", "--dry-run").out.split()[1] == run
