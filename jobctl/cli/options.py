"""What the verbs take in common: the global options, before or after the verb, and the ways to select jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from jobctl.cli.declare import Argument, Context, Option
from jobctl.cli.invocation import Invocation
from jobctl.cli.parameters import Parameter

JobPatterns = Annotated[list[str] | None, Argument(metavar="JOB...", help="Names of jobs; globs select several.")]
Group = Annotated[str | None, Option("--group", metavar="GROUP", help="The jobs of a group; a glob works.")]
Tag = Annotated[str | None, Option("--tag", metavar="TAG", help="The jobs with a tag; a glob works.")]

# Each is kept in the field of the invocation that it is named after; the verb's function does not see it.
GLOBAL_OPTIONS = (
    Parameter("config", ("-c", "--config"), Path, "The jobs file.", "FILE"),
    Parameter("state_dir", ("--state-dir",), Path, "Where the database and the logs are.", "DIR"),
    Parameter("json", ("--json",), bool, "Machine-readable output."),
    Parameter("no_color", ("--no-color",), bool, "No colours on a terminal."),
    Parameter("quiet", ("-q", "--quiet"), bool, "Nothing on stderr but errors."),
    Parameter("verbose", ("-v", "--verbose"), bool, "More on stderr; errors with their traceback."),
)
VERSION = Parameter("version", ("--version",), bool, "Show the version and exit.")
HELP = Parameter("help", ("-h", "--help"), bool, "Show this message and exit.")


def invocation(ctx: Context) -> Invocation:
    """The surroundings of the running verb."""
    found = ctx.obj
    assert isinstance(found, Invocation)
    return found
