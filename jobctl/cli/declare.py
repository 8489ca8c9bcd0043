"""How a verb's function declares its options and arguments, in the annotations of its parameters.

    limit: Annotated[int, Option("-n", "--limit", min=1, metavar="N", help="At most so many.")] = 20

A parameter is `str`, `int`, `float`, `bool` (a flag), an enum (its values), or a `list` of these (given again and
again, or by the place: all that is left), each perhaps `| None`. Nothing is imported to say so: the libraries that do
this take longer to load than most verbs take to answer.
"""

from __future__ import annotations


class Option:
    """Spelled as in `names`, or else as the parameter. `min` and `max` bound a number."""

    __slots__ = ("help", "max", "metavar", "min", "names")

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        min: float | None = None,
        max: float | None = None,
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.min = min
        self.max = max


class Argument:
    """Taken by its place. Without a default it must be given."""

    __slots__ = ("help", "metavar")

    def __init__(self, *, help: str, metavar: str | None = None) -> None:
        self.help = help
        self.metavar = metavar


class Context:
    """What the first parameter of a verb's function is: `options.invocation` finds its surroundings there."""

    __slots__ = ("obj",)

    def __init__(self, obj: object) -> None:
        self.obj = obj
