"""What the verbs take in common: the global options, before or after the verb, and the ways to select jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperOption

from jobctl.cli.invocation import Invocation
from jobctl.cli.version import print_version

JobPatterns = Annotated[list[str] | None, typer.Argument(metavar="JOB...", help="Names of jobs; globs select several.")]
Group = Annotated[str | None, typer.Option("--group", metavar="GROUP", help="The jobs of a group; a glob works.")]
Tag = Annotated[str | None, typer.Option("--tag", metavar="TAG", help="The jobs with a tag; a glob works.")]


def invocation(ctx: typer.Context) -> Invocation:
    """The surroundings of the running verb."""
    found = ctx.obj
    assert isinstance(found, Invocation)
    return found


def global_options() -> list[TyperOption]:
    """New options that store into the invocation; the verb's function does not see them."""
    return [
        _option(["-c", "--config"], "The jobs file.", metavar="FILE", store=_store_path("config")),
        _option(["--state-dir"], "Where the database and the logs are.", metavar="DIR", store=_store_path("state_dir")),
        _flag(["--json"], "Machine-readable output.", "json"),
        _flag(["--no-color"], "No colours on a terminal.", "no_color"),
        _flag(["-q", "--quiet"], "Nothing on stderr but errors.", "quiet"),
        _flag(["-v", "--verbose"], "More on stderr; errors with their traceback.", "verbose"),
    ]


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


def _option(names: list[str], help: str, *, metavar: str, store: Any) -> TyperOption:
    return TyperOption(
        param_decls=names, type=str, metavar=metavar, help=help, callback=store, expose_value=False, default=None
    )


def _flag(names: list[str], help: str, field: str) -> TyperOption:
    def store(ctx: Any, param: Any, value: Any) -> None:
        if value:
            setattr(ctx.obj, field, True)

    return TyperOption(param_decls=names, is_flag=True, help=help, callback=store, expose_value=False, default=None)


def _store_path(field: str) -> Any:
    def store(ctx: Any, param: Any, value: Any) -> None:
        if value is not None:
            setattr(ctx.obj, field, Path(value))

    return store
