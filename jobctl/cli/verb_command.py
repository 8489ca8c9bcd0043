"""A verb as the command line knows it: its help ends with examples."""

from __future__ import annotations

from typing import Any

from typer._click.exceptions import UsageError
from typer.core import TyperCommand

from jobctl.cli.interrupts import hear


class VerbCommand(TyperCommand):
    """What Typer makes of a verb's function."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The parser does not say whose option lacks its value: the hint is to name the verb, not all of jobctl."""
        try:
            parsed: list[str] = super().parse_args(ctx, args)
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        return parsed

    def invoke(self, ctx: Any) -> Any:
        hear()  # by now the verb is imported
        return super().invoke(ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Braces are for choices: Typer has them around all that is required, a single JOB too."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece[1:-1] if piece.startswith("{") and "|" not in piece else piece for piece in pieces]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from jobctl.cli.examples import EXAMPLES  # only where somebody reads help

        examples = EXAMPLES.get(self.name or "")
        if examples:
            with formatter.section("Examples"):
                for call, says in examples:
                    formatter.write(
                        f"{'':{formatter.current_indent}}{call}\n{'':{formatter.current_indent}}    {says}\n"
                    )
