"""What moves on a terminal while somebody waits: there only, and gone when there is something to say."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobctl.cli.render.live_words import words_of_many, words_of_one
from jobctl.cli.render.prefixed import Prefixed
from jobctl.domain.run import Run, Status
from jobctl.operations.definitions import ensure_current
from tests.cli.shell import Shell
from tests.operations.site import PATIENCE, Site
from tests.store.building import NOW, add, run_of, run_through

ROOT = Path(__file__).parents[2]


class Terminal:
    """A verb with a terminal of its own, which somebody watches. To be closed."""

    def __init__(self, site: Site, *words: str, columns: int = 200, **variables: str) -> None:
        self._watcher, end = pty.openpty()
        places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
        environment = os.environ | {"TERM": "xterm", "COLUMNS": str(columns), "LANG": "C.UTF-8"} | variables
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jobctl", *words, *places], cwd=ROOT, env=environment, stdin=end, stdout=end,
            stderr=end, start_new_session=True,
        )  # fmt: skip
        os.close(end)
        self.seen = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.seen}"
            if not self._read():
                raise AssertionError(f"it ended before {text!r} came:\n{self.seen}")

    def wait_for_the_end(self) -> int:
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        try:
            if select.select([self._watcher], [], [], PATIENCE)[0]:
                data = os.read(self._watcher, 4096)
                self.seen += data.decode("utf-8", "replace")
                return bool(data)
        except OSError:  # the other end is closed
            return False
        return True

    def close(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._watcher)


def test_who_waits_in_the_queue_is_told_why_and_how_long_it_usually_takes(site: Site) -> None:
    ensure_current(site.ctx)
    run_through(site.ctx.store, "hello", Status.SUCCEEDED)
    site.ctx.store.attempts.begin(add(site.ctx.store, "hello"), bytes(16), "gone", NOW)
    site.pretend_daemon()
    terminal = Terminal(site, "run", "hello")
    try:
        terminal.wait_for("hello waits ")
        terminal.wait_for("(max_concurrent = 1 of hello is reached: waits for ")
        terminal.wait_for("; usually takes 0.5s")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait_for_the_end() == 130
        assert "cancelling; press Ctrl-C again to leave it at once" in terminal.seen
        assert "\x1b[?25h" in terminal.seen.rpartition("usually takes")[2]  # the cursor is back
    finally:
        terminal.close()


@pytest.mark.parametrize(("locale", "bar"), [("C.UTF-8", "██████░░░░░░░░░░░░░░"), ("C", "######--------------")])
def test_progress_is_shown_and_the_output_stays_whole(site: Site, locale: str, bar: str) -> None:
    say = f'"{sys.executable}" -P -m jobctl progress'
    gate = f'until [ -e "{site.folder}/gate" ]; do sleep 0.02; done'
    command = f"""{say} 30 -m "rows"; echo first; {gate}; echo second"""
    site.define(f"""[jobs.counts]\ncommand = '''{command}'''\nenv = {{ PYTHONPATH = "{ROOT}" }}\n""")
    terminal = Terminal(site, "run", "counts", LC_ALL=locale)
    try:
        terminal.wait_for(f"{bar} 30% rows, runs ")
        (site.folder / "gate").touch()
        assert terminal.wait_for_the_end() == 0
        assert "first\r\n" in terminal.seen
        assert "second\r\n" in terminal.seen
        assert terminal.seen.isascii() == (locale == "C")
    finally:
        terminal.close()


def test_the_line_comes_back_after_output_and_is_cut_to_the_terminal(site: Site) -> None:
    name = "a-job-with-a-name-that-is-long"
    gate = f'until [ -e "{site.folder}/gate" ]; do sleep 0.02; done'
    site.define(f"""[jobs.{name}]\ncommand = '''echo first; {gate}'''\ntimeout = "1m"\n""")
    terminal = Terminal(site, "run", name, columns=25)
    try:
        terminal.wait_for("first\r\n")
        terminal.wait_for(f"{name[:21]}…")
        (site.folder / "gate").touch()
        assert terminal.wait_for_the_end() == 0
        assert f"{name} runs" not in terminal.seen
    finally:
        (site.folder / "gate").touch()
        terminal.close()


@pytest.mark.parametrize("words", [("--quiet",), ()])
def test_nothing_moves_where_nobody_watches(jobctl: Shell, words: tuple[str, ...]) -> None:
    said = jobctl("run", "hello", *words)
    assert "\x1b" not in said.err + said.out


def test_nothing_heavy_is_imported_where_nobody_watches(site: Site) -> None:
    program = "import sys; from jobctl.cli.main import call; call(sys.argv[1:]); print('rich' in sys.modules)"
    places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir)]
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, "run", "hello", *places], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"


def test_lines_of_several_jobs_are_headed_and_whole() -> None:
    lines = Prefixed(b"a | ")
    assert lines.feed(b"one\ntw") == b"a | one\n"
    assert lines.feed(b"o") == b""
    assert lines.feed(b"\n\n") == b"a | two\na | \n"
    assert lines.flush() == b""
    lines.feed(b"end")
    assert lines.flush() == b"a | end\n"


@pytest.fixture
def run(site: Site) -> Run:
    return run_of(site.ctx.store, add(site.ctx.store, "hello"))


def test_the_words_say_where_a_run_is(site: Site, run: Run) -> None:
    store = site.ctx.store
    assert words_of_one(run, NOW + 12_300, "paused", 65.0) == "hello waits 12s (paused); usually takes 1m05s"
    assert words_of_one(run, NOW + 100, None, None) == "hello waits 0.1s"
    later = run_of(store, add(store, "hello", status=Status.SCHEDULED, due_at=NOW + 60_000))
    assert words_of_one(later, NOW, None, 2.0) == "hello starts in 1m; usually takes 2s"
    store.attempts.begin(run.id, bytes(16), "keeper", NOW)
    running = run_of(store, run.id)
    assert words_of_one(running, NOW + 3000, None, 2.0) == "hello runs 3s, usually 2s"
    assert words_of_many([later, running], 3, NOW) == "2 of 3 runs left: hello (scheduled), hello (running)"
    assert words_of_many([later] * 5, 5, NOW).endswith("hello (scheduled) and 2 more")
