"""`test -x /x && /x`: where the test does not hold cron minds nothing, so here it must not be a failure either."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.importers.shell_text import Token, controls, in_parentheses, is_compound, segments, tokens

_TESTS = ("test", "[")
_LOOKS = (("command", "-v"), ("which",), ("type",))  # for a program


def guard_of(command: str) -> tuple[str, str] | None:
    """The tests before a command and the command, where they stop all of it and nothing else does."""
    found = tokens(command)
    if not found:
        return None
    parts, operators = segments(found), controls(found)
    tests = 0
    while tests < len(operators) and operators[tests].text == "&&" and _is_test(parts[tests]):
        tests += 1
    if tests == 0:
        return None
    last = operators[tests - 1]
    behind = [token for token in found if token.start >= last.end]
    if not behind or not (_is_one_pipeline(behind) or _is_one_if(behind)):
        return None
    return command[: last.start].strip(), command[last.end :].strip()


def _is_test(part: Sequence[Token]) -> bool:
    words = tuple(token.text for token in part[:2])
    looks = any(words[: len(begin)] == begin for begin in _LOOKS)
    return bool(part) and (part[0].text in _TESTS or looks) and not in_parentheses(part)


def _is_one_pipeline(found: Sequence[Token]) -> bool:
    return not is_compound(found) and all(operator.text in ("&&", "|", "|&") for operator in controls(found))


def _is_one_if(found: Sequence[Token]) -> bool:
    """Whether it is all `if …; then …; fi`, with no other inside."""
    words = [token.text for token in found]
    return words[0] == "if" and words[-1] == "fi" and words.count("if") == words.count("fi") == 1
