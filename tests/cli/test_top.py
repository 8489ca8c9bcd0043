"""`top` for pipes and programs, and what is wrong usage."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.pty_screen import ROOT, command
from tests.cli.shell import Shell
from tests.cli.showcase import NOW, Showcase
from tests.operations.site import Site

KEYS = [
    "at", "daemon", "host", "counts", "running", "queues", "paused", "next", "failed", "missed",
    "alerts_open", "ended_per_minute",
]  # fmt: skip
RUNNING = [
    "pid", "elapsed", "usual", "eta", "cpu_percent", "memory_bytes", "processes", "read_bytes_per_second",
    "written_bytes_per_second", "stopping",
]  # fmt: skip


@pytest.mark.parametrize("words", [["top"], ["top", "--once"], ["top", "--once", "--sort", "mem"]])
def test_a_pipe_gets_a_plain_table_once(showcase: Showcase, words: list[str]) -> None:
    showcase.fill()
    said = showcase.call(*words)
    assert said.status == 0
    assert "\x1b" not in said.out
    assert "Daemon  running, up 1d (pid 815, version 0.1.0)\n" in said.out
    assert "\nRUN           JOB " in said.out
    assert "mail-queue" in said.out[said.out.index("\nRunning\n") :]
    assert "\nNext\n" in said.out
    assert "\nFailed\n" in said.out


def test_a_program_gets_one_document(showcase: Showcase) -> None:
    showcase.fill()
    [line] = showcase.call("top", "--once", "--json").out.splitlines()
    document = json.loads(line)
    assert list(document) == KEYS
    [running] = document["running"]
    assert list(running)[-len(RUNNING) :] == RUNNING
    assert (running["job"], running["elapsed"], running["stopping"]) == ("mail-queue", 59.96, False)
    assert document["counts"]["running"] == 1
    assert len(document["ended_per_minute"]) == 120
    assert [run["status"] for run in document["failed"]] == ["failed", "timed_out"]


def test_jobs_that_nobody_starts_are_told_with_what_failed(showcase: Showcase) -> None:
    showcase.fill()
    assert "Missed" not in showcase.call("top", "--once").out
    showcase.context.store.jobs.missed("report", 3, NOW - 3_600_000)
    shown = showcase.call("top", "--once").out.partition("\nMissed, and not started since\n")[2]
    assert shown.split() == ["report", "missed", "3", "in", "a", "row", "since", "19:05:09", "1h", "ago"]
    told = json.loads(showcase.call("top", "--once", "--json").out)["missed"]
    assert told == [{"job": "report", "missed": 3, "missed_since": "2026-11-22T18:05:09Z"}]


def test_without_once_a_program_gets_an_object_a_line_until_it_has_seen_enough(site: Site) -> None:
    places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    with subprocess.Popen(command("top", "--json", *places), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first, second = (json.loads(process.stdout.readline()) for _ in range(2))
        process.stdout.close()
        assert process.wait(20) == 141
    assert list(first) == list(second) == KEYS
    assert first["at"] < second["at"]


def test_an_order_that_is_none_is_wrong_usage(jobctl: Shell) -> None:
    said = jobctl("top", "--sort", "size")
    assert said.status == 2
    assert said.err == "jobctl: --sort size: there is no such order\n  one of: cpu, mem, time\n"


def test_nothing_heavy_is_imported_for_a_table(site: Site) -> None:
    program = "import sys; from jobctl.cli.main import call; call(sys.argv[1:]); print('rich' in sys.modules)"
    places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    done = subprocess.run(
        [*command()[:2], "-c", program, "top", *places], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_only_the_canvas_names_rich_and_nobody_psutil() -> None:
    for folder in ("cli/live", "cli/render/top"):
        for path in (ROOT / "jobctl" / folder).glob("*.py"):
            text = Path(path).read_text()
            assert "psutil" not in text
            assert ("from rich" in text) == (path.name == "canvas.py"), path
