"""The group of all verbs: a verb's module is imported when it is called, and every verb takes the global options."""

from __future__ import annotations

import importlib
import inspect
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from jobctl.cli import options
from jobctl.cli.declared import parameters
from jobctl.cli.verb_command import VerbCommand
from jobctl.cli.verbs import LOOKING, PANELS, VERBS
from jobctl.errors import UsageError

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"]}
_HELP = "The job runner for a machine you care about: what ran, what runs, what is next, what failed and why."
_EPILOG = "`jobctl VERB --help` explains a verb, with examples; `man jobctl` is all of them."
# What other job runners call it.
_ELSEWHERE = {
    "ls": "list",
    "ps": "status",
    "info": "show",
    "start": "run",
    "trigger": "run",
    "submit": "enqueue",
    "push": "enqueue",
    "kill": "cancel",
    "stop": "cancel",
    "rm": "delete",
    "log": "logs",
    "tail": "logs",
    "runs": "history",
    "failed": "dead",
    "validate": "check",
    "lint": "check",
    "serve": "daemon",
    "unpause": "resume",
    "clean": "prune",
}


class VerbGroup(TyperGroup):
    """`jobctl` itself."""

    def __init__(self) -> None:
        super().__init__(
            name="jobctl",
            help=_HELP,
            epilog=_EPILOG,
            rich_markup_mode=None,
            no_args_is_help=True,
            subcommand_metavar="VERB [ARGS]...",
            context_settings=CONTEXT_SETTINGS,
            params=[*options.global_options(), options.version_option()],
        )

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the verb's module and make a command of its function. None: no such verb."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module = importlib.import_module(f"jobctl.cli.{verb.module or cmd_name}")
        made = as_command(cmd_name, module.command)
        made.allow_interspersed_args = not getattr(module, "ENDS_OPTIONS", False)
        return made

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb and its words; `jobctl help VERB` is `jobctl VERB --help`."""
        if args[0] == "help":
            args = [*args[1:2], "--help"]
        name, rest = args[0], args[1:]
        if name == "--help":
            print(ctx.get_help())
            raise typer.Exit
        command = self.get_command(ctx, name)
        if command is None:
            near = [_ELSEWHERE[name]] if name in _ELSEWHERE else get_close_matches(name, VERBS, n=3)
            meant = " or ".join(f"`{verb}`" for verb in near)
            raise UsageError(
                f"there is no verb `{name}`", f"did you mean {meant}?" if near else "`jobctl --help` lists the verbs"
            )
        ctx.obj.only_looks = name in LOOKING
        return name, command, rest

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from jobctl.cli.exit_status import MEANINGS, OF_JOBS  # only where somebody reads help

        with formatter.section("Exit status"):
            formatter.write_dl([(str(int(status)), meaning) for status, meaning in MEANINGS.items()])
            formatter.write_paragraph()
            formatter.write_text(OF_JOBS)
        super().format_epilog(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for panel in PANELS:
            with formatter.section(panel):
                formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items() if verb.panel == panel])


def as_command(name: str, function: Any) -> Any:
    """The command that a verb's function describes, with the global options added."""
    names = {"typer": typer, **function.__globals__}  # verbs that `quick_look` calls do without it
    function.__annotations__ = inspect.get_annotations(function, globals=names, eval_str=True)
    for parameter in parameters(function):
        function.__annotations__[parameter.name] = Annotated[parameter.type, options.for_typer(parameter.declared)]
    app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=VerbCommand, context_settings=CONTEXT_SETTINGS)(function)
    command = typer.main.get_command(app)
    command.params.extend(options.global_options())
    return command
