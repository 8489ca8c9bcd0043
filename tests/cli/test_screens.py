"""What people see: real screens, kept as files. After a wanted change: JOBCTL_KEEP_SCREENS=1, and read the diff."""

from __future__ import annotations

import pytest

from tests.cli.showcase import Showcase, assert_screen


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list", ["list"]),
        ("list_failing", ["list", "--failing"]),
        ("status", ["status"]),
        ("status_job", ["status", "mail-queue"]),
        ("history", ["history"]),
        ("history_csv", ["history", "--csv", "--status", "failed,timed-out"]),
        ("show_job", ["show", "backup"]),
        ("show_failed_run", ["show", "FAILED"]),
        ("show_killed_run", ["show", "KILLED"]),
        ("show_skipped_run", ["show", "SKIPPED"]),
        ("show_running_run", ["show", "RUNNING"]),
        ("next", ["next", "-n", "4"]),
        ("explain", ["explain", "30 2 * * 1"]),
        ("explain_doubtful", ["explain", "*/35 2 13 * 5", "--tz", "America/New_York", "-n", "2"]),
        ("check", ["check"]),
    ],
)
def test_the_screen_is_the_one_that_is_kept(showcase: Showcase, name: str, words: list[str]) -> None:
    ids = showcase.fill()
    said = showcase.call(*(ids.get(word.lower(), word) for word in words))
    assert said.status == 0
    assert_screen(name, said.out)


@pytest.mark.parametrize("name", ["list", "status", "history", "next"])
def test_a_narrow_terminal_gets_the_columns_that_matter(
    showcase: Showcase, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase.fill()
    monkeypatch.setenv("COLUMNS", "64")
    said = showcase.call(name)
    assert max(map(len, said.out.splitlines())) <= 64 or name == "status"
    assert_screen(f"{name}_narrow", said.out)


def test_a_new_installation_says_what_to_do_next(showcase: Showcase) -> None:
    assert showcase.call("history").err == (
        "Nothing has run yet; `jobctl run JOB` starts a job, `jobctl next` says what starts by itself.\n"
    )
    said = showcase.call("status")
    assert "Daemon  not running\n" in said.out
    assert "Runs    none yet; `jobctl run JOB` starts one\n" in said.out
    assert said.err == "no daemon is running: nothing starts by itself (`jobctl daemon`)\n"


def test_without_a_jobs_file_the_way_out_is_told(showcase: Showcase) -> None:
    showcase.jobs_file.unlink()
    said = showcase.call("list")
    assert (said.status, said.out) == (3, "")
    assert said.err == (
        "jobctl: jobs.toml: there is no such file\n"
        "  write one with `jobctl init`, or name another one with --config\n"
        "  looked at /srv/jobs.toml, and for jobs loaded before in /srv/state (--state-dir names another one)\n"
    )


def test_colours_speak_by_meaning_and_only_where_they_may(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    showcase.fill()
    assert "\x1b" not in showcase.call("list").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = showcase.call("list").out
    assert "\x1b[31mtimed out\x1b[0m" in coloured
    assert "\x1b[32msucceeded\x1b[0m" in coloured
    assert "\x1b" not in showcase.call("list", "--no-color").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in showcase.call("list").out


def test_what_a_definition_smuggles_in_cannot_touch_the_terminal(showcase: Showcase) -> None:
    showcase.define('[jobs.a]\ncommand = "true"\ndescription = "\\u001b]0;owned\\u0007 caf\\u00e9 \\u202e"\n')
    said = showcase.call("list")
    assert "\\x1b]0;owned\\x07 café \\u202e" in said.out
    assert "\x1b" not in said.out


def test_a_file_changed_behind_the_daemon_is_told_and_not_parsed(showcase: Showcase) -> None:
    showcase.fill()
    showcase.define("this is no TOML")
    said = showcase.call("list")
    assert said.status == 0
    assert said.err == "jobs.toml has changed since the daemon loaded it (`jobctl reload`)\n"


def test_a_broken_file_without_a_daemon_shows_what_was_last_loaded(showcase: Showcase) -> None:
    showcase.load()
    showcase.define("[jobs.a]\ncomand = 1\n")
    said = showcase.call("list")
    assert said.status == 0
    assert "backup" in said.out
    assert said.err.startswith("the jobs as last loaded in state, for the jobs file cannot be used: jobs.toml:")


def test_a_disabled_job_says_by_whom_until_when_and_why(showcase: Showcase) -> None:
    showcase.fill()
    showcase.context.store.jobs.disable("report", "ann", showcase.clock.at, showcase.clock.at + 3_600_000, "audit")
    assert "disabled" in showcase.call("list").out
    assert "Disabled    by ann until 2026-11-22 21:05:09 +01:00: audit\n" in showcase.call("show", "report").out
