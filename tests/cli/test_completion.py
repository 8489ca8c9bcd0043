"""Completion in the real shells: what a TAB offers. zsh and fish only where they are installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.completion import Shell as Dialect
from jobctl.cli.group import VerbGroup
from jobctl.cli.options import global_options
from jobctl.cli.reference.__main__ import written
from jobctl.cli.verbs import VERBS
from tests.cli.shell import Shell
from tests.operations.site import PATIENCE, Site

ROOT = Path(__file__).parents[2]
COMPLETIONS = ROOT / "completions"
JOBS = """\
[jobs.alpha-one]
command = "true"
group = "greek"
tags = ["letter"]
[jobs.alpha-two]
command = "exit 3"
queue = "slow"
[channels.ops]
type = "command"
command = ["true"]
"""


@pytest.fixture
def place(site: Site, jobctl: Shell) -> Site:
    """A site whose state directory comes by the rules, from the environment, with three runs."""
    site.define(JOBS)
    for call in (("run", "alpha-one"), ("run", "alpha-two"), ("enqueue", "alpha-one")):
        jobctl(*call)
    return site


def environment(site: Site, **more: str) -> dict[str, str]:
    """What a shell has whose jobctl is that of the site; fish makes folders in HOME."""
    return bare_environment(site.folder / "home", JOBCTL_STATE_DIR=str(site.state_dir), **more)


def bare_environment(home: Path, **more: str) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "vt100", "LANG": "C.UTF-8"} | more


def in_bash(words: Iterable[str], env: dict[str, str], cwd: Path | None = None) -> list[str]:
    words = list(words)
    script = (
        f"source {shlex.quote(str(COMPLETIONS / 'jobctl.bash'))}; "
        'compopt() { [ "$2" = nosort ] || echo "compopt $*"; }; '
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _jobctl; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], env=env, cwd=cwd, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def in_fish(words: Iterable[str], env: dict[str, str], cwd: Path | None = None) -> list[str]:
    line = " ".join(words)
    script = f"source {shlex.quote(str(COMPLETIONS / 'jobctl.fish'))}; complete -C {shlex.quote(line)}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], env=env, cwd=cwd, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [found.split("\t")[0] for found in done.stdout.splitlines()]


SHELLS: list[Any] = [
    pytest.param(in_bash, id="bash"),
    pytest.param(in_fish, id="fish", marks=pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")),
]
Complete = Callable[..., list[str]]
with_shells = pytest.mark.parametrize("complete", SHELLS)


def offered(complete: Complete, site: Site, *words: str) -> set[str]:
    return set(complete(["jobctl", *words], environment(site)))


# What the scripts are


def test_the_scripts_are_those_of_the_table_of_verbs() -> None:
    for path, text in written().items():
        assert (ROOT / path).read_text() == text, f"{path} is stale: run `python -m jobctl.cli.reference`"


@pytest.mark.parametrize("dialect", Dialect)
def test_the_verb_prints_the_script(dialect: Dialect, jobctl: Shell) -> None:
    assert jobctl("completion", dialect.value).out == (COMPLETIONS / dialect.file_name).read_text()


def test_an_unknown_shell_is_wrong_usage(jobctl: Shell) -> None:
    assert jobctl("completion", "tcsh").status == 2


def test_the_engine_is_plain_sh() -> None:
    engine = (ROOT / "jobctl" / "cli" / "reference" / "engine.sh").read_text()
    done = subprocess.run(["sh", "-n"], input=engine, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# Verbs and options


@with_shells
def test_all_verbs_are_offered(complete: Complete, site: Site) -> None:
    assert offered(complete, site, "") == set(VERBS)
    assert offered(complete, site, "--state-dir", "/x", "hist") == {"history"}
    assert offered(complete, site, "help", "sch") == {"schema"}


def long_options(verb: str) -> set[str]:
    command: Any = VerbGroup().get_command(None, verb)
    return {name for one in command.params for name in one.opts if name.startswith("--")} | {"--help"}


def test_the_options_of_each_verb_are_offered(site: Site) -> None:
    assert {verb: offered(in_bash, site, verb, "--") for verb in VERBS} == {verb: long_options(verb) for verb in VERBS}


@with_shells
def test_the_global_options_are_offered_before_there_is_a_verb(complete: Complete, site: Site) -> None:
    everywhere = {name for option in global_options() for name in option.opts if name.startswith("--")}
    assert offered(complete, site, "--") == everywhere | {"--help", "--version"}


# Names and runs


@with_shells
def test_jobs_groups_tags_queues_and_channels_are_offered(complete: Complete, place: Site) -> None:
    assert offered(complete, place, "list", "al") == {"alpha-one", "alpha-two"}
    assert offered(complete, place, "disable", "alpha-one", "alpha-t") == {"alpha-two"}
    assert offered(complete, place, "list", "--group", "") == {"greek"}
    assert offered(complete, place, "list", "--tag", "l") == {"letter"}
    assert offered(complete, place, "pause", "--queue", "") == {"default", "slow"}
    assert offered(complete, place, "alerts", "test", "") == {"ops"}
    assert offered(complete, place, "alerts", "t") == {"test"}


@with_shells
def test_runs_are_offered_where_a_verb_can_do_something_with_them(
    complete: Complete, place: Site, jobctl: Shell
) -> None:
    queued, failed, succeeded = [line.split()[0] for line in jobctl("history", "--csv").out.splitlines()[1:]]
    ids = [line.split(",")[0] for line in (queued, failed, succeeded)]
    assert offered(complete, place, "cancel", "") == {ids[0]}
    assert offered(complete, place, "wait", "") == {ids[0]}
    assert offered(complete, place, "retry", "") == {ids[1]}
    assert offered(complete, place, "dismiss", "") == {ids[1]}
    assert offered(complete, place, "delete", "") == set(ids[1:])
    assert offered(complete, place, "show", ids[0]) == {ids[0]}
    assert offered(complete, place, "show", "") == {*ids, "alpha-one", "alpha-two"}


@pytest.mark.parametrize("verb", ["remove", "edit"])
def test_a_job_to_change_in_the_file_is_offered_and_a_new_name_is_not(verb: str, place: Site) -> None:
    assert offered(in_bash, place, verb, "al") == {"alpha-one", "alpha-two"}
    assert offered(in_bash, place, "add", "al") <= {""}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("add", "new", "--overlap", ""), {"skip", "queue", "allow", "replace"}),
        (("add", "new", "--alert", ""), {"low", "medium", "high"}),
        (("top", "--sort", ""), {"cpu", "mem", "time"}),
        (("history", "--columns", "run,mem"), {"run,memory"}),
    ],
)
def test_the_words_that_an_option_takes_are_offered(words: tuple[str, ...], values: set[str], place: Site) -> None:
    assert offered(in_bash, place, *words) == values


@with_shells
def test_statuses_are_offered_also_after_a_comma(complete: Complete, place: Site) -> None:
    assert offered(complete, place, "history", "--status", "fa") == {"failed"}
    assert offered(complete, place, "history", "--status", "failed,t") == {"failed,timed_out"}
    assert offered(complete, place, "daemon", "--log-format", "") == {"text", "json"}


def test_the_value_after_an_equals_sign_is_offered_as_each_shell_splits_it(place: Site) -> None:
    assert offered(in_bash, place, "list", "--group", "=", "gr") == {"greek"}
    assert offered(in_bash, place, "list", "--group", "=") == {"greek"}
    if shutil.which("fish"):
        assert offered(in_fish, place, "list", "--group=gr") == {"--group=greek"}


def test_files_are_left_to_the_shell(place: Site) -> None:
    assert in_bash(["jobctl", "backup", ""], environment(place)) == ["compopt -o default", ""]
    assert in_bash(["jobctl", "--state-dir", ""], environment(place)) == ["compopt -o dirnames", ""]


@pytest.mark.parametrize(
    "words",
    [
        ["exec", "--name", "x", "--", "ls", "/"],
        ["exec", "--", ""],
        ["exec", "ls", "-"],
        ["shell", "alpha-one", "--", "ls", "-l", "/"],
        ["add", "new", "--", "/"],
    ],
)
def test_the_words_of_a_command_are_left_to_the_shell(words: list[str], place: Site) -> None:
    assert in_bash(["jobctl", *words], environment(place)) == ["compopt -o default", ""]
    if shutil.which("fish"):
        typed = [*words[:-1], str(place.folder)[:-1]]
        assert f"{place.folder}/" in in_fish(["jobctl", *typed], environment(place))


@with_shells
def test_jobs_are_offered_before_runs_and_stay_so(complete: Complete, place: Site) -> None:
    found = complete(["jobctl", "logs", ""], environment(place))
    assert found[:2] == ["alpha-one", "alpha-two"]
    assert len(found) == 5


@with_shells
def test_nothing_is_offered_where_words_are_free_or_no_more_are_taken(complete: Complete, place: Site) -> None:
    assert offered(complete, place, "enqueue", "alpha-one", "") <= {""}
    assert offered(complete, place, "disable", "--reason", "") <= {""}


def test_a_name_never_becomes_a_command_of_bash(site: Site) -> None:
    (site.state_dir / "names").write_text("tag\t$(id>PWN)\ntag\ta;b\ntag\tplain-1.x\n")
    found = in_bash(["jobctl", "list", "--tag", ""], environment(site))
    assert found == [r"\$\(id\>PWN\)", r"a\;b", "plain-1.x"]


def test_of_very_many_names_the_first_and_the_last_are_offered(site: Site) -> None:
    (site.state_dir / "names").write_text("".join(f"job\tjob-{number:05d}\n" for number in range(10_000)))
    found = in_bash(["jobctl", "show", "job-"], environment(site))
    assert len(found) == 200
    assert (found[0], found[-1]) == ("job-00000", "job-09999")
    assert in_bash(["jobctl", "show", "job-0777"], environment(site)) == [f"job-0777{digit}" for digit in range(10)]


# Where the state directory is


@with_shells
def test_the_state_directory_is_found_by_the_rules(complete: Complete, place: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".config" / "jobctl").mkdir(parents=True)
    here = tmp_path / "here"
    here.mkdir()
    elsewhere = bare_environment(home, JOBCTL_STATE_DIR=str(tmp_path / "none"))
    state, words = str(place.state_dir), {"alpha-one", "alpha-two"}

    def found(*call: str, **env: str) -> set[str]:
        return set(complete(["jobctl", *call, "show", "alpha"], bare_environment(home, **env), here))

    assert set(complete(["jobctl", "--state-dir", state, "show", "al"], elsewhere)) == words
    assert set(complete(["jobctl", "show", f"--state-dir={state}", "al"], elsewhere)) == words
    assert found() <= {""}
    (here / "jobs.toml").write_text("[daemon]\nenabled = true\nstate_dir = '../state' # here\n[jobs.x]\n")
    assert found() == words
    (here / "jobs.toml").rename(here / "other.toml")
    assert found() <= {""}
    assert found("-c", "other.toml") == words
    assert found(JOBCTL_CONFIG=str(here / "other.toml")) == words
    assert found(STATE_DIRECTORY=state) == words


def test_the_customary_state_directory_of_a_user_is_found(place: Site, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root has another one")
    (tmp_path / "jobctl").symlink_to(place.state_dir)
    assert in_bash(
        ["jobctl", "show", "alpha-o"], bare_environment(tmp_path / "home", XDG_STATE_HOME=str(tmp_path))
    ) == ["alpha-one"]


# zsh completes only where somebody types


class Zsh:
    """A zsh in a terminal of its own, with the script loaded."""

    def __init__(self, env: dict[str, str]) -> None:
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], env | {"PS1": "ready> ", "COLUMNS": "200"})
        self.type("unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D; ")
        self.type(f"source {shlex.quote(str(COMPLETIONS / '_jobctl'))}; PS1='go''> '\r")
        self.see("go> ")

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def see(self, wanted: str) -> None:
        """Wait until it was shown."""
        seen, deadline = "", time.monotonic() + PATIENCE
        while wanted not in seen:
            assert time.monotonic() < deadline, f"waited in vain for {wanted!r}: {seen!r}"
            if select.select([self._terminal], [], [], 0.1)[0]:
                seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[\0\a]", "", os.read(self._terminal, 65_536).decode())

    def close(self) -> None:
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh_completes_verbs_options_and_names(place: Site, jobctl: Shell) -> None:
    [run] = [line.split(",")[0] for line in jobctl("history", "--csv", "--status", "queued").out.splitlines()[1:]]
    zsh = Zsh(environment(place))
    try:
        for typed, completed in (
            ("hist", "jobctl history"),
            ("list --fail", "jobctl list --failing"),
            ("show alpha-t", "jobctl show alpha-two"),
            ("list --group=g", "jobctl list --group=greek"),
            ("cancel ", f"jobctl cancel {run}"),
            ("delete \t", "failed alpha-two"),
            ("exec -- ls /pro", "jobctl exec -- ls /proc/"),
        ):
            zsh.type(f"\x15jobctl {typed}\t")
            zsh.see(completed)
    finally:
        zsh.close()
