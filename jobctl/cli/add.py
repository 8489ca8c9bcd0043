"""`jobctl add`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from jobctl.cli.changed_file import carry_out
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import future
from jobctl.cli.options import invocation
from jobctl.cli.questions import advise, agrees, ask_until, is_answered
from jobctl.cli.render.zoned import local_time
from jobctl.cli.said_when import said_when
from jobctl.config.load import Loaded
from jobctl.domain.plain_schedule import EXPECTED
from jobctl.errors import JobsFileError, Problem, UsageError
from jobctl.operations.adoption import check_change, first_starts, plan_add, require_name

_SHOWN = 3  # next times
_OPTIONS = {"tags": "tag"}  # where they are not called as the key
Words = Annotated[list[str] | None, typer.Argument(metavar="[-- CMD...]", help="The command, run without a shell.")]


def _option(metavar: str, text: str, *names: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=text)


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the job is called.")],
    words: Words = None,
    command: Annotated[str | None, _option("TEXT", "The command, for the shell.")] = None,
    schedule: Annotated[list[str] | None, _option("WHEN", "Cron, daily …, or words; again for each.")] = None,
    every: Annotated[str | None, _option("DURATION", "At a fixed interval.")] = None,
    every_after: Annotated[str | None, _option("DURATION", "So long after its last run.")] = None,
    at: Annotated[str | None, _option("TIME", 'Once, at "tomorrow 09:00", say.')] = None,
    on_start: Annotated[bool, typer.Option("--on-start", help="When the daemon starts.")] = False,
    on_boot: Annotated[bool, typer.Option("--on-boot", help="When the machine starts.")] = False,
    after: Annotated[list[str] | None, _option("JOB", "When a run of that job succeeds; again for each.")] = None,
    timezone: Annotated[str | None, _option("ZONE", "Of the schedule.")] = None,
    timeout: Annotated[str | None, _option("DURATION", "Stop an attempt after that.")] = None,
    retries: Annotated[int | None, _option("N", "Attempts after the first.")] = None,
    description: Annotated[str | None, _option("TEXT", "What it is for.")] = None,
    group: Annotated[str | None, _option("GROUP", "A word to select it by.")] = None,
    tag: Annotated[list[str] | None, _option("TAG", "The same; again for each.")] = None,
    queue: Annotated[str | None, _option("QUEUE", "The queue that it waits in.")] = None,
    overlap: Annotated[str | None, _option("WHAT", "skip, queue, allow or replace.")] = None,
    user: Annotated[str | None, _option("USER", "Who it runs as.")] = None,
    cwd: Annotated[str | None, _option("DIR", "Where it runs.")] = None,
    env: Annotated[list[str] | None, _option("NAME=VALUE", "A variable; again for each.")] = None,
    alert: Annotated[str | None, _option("SEVERITY", "Of its alerts: low, medium or high.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
) -> None:
    """Put a job into the jobs file; without a command it asks for everything, at a terminal.

    The file is checked as a whole before it is replaced, comments and order stay, and the daemon takes it at once.
    """
    call = invocation(ctx)
    require_name(name)
    if every is not None and "every" in _schedules(schedule):
        raise UsageError("--schedule names an interval, and so does --every", "keep one of them")
    if command is not None and words:
        raise UsageError("--command and a command after -- exclude each other", "keep one of them")
    given: dict[str, Any] = {"command": words or command, "description": description, "group": group, "tags": tag}
    given |= {"every": every, "every_after": every_after, "at": _instant(call, at), "after": after}
    given |= {"on_start": on_start or None, "on_boot": on_boot or None} | _schedules(schedule)
    given |= {"timezone": timezone, "overlap": overlap, "queue": queue, "timeout": timeout, "retries": retries}
    given |= {"user": user, "cwd": cwd, "env": _variables(env), "alert": alert and {"severity": alert}}
    keys = {key: value for key, value in given.items() if value is not None and value != []}
    agreed: Callable[[], bool] | None = None
    if "command" not in keys:
        if not is_answered():
            raise UsageError("which command?", f"jobctl add {name} --command TEXT, or -- CMD… for one without a shell")
        _refuse_what_no_answer_mends(call, name, keys)
        keys, agreed = _ask_for_the_rest(call, name, keys), lambda: agrees(call, "Write it?")
    change = plan_add(call.context, name, keys)
    with _in_terms_of_options(name):
        told = carry_out(call, change, dry_run=dry_run, agreed=agreed)
    _tell_starts(call, told.loaded, name)


def _refuse_what_no_answer_mends(call: Invocation, name: str, given: dict[str, Any]) -> None:
    """Before the first question: the file, the name, and what the options say."""
    change = plan_add(call.context, name, given | {"command": "true"})
    with _in_terms_of_options(name):
        check_change(call.context, change)


@contextmanager
def _in_terms_of_options(name: str) -> Iterator[None]:
    """Errors without places in the new job, which stands in no file: the options that it was made of."""
    try:
        yield
    except JobsFileError as error:
        told = tuple(_told(problem, name) for problem in error.problems)
        raise JobsFileError("\n".join(words for words, _ in told), error.hint, tuple(one for _, one in told)) from None


def _told(problem: Problem, name: str) -> tuple[str, Problem]:
    """In words, and as data."""
    own = f"jobs.{name}."
    if not problem.key.startswith(own):
        return str(problem), problem
    key = problem.key.removeprefix(own).split(".")[0].split("[")[0]
    hint = f"write it {EXPECTED}" if key == "schedule" and "exclude" not in problem.message else problem.hint
    said = f"--{_OPTIONS.get(key, key.replace('_', '-'))}: {problem.message}"
    return f"{said}; {hint}" if hint else said, problem._replace(file="", line=0, column=0, hint=hint)


def _schedules(written: list[str] | None) -> dict[str, Any]:
    """The keys for all of them together. UsageError: an interval beside others, which no key can say."""
    read = {text: _schedule(text) for text in written or ()}
    interval = next((text for text, keys in read.items() if "every" in keys), None)
    if interval is not None and len(read) > 1:
        raise UsageError(
            f"--schedule: `{interval}` is an interval, which stands alone",
            'give it alone, or as an expression of cron, such as "*/5 * * * *"',
        )
    expressions = [keys["schedule"] for keys in read.values() if "schedule" in keys]
    together = {key: value for keys in read.values() for key, value in keys.items()}
    return together | ({"schedule": expressions} if len(expressions) > 1 else {})


def _schedule(text: str) -> dict[str, Any]:
    """What is not understood is left to the check of the file, which says what is wrong with it."""
    return said_when(text) or {"schedule": text}


def _instant(call: Invocation, text: str | None) -> datetime | None:
    found = future("--at", text, call.context.clock.now())
    return None if found is None else datetime.fromtimestamp(found // 1000, UTC).astimezone()


def _variables(written: list[str] | None) -> dict[str, str] | None:
    if not written:
        return None
    pairs = [text.partition("=") for text in written]
    if not all(equals and name for name, equals, _ in pairs):
        raise UsageError("--env needs a name and a value", "write --env NAME=VALUE")
    return {name: value for name, _, value in pairs}


# Questions


def _ask_for_the_rest(call: Invocation, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The keys with what a person answers for those that were not given; each answer is checked at once."""
    keys = dict(given)

    def take(**new: Any) -> None:
        tried = keys | {key: value for key, value in new.items() if value is not None}
        _check(call, name, tried)
        keys.update(tried)

    ask_until(call, "Which command?", "", lambda text: take(command=_some(text)))
    if not {"schedule", "every", "every_after", "at", "on_start", "on_boot", "after"} & keys.keys():
        keys = _ask_when(call, name, keys)
    if "timeout" not in keys:
        ask_until(
            call, "Stop it after how long? (such as 30m)", "never", lambda text: take(timeout=_unless(text, "never"))
        )
    if "retries" not in keys:
        ask_until(call, "How often try again when it fails?", "0", lambda text: take(retries=_number(text) or None))
    if "alert" not in keys:
        severity = "How severe is it when it fails for good? (low, medium, high)"
        ask_until(call, severity, "medium", lambda text: take(alert=_unless(text, "medium") and {"severity": text}))
    return keys


def _ask_when(call: Invocation, name: str, keys: dict[str, Any]) -> dict[str, Any]:
    advise(call, f"{EXPECTED}; or `never`: by hand only")
    while True:
        when = ask_until(call, "When?", "never", lambda text: _understood(call, name, keys, text))
        if not when:
            return keys
        _tell_starts(call, _check(call, name, keys | when), name)
        if agrees(call, "Is that right?"):
            return keys | when


def _understood(call: Invocation, name: str, keys: dict[str, Any], text: str) -> dict[str, Any]:
    when = said_when(text)
    if when is None:
        raise UsageError("that is not understood", f"write it {EXPECTED}")
    _check(call, name, keys | when)
    return when


def _check(call: Invocation, name: str, keys: dict[str, Any]) -> Loaded:
    """The file with such a job. JobsFileError with what is wrong, without places: nobody has seen that file."""
    try:
        return check_change(call.context, plan_add(call.context, name, keys))
    except JobsFileError as error:
        told = "\n  ".join(problem.message for problem in error.problems)
        raise JobsFileError(told or error.message, error.problems[0].hint if error.problems else error.hint) from None


def _some(text: str) -> str:
    if not text:
        raise UsageError("a job without a command does nothing", "write it as you would type it")
    return text


def _unless(text: str, default: str) -> str | None:
    return None if text == default else text


def _number(text: str) -> int:
    if not text.isdigit():
        raise UsageError(f"{text} is no number", "write 0, 1, 2 …")
    return int(text)


def _tell_starts(call: Invocation, loaded: Loaded, name: str) -> None:
    starts, zone = first_starts(loaded, name, call.context.clock.now(), _SHOWN)
    if starts:
        call.console.note("\n".join(f"next: {local_time(at, zone)}" for at in starts))
    else:
        call.console.note(f"no clock starts it; `jobctl run {name}` runs it now")
