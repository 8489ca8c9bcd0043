"""What the verbs take in common: the global options, before or after the verb, and the ways to select jobs."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperOption

from jobctl.cli.declared import MOST, Declared
from jobctl.cli.declared import Group as Group
from jobctl.cli.declared import JobPatterns as JobPatterns
from jobctl.cli.declared import Tag as Tag
from jobctl.cli.global_options import GLOBAL_OPTIONS, GlobalOption
from jobctl.cli.invocation import invocation as invocation
from jobctl.cli.version import print_version


def global_options() -> list[TyperOption]:
    """New options that store into the invocation; the verb's function does not see them."""
    return [_typer_option(option) for option in GLOBAL_OPTIONS]


def version_option() -> TyperOption:
    """`--version` among other words; alone it does not even come here (see main)."""

    def show(ctx: Any, param: Any, value: Any) -> None:
        if value:
            print_version()
            raise typer.Exit

    return TyperOption(
        param_decls=["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version and exit.",
    )


def _typer_option(option: GlobalOption) -> TyperOption:
    def store(ctx: Any, param: Any, value: Any) -> None:
        if value is not None and value is not False:
            option.store(ctx.obj, value)

    return TyperOption(
        param_decls=[*option.names],
        type=None if option.metavar is None else str,
        is_flag=option.metavar is None,
        metavar=option.metavar,
        help=option.help,
        callback=store,
        expose_value=False,
        default=None,
    )


def for_typer(declared: Declared) -> Any:
    """What a verb's function declares, in typer's words."""
    settings: dict[str, Any] = {"help": declared.help}
    if declared.metavar is not None:
        settings["metavar"] = declared.metavar
    if not declared.names:
        return typer.Argument(**settings)
    return typer.Option(*declared.names, min=declared.least, max=None if declared.least is None else MOST, **settings)
