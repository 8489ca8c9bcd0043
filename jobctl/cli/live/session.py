"""`jobctl top` on a terminal: look, draw, heed the keys, once a second and with each key."""

from __future__ import annotations

from dataclasses import replace

from jobctl.cli.live import keyboard
from jobctl.cli.live.actions import Action, Intent, carry_out, intend
from jobctl.cli.live.canvas import Canvas
from jobctl.cli.live.log_pane import LogPane
from jobctl.cli.live.terminal import GONE, RESIZED, Terminal
from jobctl.cli.render.top.pages import help_page
from jobctl.cli.render.top.screen import Plan, Size, draw, plan
from jobctl.cli.render.top.view import Sort, View, place_of, scrolled
from jobctl.domain.run import Run
from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.operations.top import Lookout, Snapshot

EVERY_MS = 1_000
_SECOND_LOOK_MS = 300  # rates need two looks
_SAID_MS = 5_000

_ACTIONS = {"c": Action.CANCEL, "k": Action.KILL, "F9": Action.KILL, "r": Action.RETRY}
_SORTS = {"P": Sort.CPU, "M": Sort.MEMORY, "T": Sort.TIME}


class Session:
    """One person at one terminal."""

    def __init__(self, ctx: Context, terminal: Terminal, canvas: Canvas, view: View) -> None:
        self._ctx = ctx
        self._terminal = terminal
        self._canvas = canvas
        self._view = view
        self._lookout = Lookout(ctx)
        self._snapshot: Snapshot | None = None
        self._log: LogPane | None = None
        self._intent: Intent | None = None
        self._is_typing = False
        self._shows_help = False
        self._place: int | None = None  # of the chosen run, when it was last there
        self._said_until = 0

    def run(self) -> None:
        """Until somebody quits, or the terminal is gone."""
        due = self._ctx.clock.boottime() + _SECOND_LOOK_MS
        self._look()
        while True:
            self._draw()
            for event in self._terminal.events(due):
                if event == RESIZED:
                    self._canvas.forget()
                elif event == GONE or not self._press(event):
                    return
                self._draw()
            self._look()
            due = max(due + EVERY_MS, self._ctx.clock.boottime() + EVERY_MS // 2)

    def _look(self) -> None:
        """Take a snapshot, unless the screen is frozen. What cannot be read now is told and tried again."""
        if self._view.is_frozen and self._snapshot is not None:
            return
        try:
            self._snapshot = self._lookout.look()
        except (JobctlError, OSError) as error:
            self._say(str(getattr(error, "message", error)), is_alarming=True)

    @property
    def _size(self) -> Size:
        return Size(*self._terminal.size)

    def _draw(self) -> None:
        size, ascii_only = self._size, self._view.ascii_only
        if self._shows_help:
            self._canvas.draw(help_page(size, ascii_only=ascii_only))
        elif self._log is not None:
            self._canvas.draw(self._log.draw(size))
        elif self._snapshot is not None:
            self._follow(self._snapshot, size)
            self._canvas.draw(draw(self._snapshot, self._with_prompt(), size))

    def _with_prompt(self) -> View:
        """The view with what stands in the last line now."""
        if self._intent is not None:
            return replace(self._view, prompt=self._intent.question, is_alarming=True)
        if self._is_typing:
            asked = f"filter: {self._view.needle}_  (Enter keeps it, Esc shows all)"
            return replace(self._view, prompt=asked, is_alarming=False)
        is_over = self._ctx.clock.boottime() >= self._said_until
        return replace(self._view, prompt="") if is_over else self._view

    def _say(self, text: str, *, is_alarming: bool = False) -> None:
        self._view = replace(self._view, prompt=text, is_alarming=is_alarming)
        self._said_until = self._ctx.clock.boottime() + _SAID_MS

    def _follow(self, snapshot: Snapshot, size: Size) -> Plan:
        """The chosen run stays on the screen; when it is gone, the one that took its place is chosen."""
        planned = plan(snapshot, self._view, size)
        choices = planned.choices
        place = place_of(choices, self._view.chosen)
        if place is None and self._place is not None and self._view.chosen is not None and choices:
            place = min(self._place, len(choices) - 1)
        self._place = place
        chosen = None if place is None else choices[place].id
        among_running = place if place is not None and place < len(planned.running) else None
        first = scrolled(self._view.first, among_running, len(planned.running), planned.rows)
        self._view = replace(self._view, chosen=chosen, first=first)
        return planned

    def _press(self, key: str) -> bool:
        """Heed a key. False: quit."""
        if self._shows_help:
            self._shows_help = False
        elif self._log is not None:
            if not self._log.press(key, self._size):
                self._log = None
        elif self._intent is not None:
            self._answer(key)
        elif self._is_typing:
            self._type(key)
        elif key in ("q", "Q", "F10"):
            return False
        else:
            self._said_until = 0
            self._command(key)
        return True

    def _command(self, key: str) -> None:
        if key in _ACTIONS:
            self._ask(_ACTIONS[key])
        elif key in ("l", keyboard.ENTER):
            if (run := self._chosen()) is not None:
                self._log = LogPane(self._ctx, run, ascii_only=self._view.ascii_only)
        elif key in ("?", "h", "F1"):
            self._shows_help = True
        elif key in ("s", "F6"):
            self._view = replace(self._view, sort=self._view.sort.next(), first=0)
        elif key in _SORTS:
            self._view = replace(self._view, sort=_SORTS[key], first=0)
        elif key in ("/", "F4"):
            self._is_typing = True
        elif key == keyboard.ESCAPE:
            self._view = replace(self._view, needle="", chosen=None)
        elif key == " ":
            self._view = replace(self._view, is_frozen=not self._view.is_frozen)
            self._look()
        else:
            self._move(key)

    def _type(self, key: str) -> None:
        if key in (keyboard.ENTER, keyboard.ESCAPE):
            self._is_typing = False
            needle = "" if key == keyboard.ESCAPE else self._view.needle
        elif key == keyboard.BACKSPACE:
            needle = self._view.needle[:-1]
        else:
            needle = self._view.needle + (key if len(key) == 1 else "")
        self._view = replace(self._view, needle=needle, first=0)

    def _move(self, key: str) -> None:
        if self._snapshot is None:
            return
        planned = self._follow(self._snapshot, self._size)
        page = max(1, planned.rows)
        steps = {
            keyboard.DOWN: 1, "j": 1, keyboard.UP: -1, keyboard.PAGE_DOWN: page, keyboard.PAGE_UP: -page,
            keyboard.HOME: -len(planned.choices), "g": -len(planned.choices),
            keyboard.END: len(planned.choices), "G": len(planned.choices),
        }  # fmt: skip
        if key in steps and planned.choices:
            before = -1 if self._place is None else self._place
            self._place = max(0, min(len(planned.choices) - 1, before + steps[key]))
            self._view = replace(self._view, chosen=planned.choices[self._place].id)

    def _chosen(self) -> Run | None:
        if self._snapshot is not None:
            for run in self._follow(self._snapshot, self._size).choices:
                if run.id == self._view.chosen:
                    return run
        self._say("choose a run first: arrows, or j", is_alarming=True)
        return None

    def _ask(self, action: Action) -> None:
        if (run := self._chosen()) is not None:
            try:
                self._intent = intend(self._ctx, action, run)
            except JobctlError as error:
                self._say(error.message, is_alarming=True)

    def _answer(self, key: str) -> None:
        intent, self._intent = self._intent, None
        assert intent is not None
        if key not in ("y", "Y"):
            self._say("nothing was done")
            return
        try:
            self._say(carry_out(self._ctx, intent))
        except (JobctlError, OSError) as error:
            self._say(str(getattr(error, "message", error)), is_alarming=True)
        self._lookout.has_acted()
        self._look()
