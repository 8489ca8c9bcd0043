"""The man page: every verb with its options and examples, in the macros of man(7)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator

from jobctl.cli.examples import EXAMPLES
from jobctl.cli.exit_status import MEANINGS, OF_JOBS
from jobctl.cli.reference.table import Option, Page, options_before_the_verb
from jobctl.cli.verbs import PANELS

_HEAD = """\
.\\" Written by `python -m jobctl.cli.reference`.
.TH JOBCTL 1 "" "jobctl" "User Commands"
.SH NAME
jobctl \\- the job runner for a machine you care about
.SH SYNOPSIS
.B jobctl
.RI [ OPTIONS ]
.I VERB
.RI [ ARGS ]...
.SH DESCRIPTION
One TOML file says what runs when, one daemon runs it, and one command tells the truth about what ran, what is running,
what is next, what failed and why.
A job is a definition in the jobs file, a run is one unit of its work, an attempt is one process execution of a run.
.PP
All verbs but
.B reload
work with and without the daemon.
JOB may be a glob; of the id of a RUN any unambiguous beginning will do.
Data goes to standard output, everything else to standard error.
With
.B \\-\\-json
a verb prints one document, a follower one object a line.
"""
_PLACES = """\
.SH ENVIRONMENT
.TP
.B JOBCTL_CONFIG
The jobs file, where
.B \\-\\-config
is not given.
.TP
.B JOBCTL_STATE_DIR
The state directory, where
.B \\-\\-state\\-dir
is not given.
.TP
.B JOBCTL_ENABLED
When it is
.IR false ,
the daemon starts nothing by itself.
.TP
.B NO_COLOR
No colours on a terminal.
.TP
.B FORCE_COLOR
Colours in a pipe, too.
.TP
.B COLUMNS
The width of tables where standard output is no terminal.
.TP
.BR LC_ALL ", " LC_CTYPE ", " LANG
Where the first of them that is not empty says C or POSIX, screens are drawn in ASCII.
.TP
.BR VISUAL ", " EDITOR ", " SHELL
What
.B edit
and
.B shell
call.
.SH FILES
.TP
.I ./jobs.toml, ~/.config/jobctl/jobs.toml, /etc/jobctl/jobs.toml
The jobs file: the first where it is there, the last for root.
.TP
.I ~/.local/state/jobctl, /var/lib/jobctl
The state directory, the last for root:
database, logs, records of keepers, locks.
.SH SEE ALSO
.BR crontab (5),
.BR systemd.timer (5),
.BR systemd.service (5)
"""


def man_page(pages: list[Page]) -> str:
    """The whole page."""
    parts = [_HEAD, ".SH OPTIONS\nOf every verb, before or after it.\n", *_options(options_before_the_verb())]
    parts.append(".SH VERBS\n")
    for panel in PANELS:
        parts.append(f".SS {panel}\n")
        parts += [text for page in pages if page.panel == panel for text in _verb(page)]
    parts.append(".SH EXIT STATUS\n")
    parts += [f".TP\n.B {int(status)}\n{_text(meaning)}\n" for status, meaning in MEANINGS.items()]
    parts += [f".PP\n{_text(OF_JOBS)}\n", _PLACES]
    return "".join(parts)


def _verb(page: Page) -> Iterator[str]:
    usage = " ".join([page.name, *(["[OPTIONS]"] if page.options else []), *(one.usage for one in page.arguments)])
    yield f".TP\n.B jobctl {_text(usage)}\n"
    yield "\n.IP\n".join(_text(paragraph) for paragraph in inspect.cleandoc(page.text).split("\n\n")) + "\n"
    yield ".RS\n"
    yield from _options(page.options)
    for call, says in EXAMPLES.get(page.name, ()):
        yield f".TP\nExample: {_text(says)}\n.B {_text(call)}\n"
    yield ".RE\n"


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        names = ", ".join(f"\\fB{_text(name)}\\fR" for name in sorted(option.names, key=len))
        value = f" \\fI{_text(option.metavar)}\\fR" if option.metavar else ""
        yield f".TP\n{names}{value}\n{_text(option.help)}\n"


def _text(text: str) -> str:
    """As roff takes it: on one line, with nothing that it would take for a request."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    escaped = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", escaped)
    return "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in escaped)
