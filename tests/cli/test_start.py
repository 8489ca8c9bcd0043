"""A verb imports what it needs and no more: held by module names, since milliseconds depend on the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.operations.site import Site

HEAVY = {
    "asyncio", "croniter", "hashlib", "importlib.metadata", "msgspec", "platformdirs", "psutil", "pydantic", "rich",
    "rtoml", "tomli_w", "tomllib", "zoneinfo",
}  # fmt: skip
OURS = {"jobctl.config.load", "jobctl.daemon.loop", "jobctl.domain.job", "jobctl.domain.schedule"}
# What typer brings, and records that few verbs show.
NOT_FOR_A_LOOK = {
    "dataclasses", "difflib", "inspect", "jobctl.domain.outcome", "jobctl.store.sqlite.alerts",
    "jobctl.store.sqlite.chains", "jobctl.store.sqlite.rates", "shutil", "subprocess", "threading", "typer",
}  # fmt: skip
NOT_FOR_A_COMMAND = {
    "dataclasses", "difflib", "inspect", "jobctl.domain.alert", "jobctl.domain.params", "random", "shutil", "socket",
    "subprocess", "typer",
}  # fmt: skip
NOT_FOR_A_LISTING = {
    "jobctl.cli.render.json", "jobctl.domain.definition_records", "jobctl.operations.job_detail",
    "jobctl.operations.progress", "jobctl.process.terminal_text", "jobctl.store.sqlite.chain_links",
    "jobctl.store.sqlite.runs",
}  # fmt: skip
SHOW_MODULES = """
import sys
from jobctl.cli.main import call
status = call(sys.argv[1:])
modules = sorted(sys.modules)
sys.stdout.flush()
import json
print(json.dumps([status, modules]), file=sys.stderr)
"""


def modules_of(site: Site, *words: str) -> set[str]:
    places = ["--config", str(site.jobs_file), "--state-dir", str(site.state_dir), "--quiet"]
    asked = [sys.executable, "-c", SHOW_MODULES, *words, *places]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}  # no width to know
    said = subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, env=environment)
    status, modules = json.loads(said.stderr.splitlines()[-1])
    assert status == 0
    return set(modules)


@pytest.fixture
def loaded(site: Site) -> Site:
    """A site whose store knows the jobs and one run."""
    modules_of(site, "list")
    subprocess.run(
        [sys.executable, "-m", "jobctl", "run", "hello", "-c", str(site.jobs_file), "--state-dir", str(site.state_dir)],
        check=True, capture_output=True,
    )  # fmt: skip
    return site


def test_a_daemon_keeps_nothing_of_what_parses_calls() -> None:
    code = "import sys; from jobctl.cli.quick_look import plain_call; plain_call(['daemon', '--drain'])"
    code += "; import jobctl.wiring.service; print('jobctl.daemon.loop' in sys.modules, 'typer' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.split() == ["True", "False"]


def test_a_screen_that_stays_open_keeps_nothing_of_what_parses_calls(loaded: Site) -> None:
    modules = modules_of(loaded, "top", "--sort", "mem")
    assert "jobctl.operations.top" in modules
    assert "typer" not in modules


@pytest.mark.parametrize("words", [["list"], ["status"], ["history"], ["list", "--json"], ["history", "--json"]])
def test_looking_is_light(loaded: Site, words: list[str]) -> None:
    modules = modules_of(loaded, *words)
    assert "sqlite3" in modules
    assert not modules & (HEAVY | OURS)


@pytest.mark.parametrize(
    "words",
    [["list"], ["history"], ["history", "hello"], ["list", "he*"], ["list", "--failing"], ["history", "-n", "5"]],
)
def test_a_plain_look_imports_no_more_than_it_shows(loaded: Site, words: list[str]) -> None:
    modules = modules_of(loaded, *words)
    assert "jobctl.store.sqlite.store" in modules
    assert modules & NOT_FOR_A_LOOK == set()


def test_a_recorded_command_imports_no_more_than_its_record_needs(loaded: Site) -> None:
    places = ["--config", str(loaded.jobs_file), "--state-dir", str(loaded.state_dir)]
    asked = [sys.executable, "-c", SHOW_MODULES, *places, "exec", "--name", "any", "--", "true"]
    said = subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    status, modules = json.loads(said.stderr.splitlines()[-1])
    assert (status, "jobctl.operations.execution" in modules) == (0, True)
    assert set(modules) & (HEAVY | OURS | NOT_FOR_A_COMMAND) == set()


def test_the_keeper_of_a_command_is_started_before_what_it_need_not_wait_for() -> None:
    code = "import sys; from jobctl.cli.quick_look import plain_call; plain_call(['exec', '-n', 'any', 'true'])"
    code += "; print('jobctl.process.pool' in sys.modules, 'sqlite3' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.split() == ["True", "False"]


@pytest.mark.parametrize("words", [["list"], ["list", "he*"]])
def test_a_listing_knows_nothing_of_runs_and_definitions(loaded: Site, words: list[str]) -> None:
    modules = modules_of(loaded, *words)
    assert "jobctl.store.sqlite.jobs" in modules
    assert modules & NOT_FOR_A_LISTING == set()


def test_a_table_of_runs_needs_no_json(loaded: Site) -> None:
    assert "json" not in modules_of(loaded, "history")


def test_a_plain_status_does_without_typer(loaded: Site) -> None:
    modules = modules_of(loaded, "status")
    assert "jobctl.operations.status" in modules
    assert "typer" not in modules


def test_the_status_of_a_job_knows_no_alerts_and_no_queues(loaded: Site) -> None:
    modules = modules_of(loaded, "status", "hello")
    assert "jobctl.operations.job_detail" in modules
    assert not modules & {"jobctl.domain.alert", "jobctl.operations.status", "jobctl.operations.queues", "typer"}


def test_logs_is_light(loaded: Site) -> None:
    assert not modules_of(loaded, "logs", "hello") & HEAVY


def test_the_version_needs_nothing_at_all() -> None:
    script = "import os, sys; sys.argv = ['jobctl', '--version']; from jobctl.cli.main import main\n"
    script += "os._exit = lambda status: print(*sys.modules); main()"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    version, modules = said.splitlines()
    assert version.startswith("jobctl ")
    assert not {"typer", "sqlite3", "json", "rich"} & set(modules.split())


def test_help_imports_no_verb() -> None:
    script = "import sys; from jobctl.cli.main import call; call(['--help']); print(*sys.modules)"
    environment = {**os.environ, "COLUMNS": "80"}
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, env=environment)
    modules = set(said.stdout.splitlines()[-1].split())
    assert "jobctl.cli.verbs" in modules
    assert not {"jobctl.cli.list", "jobctl.cli.run", "sqlite3", "rich"} & modules
