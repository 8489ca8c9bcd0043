"""`test -x /x && /x`: where the test does not hold cron minds nothing, so here it must not be a failure either."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.importers.shell_text import Token, controls, in_parentheses, is_compound, segments, tokens

_TESTS = ("test", "[")


def guard_of(command: str) -> tuple[str, str] | None:
    """The tests before a command and the command, where they stop all of it and nothing else does."""
    found = tokens(command)
    if not found or is_compound(found):
        return None
    parts, operators = segments(found), controls(found)
    if any(operator.text not in ("&&", "|", "|&") for operator in operators):
        return None
    tests = 0
    while tests < len(operators) and operators[tests].text == "&&" and _is_test(parts[tests]):
        tests += 1
    last = operators[tests - 1] if tests else None
    rest = command[last.end :].strip() if last is not None else ""
    return (command[: last.start].strip(), rest) if last is not None and rest else None


def _is_test(part: Sequence[Token]) -> bool:
    return bool(part) and part[0].text in _TESTS and not in_parentheses(part)
