"""Parameters of a verb as its function declares them. Typer is told of them in `group`; `quick_look` reads the same
declarations where a call does without typer."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NamedTuple

MOST = 999_999_999  # of a number: no more than the store can count


class Declared(NamedTuple):
    """One parameter: an option, or without names the arguments. `metavar` None: a flag."""

    names: tuple[str, ...]
    help: str
    metavar: str | None = None
    least: int | None = None  # of a number


class Parameter(NamedTuple):
    """What the function calls a parameter, and of which type it is."""

    name: str
    type: Any
    declared: Declared

    @property
    def repeats(self) -> bool:
        """Whether it may be given several times."""
        return bool(self.type in (list[str], list[str] | None))

    @property
    def is_required(self) -> bool:
        """Whether the verb has no use for a call without it."""
        return bool(self.type in (str, list[str]))


def option(*names: str, help: str, metavar: str | None = None, least: int | None = None) -> Declared:
    """An option, or without a metavar a flag."""
    return Declared(names, help, metavar, least)


@cache  # `group` puts typer's words in the place of the declarations
def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Those that the function declares so. Its annotations are evaluated already."""
    return tuple(
        Parameter(name, annotation.__origin__, declared)
        for name, annotation in function.__annotations__.items()
        for declared in getattr(annotation, "__metadata__", ())
        if isinstance(declared, Declared)
    )


JobPatterns = Annotated[list[str] | None, Declared((), "Names of jobs; globs select several.", "JOB...")]
Group = Annotated[str | None, option("--group", metavar="GROUP", help="The jobs of a group; a glob works.")]
Tag = Annotated[str | None, option("--tag", metavar="TAG", help="The jobs with a tag; a glob works.")]
