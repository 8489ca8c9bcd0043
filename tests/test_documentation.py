"""What is written about jobctl is true: the README, the example, the unit file, the help."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.group import VerbGroup
from jobctl.cli.main import call
from jobctl.cli.verbs import VERBS
from jobctl.config.load import load
from jobctl.config.schema import json_schema
from jobctl.daemon.loop import Steps
from jobctl.domain.run import MOVES
from tests.end_to_end.installation import Installation

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / "jobs.toml.example").read_text()
HOUSE = (ROOT / "docs" / "architecture.md").read_text()
NOW = 1_795_392_000_000  # 2026-11-23


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def jobs_file(folder: Path, text: str) -> Path:
    path = folder / "jobs.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def command_of(verb: str) -> Any:
    return VerbGroup().get_command(None, verb)


# The README


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_place_in_the_readme(verb: str) -> None:
    assert re.search(rf"^\$ jobctl( -\S+)* {verb}\b", README, re.MULTILINE), f"no screen shows `jobctl {verb}`"


@pytest.mark.parametrize("line", re.findall(r"^\$ (jobctl .*)$", README, re.MULTILINE))
def test_every_call_in_the_readme_is_one_that_jobctl_understands(line: str) -> None:
    words = shlex.split(re.split(r" [|;>&]", line, maxsplit=1)[0], comments=True)[1:]
    verb = next(word for word in words if not word.startswith("-"))
    assert verb in VERBS
    known = {name for parameter in command_of(verb).params for name in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used <= known | {"--help"}


def test_the_exit_statuses_of_the_readme_are_those_of_the_program() -> None:
    table = README.split("## Exit status")[1].split("\n## ")[0]
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert told == {status.value for status in ExitStatus}


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_jobs_file_of_the_readme_loads(block: str, tmp_path: Path) -> None:
    load(jobs_file(tmp_path, block), NOW)


def test_the_readme_names_one_command_that_passes_the_tests() -> None:
    commands = re.findall(r"^python3 -m venv \.venv .*$", README, re.MULTILINE)
    assert [command.endswith(".venv/bin/pytest -n 4 --dist worksteal") for command in commands] == [False, True]


def test_every_file_that_the_readme_names_is_there() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name


def test_every_section_that_the_readme_points_to_is_there() -> None:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors | set(re.findall(r'<a id="([^"]+)">', README))


def test_the_readme_leads_from_a_table_to_what_it_says_of_each_verb() -> None:
    assert set(re.findall(r"\[`(\w+)`\]\(#verb-\1\)", README)) == set(VERBS)
    assert set(re.findall(r'<a id="verb-(\w+)"></a>\*\*\1\*\*', README)) == set(VERBS)


# The plan of the house


def test_every_file_that_the_plan_of_the_house_names_is_there() -> None:
    named = set(re.findall(r"`([\w/]+\.(?:py|sql))`", HOUSE))
    there = {str(path) for folder in ("jobctl", "tests") for path in (ROOT / folder).rglob("*.*")}
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in there)} == set()


def test_the_plan_of_the_house_has_a_room_for_all_that_is_in_it() -> None:
    inside = (ROOT / "jobctl").iterdir()
    rooms = {path.name for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    told = set(re.findall(r"`(\w+(?:/|\.py))`", HOUSE.split("## Floors")[1].split("\n## ")[0]))
    assert rooms - {"__init__.py"} <= {name.rstrip("/") for name in told}


def test_the_states_and_moves_of_the_plan_are_those_of_a_run() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)", HOUSE, re.MULTILINE))
    assert drawn == {(before.name.lower(), after.name.lower()) for before, moves in MOVES.items() for after in moves}


def test_the_plan_of_the_house_names_every_step_of_a_tick() -> None:
    told = set(re.findall(r"`(\w+)`", HOUSE.split("## A tick")[1].split("\n## ")[0]))
    assert set(Steps.__dataclass_fields__) <= told


# The table of keys


TABLES = {
    "[jobs.NAME]": ("jobs", "*"),
    "[jobs.NAME.params]": ("jobs", "*", "params", "*"),
    "wait_for_idle": ("jobs", "*", "wait_for_idle"),
    "limits": ("jobs", "*", "limits"),
    "[jobs.NAME.alert]": ("jobs", "*", "alert"),
    "retention": ("jobs", "*", "retention"),
    "[daemon]": ("daemon",),
    "[queues.NAME]": ("queues", "*"),
    "[retention]": ("retention",),
    "[calendars.NAME]": ("calendars", "*"),
    "[channels.NAME]": ("channels", "*"),
    "[severity]": ("severity",),
    "[monitor]": ("monitor",),
}


def keys_with_defaults(path: tuple[str, ...]) -> dict[str, str]:
    """The keys of a table of the jobs file, each with what the schema says holds when it is left out."""
    schema: dict[str, Any] = json_schema()
    for step in path:
        [schema] = schema["patternProperties"].values() if step == "*" else [schema["properties"][step]]
    kinds = schema.get("oneOf", schema.get("anyOf", [schema]))
    return {key: in_words(value.get("default")) for kind in kinds for key, value in kind["properties"].items()}


def in_words(default: object) -> str:
    if isinstance(default, list) and all(isinstance(word, str) for word in default):
        return " ".join(default)
    if isinstance(default, bool):
        return "true" if default else ""
    return "" if default is None else str(default)


def test_the_readme_names_every_key_and_what_holds_when_it_is_left_out() -> None:
    section = README.split("### Every key")[1].split("\n## ")[0]
    told: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for table, words in re.findall(r"^\| `(.+?)`.*? \| (.+) \|$", section, re.MULTILINE):
        told[table] |= re.findall(r"`(\w+)`(?: \((.+?)\))?", words)
    for table, path in TABLES.items():
        known = keys_with_defaults(path)
        assert told[table].keys() == known.keys(), table
        assert {key: told[table][key] for key, default in known.items() if default} == {
            key: default for key, default in known.items() if default
        }
    assert {path[0] for path in TABLES.values()} | {"include", "defaults"} == set(keys_with_defaults(()))


# The help


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_each_of_its_options(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([verb, "--help"]) == 0
    usage = capsys.readouterr().out.splitlines()[0]
    assert usage.startswith(f"Usage: jobctl {verb} ")
    assert all("|" in choice for choice in re.findall(r"\{(.*?)\}", usage))
    command = command_of(verb)
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{verb}: {parameter.name}"


# The example


def keys_of(schema: dict[str, Any]) -> Iterator[str]:
    """The names of all keys that a schema knows, however deep."""
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from keys_of(inner)
    for word in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(word, ()):
            yield from keys_of(inner)
    for inner in (*schema.get("patternProperties", {}).values(), *schema.get("$defs", {}).values()):
        yield from keys_of(inner)


def uncommented(text: str) -> str:
    """The text with all of its commented keys in force."""
    return re.sub(r"^#(?=[^\s#])", "", text, flags=re.MULTILINE)


def test_the_example_has_neither_errors_nor_doubts(tmp_path: Path) -> None:
    loaded = load(jobs_file(tmp_path, EXAMPLE), NOW)
    assert loaded.warnings == ()


def test_the_example_speaks_of_every_key() -> None:
    missing = {key for key in keys_of(json_schema()) if not re.search(rf"^#?\[?(.*[{{, .])?{key}\b", EXAMPLE, re.M)}
    assert missing == set()


def test_the_example_has_no_doubts_either_with_every_key_in_force(tmp_path: Path) -> None:
    (tmp_path / "holidays.txt").write_text("2026-12-25\n")
    (tmp_path / "conf.d").mkdir(mode=0o700)
    more = tmp_path / "conf.d" / "more.toml"
    more.write_text('[jobs.more]\ncommand = "true"\n')
    more.chmod(0o600)
    assert load(jobs_file(tmp_path, uncommented(EXAMPLE)), NOW).warnings == ()


# The example's first minute, with the real daemon


@pytest.fixture(scope="module")
def first_minute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of the example whose daemon has run every job once, has work for each of them, and has left."""
    installation = Installation(tmp_path_factory.mktemp("example"))
    tree = installation.folder / "tree"
    tree.mkdir()
    (tree / "settings").write_text("one\n")
    installation.write_jobs(EXAMPLE.replace('"/etc"', f'"{tree}"'))
    state = installation.state_dir
    for folder in (state / "copies", state / "scratch"):
        folder.mkdir(mode=0o700, parents=True)
    state.chmod(0o700)
    for day in range(10, 20):
        (state / "copies" / f"jobctl-202001{day}T000000.db").touch()
    (state / "scratch" / "fresh").touch()
    (state / "scratch" / "stale").touch()
    os.utime(state / "scratch" / "stale", (0, 0))
    try:
        daemon = installation.daemon()
        installation.wait_settled()
        daemon.stop()  # no slot comes in between what the tests do themselves
        yield installation
    finally:
        installation.close()


def test_the_first_minute_shows_successes_failures_timeouts_and_skips(first_minute: Installation) -> None:
    ends = {run["job"]: run["status"] for run in first_minute.history() if run["origin"] == "startup"}
    assert ends == {
        "copy-database": "succeeded",
        "rotate-copies": "succeeded",
        "disk-report": "succeeded",
        "watch-etc": "succeeded",
        "read-through": "succeeded",
        "prune-scratch": "succeeded",
        "site-up": "failed",
        "await-upload": "timed_out",
    }
    [reading] = first_minute.ask("history", "read-through", "--origin", "startup")
    skipped = first_minute.ask("history", "read-through", "--status", "skipped")
    told = {run["reason"].rpartition(" ")[0] for run in skipped}  # running, or queued in the first instant
    assert told == {f"overlap: run {reading['id']} of this job was still"}


def promised_fields(kind: str) -> set[str]:
    """What the table of JSON fields names first for a kind."""
    [row] = re.findall(rf"^\| {re.escape(kind)} \| .*?`([^`]+)`", README, re.MULTILINE)
    return set(row.split())


def paused_queue(installation: Installation) -> Any:
    """A queue as `status` shows it."""
    installation.call("pause", "--queue", "default")
    [queue] = installation.ask("status")["queues"]
    installation.call("resume", "--queue", "default")
    return queue


def shown_by_other_verbs(installation: Installation) -> dict[str, Any]:
    """What verbs print that is neither a run nor a job, by their rows in the table."""
    crontab = installation.folder / "crontab"
    crontab.write_text("0 5 * * * true\n")
    calls = {
        "`top`": ("top", "--once"),
        "`why`": ("why", "site-up"),
        "`explain`": ("explain", "hourly"),
        "`stats`": ("stats", "site-up"),
        "`logs`": ("logs", "site-up"),
        "`logs --grep`": ("logs", "site-up", "--grep", "answer"),
        "`enable`, `disable`": ("enable", "site-up"),
        "`pause`, `resume`": ("resume",),
        "`prune`": ("prune", "--dry-run"),
        "`backup`": ("backup", str(installation.folder / "copy.db")),
        "`check`": ("check",),
        "`add`, `remove`, `edit`": ("remove", "verify-copy", "--dry-run"),
        "`env`, `run --dry-run`": ("env", "site-up"),
        "`env --diff`": ("env", "site-up", "--diff"),
        "`import`": ("import", "crontab", str(crontab)),
        "`service show`": ("service", "show", "--user"),
    }
    shown = {row: installation.ask(*words) for row, words in calls.items()}
    shown["its `daemon`"] = shown["`top`"]["daemon"]
    return {row: document[0] if isinstance(document, list) else document for row, document in shown.items()}


def test_the_json_fields_of_the_readme_are_those_that_verbs_print(first_minute: Installation) -> None:
    [run] = first_minute.ask("history", "site-up", "--origin", "startup")  # a later slot may have had no attempt yet
    job = first_minute.ask("list", "site-up")[0]
    shown = {
        "run": run,
        "attempt": first_minute.ask("show", run["id"])["attempts"][0],
        "job": job,
        "`last_run` of `list`": job["last_run"],
        "slot (`next`)": first_minute.ask("next", "-n", "1")[0],
        "alert": first_minute.ask("alerts", "--all")[0],
        "`status`": first_minute.ask("status"),
        "its `queues`": paused_queue(first_minute),
        "`health`": json.loads(first_minute.call("health", "--json").stdout),
        "`doctor`": json.loads(first_minute.call("doctor", "--json").stdout)[0],
    }
    shown |= shown_by_other_verbs(first_minute)
    first_minute.call("disable", "site-up")
    shown["event (`history --events`)"] = first_minute.ask("history", "--events")[0]
    first_minute.call("enable", "site-up")
    for verb in ("show", "status"):
        assert set(first_minute.ask(verb, "site-up")["last_run"]) == promised_fields("run")
    assert {kind: set(document) for kind, document in shown.items()} == {kind: promised_fields(kind) for kind in shown}


def test_the_example_copies_a_database_that_is_in_use(first_minute: Installation) -> None:
    copy = max((first_minute.state_dir / "copies").iterdir())
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone()[0] > 0
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_the_example_looks_at_the_copy_that_was_made(first_minute: Installation) -> None:
    [copy] = first_minute.ask("history", "copy-database")
    [verified] = first_minute.ask("history", "verify-copy")
    assert (verified["origin"], verified["parent_id"], verified["status"]) == ("chain", copy["id"], "succeeded")
    assert f"{copy['result']['copy']}: integrity ok, ".encode() in (first_minute.log(verified["id"]) or b"")
    assert first_minute.call("run", "verify-copy").returncode == 0


def test_the_example_keeps_the_newest_copies(first_minute: Installation) -> None:
    kept = sorted(path.name for path in (first_minute.state_dir / "copies").glob("jobctl-2020*"))
    assert 6 <= len(kept) <= 7
    assert kept[-1] == "jobctl-20200119T000000.db"


def test_the_example_removes_only_what_is_old(first_minute: Installation) -> None:
    assert [path.name for path in (first_minute.state_dir / "scratch").iterdir()] == ["fresh"]


def test_the_example_tries_again_before_it_calls_a_page_down(first_minute: Installation) -> None:
    [run] = first_minute.ask("history", "site-up", "--origin", "startup")
    assert run["attempt"] == run["max_attempts"] == 2
    assert b"does not answer" in (first_minute.log(run["id"], attempt=2) or b"")


def test_the_example_tells_what_changed_in_a_folder(first_minute: Installation) -> None:
    (first_minute.folder / "tree" / "settings").write_text("two\n")
    (first_minute.folder / "tree" / "added").touch()
    done = first_minute.call("run", "watch-etc")
    assert done.returncode == 0
    assert re.findall(r"^(?:added|changed) .*/(\w+)$", done.stdout, re.MULTILINE) == ["added", "settings"]
    [run] = first_minute.ask("history", "watch-etc", "-n", "1")
    assert run["result"] == {"added": 1, "removed": 0, "changed": 1}


def test_the_example_reads_a_file_once_a_week(first_minute: Installation) -> None:
    [first] = first_minute.ask("history", "read-through", "--origin", "startup")
    assert b"1 of 1 files were due, 0 cannot be read" in (first_minute.log(first["id"]) or b"")
    for _ in range(2):  # another test may have put down a file
        again = first_minute.call("run", "read-through")
    assert again.returncode == 0
    assert re.search(r"^0 of \d files were due, 0 cannot be read$", again.stdout, re.MULTILINE)


def test_the_example_takes_an_upload_that_is_there(first_minute: Installation) -> None:
    (first_minute.state_dir / "incoming").touch()
    done = first_minute.call("run", "await-upload")
    assert (done.returncode, done.stdout) == (0, "taken\n")
