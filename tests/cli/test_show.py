"""`show`: jobs that are defined no more, and commands as a person would type them."""

from __future__ import annotations

import json
import re

from jobctl.config.system_zone import system_zone
from jobctl.process.accounts import home_or_root, own_account
from tests.cli.shell import Shell


def test_a_removed_job_is_shown_with_its_last_definition_and_its_runs(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl.site.define('[jobs.other]\ncommand = "true"\n')
    said = jobctl("show", "hello")
    assert said.status == 0
    assert "\nRemoved     20" in said.out
    assert "no jobs file defines it any more" in said.out
    assert "succeeded" in said.out
    assert "Disabled" not in said.out
    assert f"Defined in {jobctl.site.jobs_file}:4, until it was removed there" in " ".join(said.out.split())
    document = json.loads(jobctl("show", "hello", "--json").out)
    assert document["definition"]["command"] == "echo hello"
    assert document["removed_at"].endswith("Z")
    assert jobctl("show", "helo").status == 4
    assert jobctl("run", "hello").status == 4


def test_a_command_of_several_lines_is_shown_line_by_line(jobctl: Shell) -> None:
    jobctl.site.define("""[jobs.lines]\ncommand = ["sh", "-c", "echo 'one'\\necho {two} $x", "--to={to}", ""]\n""")
    said = jobctl("show", "lines").out
    start = said.index("Command")
    assert said[start:].splitlines()[:2] == [
        "Command     sh -c 'echo '\\''one'\\''",
        "            echo {two} $x' --to={to} ''",
    ]


def test_settings_are_told_in_words_and_secrets_not_at_all(jobctl: Shell) -> None:
    jobctl.site.define(
        '[jobs.a]\ncommand = "true"\nlimits = { memory = "100MB", open_files = 64 }\n'
        'env = { TOKEN = "wonderful", MODE = "fast" }\nsecrets = ["TOKEN"]\nheartbeat = "https://hc.example/2f1c"\n'
    )
    said = jobctl("show", "a").out
    assert '{"memory": "100MB", "open_files": 64}' in said
    assert '{"MODE": "fast", "TOKEN": "***"}' in said
    assert "heartbeat" in said
    assert re.search(r"\*\*\* ?\w", said) is None  # no digest, by which a secret could be guessed
    definition = json.loads(jobctl("show", "a", "--json").out)["definition"]
    assert definition["env"] == {"MODE": "fast", "TOKEN": "***"}
    assert definition["heartbeat"] == "***"
    assert [line.split() for line in said.splitlines() if line.startswith("timeout")] == [["timeout", "none"]]


def test_programs_are_told_what_holds_where_the_file_says_nothing(jobctl: Shell) -> None:
    jobctl.site.define(
        '[jobs.a]\ncommand = "true"\n[jobs.b]\ncommand = "true"\ncwd = "/srv"\ntimezone = "Asia/Tokyo"\n'
    )
    document = json.loads(jobctl("show", "a", "--json").out)
    definition = document["definition"]
    assert document["timezone"] == definition["timezone"] == system_zone()
    assert definition["cwd"] == home_or_root(own_account())
    assert (definition["alert"]["on"], definition["alert"]["severity"]) == (["failed", "recovered"], "medium")
    own = json.loads(jobctl("show", "b", "--json").out)["definition"]
    assert (own["timezone"], own["cwd"]) == ("Asia/Tokyo", "/srv")


def test_of_coming_starts_it_is_said_that_nobody_is_there_for_them(jobctl: Shell) -> None:
    run_id = json.loads(jobctl("enqueue", "hello", "--delay", "1h", "--json").out)["id"]
    for words in (
        ["list"],
        ["show", "hello"],
        ["show", run_id],
        ["history"],
        ["next"],
        ["status"],
        ["status", "hello"],
    ):
        said = jobctl(*words)
        assert said.status == 0
        assert said.err.endswith("no daemon is running: nothing starts by itself (`jobctl daemon`)\n"), words


def test_a_start_that_should_have_come_is_due(jobctl: Shell) -> None:
    jobctl("list")
    jobctl.site.ctx.store.jobs.plan_next({"hello": jobctl.site.ctx.clock.now() - 4_000})
    assert re.search(r"Next .* \(due \ds ago\)\n", jobctl("show", "hello").out)
    assert re.search(r"hello .* due \ds ago\n", jobctl("list").out)
