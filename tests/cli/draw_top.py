"""Draws docs/top.svg: a real daemon with real jobs for a while, and what `jobctl top` shows of it then.

`python -m tests.cli.draw_top [--seconds 45] [--columns 124] [--lines 32] [--output docs/top.svg] [--print-once]`

With `--print-once` the screen of `jobctl top --once` is printed too, for the README.
"""

from __future__ import annotations

import argparse
import io
import re
import select
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.segment import Segment, Segments

from jobctl.cli.live.canvas import segments
from jobctl.cli.render.top.screen import Size, draw
from jobctl.cli.render.top.view import View, arranged
from jobctl.operations.top import Lookout, Snapshot
from jobctl.wiring import open_context
from tests.end_to_end.installation import REPOSITORY, Installation

_PROGRESS = f'"{sys.executable}" -P -m jobctl progress'
JOBS = f"""\
[daemon]
timezone = "Europe/Berlin"
[queues.mail]
max_concurrent = 3
[queues.heavy]
max_concurrent = 2
rate_limit = "30/m"
[defaults]
env = {{ PYTHONPATH = "{REPOSITORY}" }}
[jobs.index-documents]
command = '''for i in $(seq 1 60); do sleep 1; {_PROGRESS} $i/90 --message "row $((i * 412)) of 37,080"; done'''
on_start = true
[jobs.compress-archive]
command = "for i in 1 2 3 4 5 6; do head -c 25M /dev/urandom | gzip > /dev/null; sleep 0.7; done"
every_after = "2s"
on_start = true
[jobs.dump-database]
command = '''python3 -c "import time; rows = bytearray(180_000_000); time.sleep(16)"'''
every_after = "1s"
on_start = true
queue = "heavy"
[jobs.check-mirror]
command = "sleep 9"
every = "10s"
[jobs.site-up]
command = "echo connection refused; exit 7"
every = "20s"
[jobs.await-upload]
command = "sleep 5"
timeout = "2s"
every = "30s"
[jobs.send-email]
command = "sleep 6"
queue = "mail"
max_concurrent = 10
every = "2s"
overlap = "queue"
[jobs.rotate-copies]
command = "true"
every = "5s"
[jobs.nightly-dump]
command = "true"
schedule = "30 2 * * *"
"""


def svg(snapshot: Snapshot, size: Size) -> str:
    """The screen as rich exports it, without the fonts that it would fetch from elsewhere."""
    console = Console(
        record=True, file=io.StringIO(), width=size.columns, force_terminal=True, color_system="truecolor"
    )
    rows = arranged(snapshot, View())
    view = View(chosen=rows[1].run.id if len(rows) > 1 else None)
    wanted: list[Segment] = []
    for line in draw(snapshot, view, size):
        wanted += [*segments(line), Segment.line()]
    console.print(Segments(wanted), end="")
    form = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    drawn = console.export_svg(title="jobctl top", code_format=form, unique_id="jobctl-top")
    return "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip()) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=45.0)
    parser.add_argument("--columns", type=int, default=124)
    parser.add_argument("--lines", type=int, default=32)
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs" / "top.svg")
    parser.add_argument("--print-once", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        try:
            installation.write_jobs(JOBS)
            installation.daemon()
            select.select((), (), (), wanted.seconds)
            context = open_context(installation.jobs_file, installation.state_dir)
            lookout = Lookout(context)
            lookout.look()
            select.select((), (), (), 1.0)
            wanted.output.write_text(svg(lookout.look(), Size(wanted.columns, wanted.lines)))
            context.close()
            if wanted.print_once:
                print(installation.call("top", "--once").stdout)
        finally:
            installation.close()


if __name__ == "__main__":
    main()
