"""What failed for good: seen, retried, dismissed, deleted."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.installation import Installation

JOBS = """
[jobs.fails]
command = 'test -e "$JOBCTL_STATE_DIR/mended"'
retries = 1
retry_delay = "0.1s"
[jobs.works]
command = "true"
"""


@pytest.fixture
def place(installation: Installation) -> Installation:
    installation.write_jobs(JOBS)
    return installation


def run(place: Installation, job: str) -> str:
    return str(json.loads(place.call("run", job, "--json").stdout)["id"])


def dead(place: Installation) -> list[str]:
    return [letter["id"] for letter in place.ask("dead", "--json")]


def test_a_run_that_failed_for_good_is_a_dead_letter(place: Installation) -> None:
    assert dead(place) == []
    letter = run(place, "fails")
    run(place, "works")
    assert dead(place) == [letter]


def test_a_retried_run_keeps_its_id_and_gets_a_fresh_budget(place: Installation) -> None:
    letter = run(place, "fails")
    place.daemon()
    place.call("retry", letter[:11])
    place.wait_settled()
    shown = place.ask("show", letter, "--json")
    assert [attempt["status"] for attempt in shown["attempts"]] == ["failed"] * 4
    assert dead(place) == [letter]
    (place.state_dir / "mended").touch()
    place.call("retry", "--dead")
    place.wait_settled()
    assert place.status_of(letter) == "succeeded"
    assert dead(place) == []


@pytest.mark.parametrize(("own", "attempts"), [("0", 1), ("2", 3)])
def test_a_retried_run_keeps_the_retries_that_it_was_given(place: Installation, own: str, attempts: int) -> None:
    letter = str(json.loads(place.call("run", "fails", "--retries", own, "--json").stdout)["id"])
    place.daemon()
    place.call("retry", letter)
    place.wait_settled()
    assert len(place.run(letter)["attempts"]) == 2 * attempts


def test_a_retried_run_gets_the_payload_that_it_is_given_on_the_way(place: Installation) -> None:
    word = 'required = true, type = "string"'
    place.write_jobs(f"{JOBS}[jobs.asks]\ncommand = ['test', '{{a}}', '=', 'b']\nparams.a = {{ {word} }}\n")
    place.daemon()
    letter = str(json.loads(place.call("run", "asks", "--param", "a=x", "--json").stdout)["id"])
    place.call("retry", letter, "--param", "a=b")
    place.wait_settled()
    assert [attempt["status"] for attempt in place.run(letter)["attempts"]] == ["failed", "succeeded"]


@pytest.mark.parametrize("verb", ["retry", "dismiss", "delete"])
def test_a_dry_run_names_the_runs_and_changes_nothing(place: Installation, verb: str) -> None:
    letter = run(place, "fails")
    assert letter in place.call(verb, "--job", "fa*", "--dry-run").stdout
    assert dead(place) == [letter]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("retry",), 2, "which runs?"),
        (("retry", "RUN", "--dead"), 2, "which runs?"),
        (("dismiss",), 2, "which runs?"),
        (("delete", "RUN", "--job", "fails"), 2, "which runs?"),
        (("retry", "zzzzzzzzzzzz"), 4, "there is no run `zzzzzzzzzzzz`"),
        (("dismiss", "zzzzzzzzzzzz"), 4, "there is no run `zzzzzzzzzzzz`"),
        (("dismiss", "WORKED"), 6, "is no dead letter: it is succeeded"),
        (("dismiss", "RUN", "WORKED"), 6, "nothing was dismissed"),
        (("retry", "--status", "failt"), 2, "there is no status `failt`"),
        (("retry", "--job", "fail"), 4, "there is no job `fail`"),
        (("retry", "WORKED"), 6, "ended succeeded: there is nothing to retry"),
    ],
)
def test_what_cannot_be_retried_is_refused(place: Installation, words: tuple[str, ...], code: int, said: str) -> None:
    named = {"RUN": run(place, "fails"), "WORKED": run(place, "works")}
    answer = place.call(*(named.get(word, word) for word in words))
    assert (answer.returncode, said in answer.stderr) == (code, True), answer.stderr


def test_a_dismissed_run_stays_in_the_history(place: Installation) -> None:
    letter = run(place, "fails")
    place.call("dismiss", letter)
    assert dead(place) == []
    assert place.status_of(letter) == "failed"


def test_a_deleted_run_is_gone_with_its_logs(place: Installation) -> None:
    letter = run(place, "fails")
    (folder,) = (place.state_dir / "logs").iterdir()
    assert len(list(folder.iterdir())) == 2
    assert place.call("delete", letter).returncode == 0
    assert place.call("show", letter).returncode == 4
    assert not folder.exists()
    assert place.call("list").returncode == 0


def test_what_waits_or_runs_is_not_deleted(place: Installation) -> None:
    waiting = place.call("run", "works", "--detach").stdout.strip()
    answer = place.call("delete", waiting)
    assert answer.returncode == 6
    assert f"{waiting} is queued" in answer.stderr
    assert place.status_of(waiting) == "queued"


def test_dismiss_selects_dead_letters_and_leaves_everything_else(place: Installation) -> None:
    letters = {run(place, "fails"), run(place, "fails")}
    worked = run(place, "works")
    said = place.call("dismiss", "--dead")
    assert {line.split()[1] for line in said.stdout.splitlines()} == letters
    assert dead(place) == []
    again = place.call("dismiss", "--job", "*")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "there is nothing to dismiss\n")
    assert {one["id"] for one in place.history()} == {*letters, worked}


def test_delete_selects_what_has_ended_as_it_is_told(place: Installation) -> None:
    letter, worked = run(place, "fails"), run(place, "works")
    waiting = place.call("run", "works", "--detach").stdout.strip()
    place.call("delete", "--dead", "--job", "works")
    assert {one["id"] for one in place.history()} == {letter, worked, waiting}
    place.call("delete", "--status", "failed")
    assert {one["id"] for one in place.history()} == {worked, waiting}
    place.call("delete", "--job", "works")
    assert {one["id"] for one in place.history()} == {waiting}


def test_what_was_made_to_be_kept_goes_by_its_id_alone(place: Installation) -> None:
    kept = str(json.loads(place.call("run", "works", "--keep", "--json").stdout)["id"])
    assert place.call("delete", "--job", "works").stderr == "there is nothing to delete\n"
    assert place.call("delete", kept).stdout == f"works {kept} deleted\n"
