"""A verb as the command line knows it: its help ends with examples."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from jobctl.cli.interrupts import hear


class VerbCommand(TyperCommand):
    """What Typer makes of a verb's function."""

    def invoke(self, ctx: Any) -> Any:
        hear()  # by now the verb is imported
        return super().invoke(ctx)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from jobctl.cli.examples import EXAMPLES  # only where somebody reads help

        examples = EXAMPLES.get(self.name or "")
        if examples:
            with formatter.section("Examples"):
                for call, says in examples:
                    formatter.write(
                        f"{'':{formatter.current_indent}}{call}\n{'':{formatter.current_indent}}    {says}\n"
                    )
