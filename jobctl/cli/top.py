"""`jobctl top`."""

import os
import select
import sys
from typing import TYPE_CHECKING, Annotated

from jobctl.cli.declared import option
from jobctl.cli.invocation import Invocation, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.top.view import Sort, View
from jobctl.cli.render.words import held_notes
from jobctl.errors import UsageError
from jobctl.operations.top import Lookout, Snapshot

if TYPE_CHECKING:
    import typer

_BETWEEN_LOOKS = 0.5  # seconds; rates need two looks


def command(
    ctx: "typer.Context",
    sort: Annotated[
        str | None,
        option(
            "--sort", metavar="WHAT", help="Running attempts with the most of it first: cpu (the default), mem, time."
        ),
    ] = None,
    once: Annotated[bool, option("--once", help="Print how it is now, and end.")] = False,
) -> None:
    """What runs and what it uses, what is next and what failed, once a second; `?` shows the keys.

    A plain table, once, where stdout is no terminal that can be drawn on. With --json one object a line for each look.
    """
    call = invocation(ctx)
    view = View(sort=Sort.CPU if sort is None else _read_sort(sort), ascii_only=call.console.is_plain)
    if call.json:
        _tell_programs(call, view, once=once)
    elif once or not call.console.is_terminal or os.environ.get("TERM", "") in ("", "dumb"):
        from jobctl.cli.render.top.table import print_top  # not for the live screen

        snapshot = _second_look(Lookout(call.context))
        print_top(call.console, snapshot, view)
        call.console.notes(held_notes(snapshot.stored.pauses))
        call.console.notes(snapshot.stored.notes)
    else:
        _live(call, view)


def _live(call: Invocation, view: View) -> None:
    from jobctl.cli.live.canvas import Canvas  # rich, for those who watch
    from jobctl.cli.live.session import Session
    from jobctl.cli.live.terminal import Terminal

    _ = call.context.store  # what is wrong with it is said on the usual screen
    with Terminal(sys.stdout, sys.stdin, call.context.clock) as terminal:
        Session(call.context, terminal, Canvas(sys.stdout, no_color=call.no_color), view).run()


def _tell_programs(call: Invocation, view: View, *, once: bool) -> None:
    from functools import partial

    from jobctl.cli.documents import document  # not for people
    from jobctl.cli.render.top.document import top_document

    lookout = Lookout(call.context)
    snapshot = _second_look(lookout)
    while True:
        call.console.print(dumps(top_document(snapshot, view, partial(document, call))))
        sys.stdout.flush()
        if once:
            return
        select.select((), (), (), 1.0)
        snapshot = lookout.look()


def _second_look(lookout: Lookout) -> Snapshot:
    lookout.look()
    select.select((), (), (), _BETWEEN_LOOKS)
    return lookout.look()


def _read_sort(word: str) -> Sort:
    try:
        return Sort(word)
    except ValueError:
        known = ", ".join(one.value for one in Sort)
        raise UsageError(f"--sort {word}: there is no such order", f"one of: {known}") from None
