"""Plain calls of the verbs that look do without typer, and nobody sees a difference."""

from __future__ import annotations

import pytest

from jobctl.cli import main, quick_look
from jobctl.cli.global_options import GLOBAL_OPTIONS
from jobctl.cli.quick_look import plain_call
from jobctl.cli.verbs import LOOKING
from jobctl.domain.run import Status
from tests.cli.showcase import Showcase
from tests.operations.site import Site

FLAGS = [name for option in GLOBAL_OPTIONS if option.metavar is None for name in option.names]
PLAIN = [
    ["list"],
    ["list", "backup", "ba*"],
    ["--json", "list"],
    ["status"],
    ["status", "--json"],
    ["status", "backup"],
    ["history"],
    ["history", "backup", "--json"],
    ["history", "--no-color", "-q"],
    ["list", "no-such-job"],
    ["history", "no-such-job", "--json"],
    ["-v", "status"],
    ["list", "--failing", "ba*"],
    ["list", "--group", "system", "--tag", "db"],
    ["list", "--group", "none", "--json"],
    ["status", "--tag", "none"],
    ["history", "-n", "1"],
    ["history", "backup", "--limit", "2", "--offset", "0", "--limit", "1"],
    ["history", "--status", "failed", "--status", "succeeded,lost", "--origin", "manual"],
    ["history", "--status", "fialed"],
    ["history", "--since", "2026-11-22", "--until", "18:00"],
    ["history", "--last", "7d", "--csv"],
    ["history", "--csv", "--json"],
    ["history", "--columns", "run,job", "--events"],
    ["history", "--events", "-n", "3"],
    ["stats", "backup", "--json"],
    ["stats", "--last", "24h", "--by", "cpu"],
    ["stats", "--since", "2026-11-22", "--last", "7d"],
    ["stats", "--calendar", "--tag", "none"],
    ["top", "--sort", "size"],
    ["enqueue", "no-such-job"],
    ["enqueue", "backup", "--param", "to=me", "--json"],
    ["enqueue", "backup", "--priority", "11"],
    ["enqueue", "backup", "--id", "k", "--from", "-"],
]
LEFT_TO_TYPER = [
    [],
    ["run", "backup"],
    ["list", "--help"],
    ["list", "-h"],
    ["list", "--group=system"],
    ["list", "--group"],
    ["list", "--group", "--failing"],
    ["list", "-n", "5"],
    ["history", "-n5"],
    ["history", "-n", "0"],
    ["history", "-n", "-1"],
    ["history", "-n", "five"],
    ["history", "--offset", "²"],
    ["history", "-fq"],
    ["history", "--", "-odd"],
    ["list", "--jso"],
    ["list", "-qv"],
    ["list", "--config=jobs.toml"],
    ["list", "-c"],
    ["list", "-c", "--json"],
    ["--version", "list"],
    ["stats", "--last=7d"],
    ["stats", "--calender"],
    ["top", "--sort=mem"],
    ["top", "--sort"],
    ["top", "hello"],
    ["help", "list"],
    ["-c", "list"],
    ["daemon", "--log-format", "json"],
    ["daemon", "--log-format", "yaml"],
    ["daemon", "--drian"],
    ["daemon", "--help"],
    ["exec"],
    ["exec", "true"],
    ["exec", "--", "true"],
    ["exec", "--name", "any"],
    ["exec", "--name", "any", "--"],
    ["exec", "--name", "--", "true"],
    ["exec", "--name=any", "--", "true"],
    ["exec", "-nany", "true"],
    ["exec", "-n", "any", "-", "true"],
    ["exec", "-n", "any", "--help"],
    ["exec", "-n", "any", "--nmae", "other", "true"],
]


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_a_plain_call_says_what_it_says_with_typer(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    places = ["-c", str(showcase.jobs_file), "--state-dir", str(showcase.folder / "state")]
    showcase.load()
    showcase.run_through("backup", Status.FAILED)
    assert plain_call([*places, *words]) is not None
    without = showcase.call(*places, *words)
    monkeypatch.setattr(quick_look, "plain_call", lambda arguments: None)
    assert showcase.call(*places, *words) == without
    assert without.out or without.err


@pytest.mark.parametrize("words", LEFT_TO_TYPER, ids=" ".join)
def test_what_is_not_plain_is_left_to_typer(words: list[str]) -> None:
    assert plain_call(words) is None


@pytest.mark.parametrize("verb", sorted(quick_look.LOOKS))
@pytest.mark.parametrize("flag", FLAGS)
def test_every_global_flag_is_plain_before_and_after_the_verb(verb: str, flag: str) -> None:
    words = [] if verb == "top" else ["job"]
    before, after = plain_call([flag, verb, *words]), plain_call([verb, *words, flag])
    assert before is not None
    assert before == after
    assert (before.function.__module__, before.arguments) == (f"jobctl.cli.{verb}", {"jobs": words} if words else {})


def test_a_daemon_is_called_at_once() -> None:
    plain = plain_call(["-c", "jobs.toml", "daemon", "--drain", "-q"])
    assert plain is not None
    assert (plain.function.__module__, plain.arguments) == ("jobctl.cli.daemon", {"drain": True})


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["--", "echo", "--", "-n"], ["echo", "--", "-n"]),
        (["echo", "--", "--json"], ["echo", "--", "--json"]),
        (["-q", "--", "--odd", "-q"], ["--odd", "-q"]),
        (["--", "", "x"], ["", "x"]),
        (["", "x"], ["", "x"]),
    ],
)
def test_what_follows_the_options_of_exec_is_the_commands_own(words: list[str], command: list[str]) -> None:
    plain = plain_call(["exec", "-n", "first", "--name", "any", *words])
    assert plain is not None
    assert (plain.function.__module__, plain.arguments) == ("jobctl.cli.exec", {"name": "any", "words": command})
    assert [option.field for option, _ in plain.options] == (["quiet"] if "-q" in words[:1] else [])


def test_a_run_is_put_into_the_queue_at_once() -> None:
    plain = plain_call(["enqueue", "letter", "--param", "a=1", "--param", "b=2", "--priority", "7", "--id", "k", "-q"])
    assert plain is not None
    assert plain.function.__module__ == "jobctl.cli.enqueue"
    assert plain.arguments == {"job": "letter", "param": ["a=1", "b=2"], "priority": 7, "key": "k"}


def test_only_verbs_that_look_are_quick() -> None:
    assert quick_look.LOOKS <= LOOKING


def test_a_file_named_last_counts_as_it_does_with_typer(site: Site) -> None:
    status = main.call(
        ["-c", "/nowhere/jobs.toml", "list", "-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    )
    assert status == 0
