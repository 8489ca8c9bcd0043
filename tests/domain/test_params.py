"""Payloads: what is read, what is refused and in which words, and what a command gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.job import Param
from jobctl.domain.own_variables import MAX_VARIABLE
from jobctl.domain.params import (
    MAX_PAYLOAD,
    Signature,
    WrongParams,
    as_text,
    read_text,
    substituted,
    values_of,
    variables,
)

LETTER = {
    "to": Param("string", required=True, pattern="^[^@]+@[^@]+$"),
    "template": Param("string", choices=("welcome", "promo"), default="welcome"),
    "copies": Param("integer", minimum=1, maximum=9),
    "ratio": Param("number"),
    "urgent": Param("boolean"),
    "tags": Param("list", min_length=1, max_length=2),
}
SECRET = "hunter2"


def signature() -> Signature:
    return Signature("letter", LETTER)


def refusals(given: dict[str, object], texts: dict[str, list[str]] | None = None) -> tuple[str, ...]:
    with pytest.raises(WrongParams) as caught:
        signature().payload(given, texts)
    return caught.value.problems


def test_a_payload_holds_what_is_given_and_the_defaults() -> None:
    payload = signature().payload({"to": "a@b", "copies": 2})
    assert json.loads(payload or "") == {"to": "a@b", "template": "welcome", "copies": 2}


def test_what_is_written_goes_before_what_is_given() -> None:
    payload = signature().payload({"to": "a@b", "copies": 2}, {"copies": ["3"]})
    assert json.loads(payload or "")["copies"] == 3


def test_a_job_without_params_has_no_payload_and_takes_none() -> None:
    bare = Signature("bare", {})
    assert bare.payload({}) is None
    with pytest.raises(WrongParams) as caught:
        bare.payload({"to": "x"}, {"other": ["y"]})
    assert caught.value.problems[0] == (
        'it takes no params; declare them in the jobs file: [jobs.bare.params] with to = { type = "string" }'
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "to: it is missing: expected a string"),
        ({"to": 5}, "to: expected a string"),
        ({"to": None}, "to: expected a string"),
        ({"to": SECRET}, "to: expected a match of ^[^@]+@[^@]+$"),
        ({"to": "a@b", "template": SECRET}, 'template: expected one of "welcome", "promo"'),
        ({"to": "a@b", "copies": True}, "copies: expected a whole number"),
        ({"to": "a@b", "copies": 1.0}, "copies: expected a whole number"),
        ({"to": "a@b", "copies": 0}, "copies: expected a number of at least 1"),
        ({"to": "a@b", "copies": 10}, "copies: expected a number of at most 9"),
        ({"to": "a@b", "ratio": float("nan")}, "ratio: expected a finite number"),
        ({"to": "a@b", "ratio": 2**63}, "ratio: expected a number of 64 bits"),
        ({"to": "a@b", "urgent": 1}, "urgent: expected true or false"),
        ({"to": "a@b", "tags": "x"}, "tags: expected a list of strings, numbers and booleans"),
        ({"to": "a@b", "tags": [{}]}, "tags: expected a list of strings, numbers and booleans"),
        ({"to": "a@b", "tags": [None]}, "tags: expected a list of strings, numbers and booleans"),
        ({"to": "a@b", "tags": []}, "tags: expected a length of at least 1"),
        ({"to": "a@b", "tags": ["1", "2", "3"]}, "tags: expected a length of at most 2"),
        ({"to": "a@b", "tags": ["\0"]}, "tags: a NUL character cannot be passed to a program"),
        ({"to": "a@b\0"}, "to: a NUL character cannot be passed to a program"),
        ({"to": "a@b\udcff"}, "to: expected text in UTF-8"),
        ({"to": "a@b", "templat": SECRET}, 'templat: there is no such param; did you mean "template"?'),
        (
            {"to": "a@b", "zzz": SECRET},
            "zzz: there is no such param; there are to, template, copies, ratio, urgent, tags",
        ),
        ({"to": "a@b", "\x1btemplate": 1}, '\\x1btemplate: there is no such param; did you mean "template"?'),
    ],
)  # fmt: skip
def test_what_a_job_does_not_take_is_one_sentence(given: dict[str, object], sentence: str) -> None:
    assert refusals(given) == (sentence,)


def test_all_problems_are_told_at_once() -> None:
    assert refusals({"copies": 99, "too": 1}, {"urgent": ["maybe"]}) == (
        'too: there is no such param; did you mean "to"?',
        "urgent: expected true or false",
        "to: it is missing: expected a string",
        "copies: expected a number of at most 9",
    )


def test_a_payload_above_the_limit_is_refused_with_the_limit() -> None:
    free = {"text": Param("string")}
    room = MAX_PAYLOAD - len('{"text":""}')
    assert Signature("j", free).payload({"text": "x" * room})
    for text in ("x" * (room + 1), "ä" * (room // 2 + 1)):
        with pytest.raises(WrongParams) as caught:
            Signature("j", free).payload({"text": text})
        assert caught.value.problems[0].endswith("bytes as JSON; at most 1,000,000 are taken")


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("string", ["a=b c"], "a=b c"), ("string", [""], ""), ("string", ["5"], "5"), ("string", ["[1]"], "[1]"),
        ("integer", ["5"], 5), ("integer", ["-05"], -5), ("integer", ["+1"], 1),
        ("number", ["5"], 5), ("number", ["1e3"], 1000.0), ("number", [".5"], 0.5),
        ("boolean", ["true"], True), ("boolean", ["No"], False), ("boolean", ["1"], True), ("boolean", ["off"], False),
        ("list", ["a"], ["a"]), ("list", ["a", "b,c"], ["a", "b,c"]), ("list", ['["a", 1]'], ["a", 1]),
        ("list", ["[]"], []), ("list", ["[x", "y"], ["[x", "y"]),
    ],
)  # fmt: skip
def test_what_is_written_is_read_by_its_type(kind: str, written: list[str], value: object) -> None:
    read = read_text(written, Param(kind))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("integer", ["5.0"]), ("integer", [""]), ("integer", ["٣"]), ("integer", ["1_000"]), ("integer", ["9" * 20]),
        ("number", ["nan"]), ("number", ["inf"]), ("number", ["0x10"]), ("number", ["1" * 65]),
        ("boolean", ["maybe"]), ("list", ["[1"]), ("list", ["[" * 100_000]),
        ("string", ["a", "b"]), ("integer", ["1", "1"]),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_refused_without_showing_it(kind: str, written: list[str]) -> None:
    with pytest.raises(ValueError, match=r"expected|given 2 times") as caught:
        read_text(written, Param(kind))
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("element", "result"),
    [
        ("{to}", "a@b"), ("--to={to}!", "--to=a@b!"), ("{to}{to}", "a@ba@b"), ("{unknown}", "{unknown}"),
        ("${to}", "$a@b"), ("${HOME}", "${HOME}"), ("{print $1}", "{print $1}"), ("{}", "{}"), ("{ to }", "{ to }"),
        ("{{to}}", "{a@b}"), ("{copies}", "2"), ("{urgent}", "true"), ("{tags}", '["{to}", 1]'), ("{ratio}", ""),
    ],
)  # fmt: skip
def test_declared_names_and_nothing_else_are_replaced(element: str, result: str) -> None:
    values = {"to": "a@b", "copies": 2, "urgent": True, "tags": ["{to}", 1]}
    assert substituted(["cmd", element], LETTER, values) == ("cmd", result)


def test_nothing_is_replaced_where_nothing_is_declared() -> None:
    assert substituted(["awk", "{print}", "{}"], (), {}) == ("awk", "{print}", "{}")


def test_variables_have_the_names_in_capitals() -> None:
    given = variables({"to": "a b", "Max_2": 1.5, "urgent": False, "tags": ["ä"]})
    assert given == {
        "JOBCTL_PARAM_TO": "a b", "JOBCTL_PARAM_MAX_2": "1.5", "JOBCTL_PARAM_URGENT": "false",
        "JOBCTL_PARAM_TAGS": '["ä"]',
    }  # fmt: skip


def test_a_value_that_the_kernel_takes_in_no_variable_is_in_none() -> None:
    longest = MAX_VARIABLE - len("JOBCTL_PARAM_A") - 2
    assert variables({"a": "x" * longest})
    assert variables({"a": "x" * (longest + 1)}) == {}


def test_a_run_that_is_older_than_a_param_has_its_default() -> None:
    assert values_of(LETTER, '{"to":"a@b","gone":1}') == {"template": "welcome", "to": "a@b", "gone": 1}
    assert values_of(LETTER, None) == {"template": "welcome"}


plain_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
numbers = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**63 - 1)
scalars = st.one_of(plain_text, st.booleans(), integers, numbers)
anything = st.one_of(scalars, st.none(), st.lists(st.none()), st.dictionaries(plain_text, st.none()))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "string": plain_text, "integer": integers, "boolean": st.booleans(),
    "number": numbers, "list": st.lists(scalars, max_size=5),
}  # fmt: skip


@given(st.data(), st.sampled_from(sorted(BY_TYPE)))
def test_a_value_of_its_type_comes_through_as_it_was(data: st.DataObject, kind: str) -> None:
    value = data.draw(BY_TYPE[kind])
    payload = Signature("j", {"a": Param(kind)}).payload({"a": value})
    assert values_of({}, payload) == {"a": value}


@given(st.data(), st.sampled_from(["string", "integer", "number", "boolean"]))
def test_what_a_command_gets_is_read_back_as_the_value(data: st.DataObject, kind: str) -> None:
    value = data.draw(BY_TYPE[kind])
    text = as_text(value)
    if kind != "number" or len(text) <= 64:
        assert read_text([text], Param(kind)) == value


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(scalars, st.none(), st.lists(st.none()), st.dictionaries(plain_text, st.none()))
    )
)
def test_whatever_is_given_is_taken_or_refused_in_words(given: dict[str, object]) -> None:
    problems: tuple[str, ...] = ()
    try:
        signature().payload(given)
    except WrongParams as refused:
        problems = refused.problems
    assert all(sentence.isprintable() for sentence in problems)


@given(plain_text, plain_text)
def test_a_value_is_never_looked_at_again(first: str, second: str) -> None:
    made = substituted(["{a}{b}"], ["a", "b"], {"a": first, "b": second})
    assert made == (first + second,)
