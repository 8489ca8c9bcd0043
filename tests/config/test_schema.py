"""The JSON Schema says what the validation says, as far as a schema can."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema
import pytest
import rtoml

from jobctl.config.file_keys import FILE
from jobctl.config.schema import json_schema
from jobctl.config.starter import starter_text
from jobctl.config.tables import Section
from tests.config.samples import COMPLETE
from tests.config.test_problems import CASES

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# What holds between keys, depends on this machine or is finer than JSON: told by `check`, not by the schema.
BEYOND = {
    "after unknown", "alert channel", "at gap", "at text", "calendar", "calendar day", "calendar empty",
    "calendar unknown", "calendar unknown beside an error",
    "command list of empty", "command with NUL", "cron field", "cron in list", "cron six", "cycle",
    "cycle self", "duration whole", "duration zero", "env of jobctl",
    "include missing", "interval under a second", "number too large",
    "param bounds", "param choice type", "param date", "param default bounds", "param default choice",
    "param default length", "param default pattern", "param default type", "param regex", "param required by the clock",
    "param required default", "param rule type", "param same variable",
    "priority float", "rate zero", "severity channel", "size too large", "size too small",
    "spread cron", "spread every", "zone", "zone folder", "zone path",
}  # fmt: skip
WRONG_IN_ITSELF = [case for case in CASES if not case[0].startswith(("syntax", "twice")) and case[0] not in BEYOND]


def as_json(text: str) -> Any:
    return json.loads(json.dumps(rtoml.loads(text), default=_date))


def _date(value: object) -> str:
    assert isinstance(value, dt.date | dt.time)
    return value.isoformat()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", [COMPLETE, starter_text()], ids=["complete", "starter"])
def test_it_accepts_what_is_right(text: str) -> None:
    VALIDATOR.validate(as_json(text))


@pytest.mark.parametrize("text", [case[1] for case in WRONG_IN_ITSELF], ids=[case[0] for case in WRONG_IN_ITSELF])
def test_it_rejects_what_is_wrong_in_itself(text: str) -> None:
    assert not VALIDATOR.is_valid(as_json(text))


def test_every_key_is_described_in_a_sentence() -> None:
    for key in _all_keys(FILE):
        assert key.description.endswith(".")
        assert key.description[0].isupper() or key.description[0].isdigit()


def test_defaults_are_shown_as_they_would_be_written() -> None:
    job = SCHEMA["properties"]["defaults"]["properties"]  # type: ignore[index]
    shown = {name: schema["default"] for name, schema in job.items() if "default" in schema}
    assert shown["retry_max_delay"] == "1h"
    assert shown["max_log_size"] == "10MB"
    assert shown["overlap"] == "skip"
    assert shown["enabled"] is True
    assert shown["shell"] == ["/bin/sh", "-c"]
    assert shown["success_on"] == [0]
    assert shown["stdin"] == "none"
    assert "timeout" not in shown
    assert "command" not in shown


def _all_keys(section: Section) -> list[Any]:
    found: list[Any] = []
    for key in section.keys:
        found.append(key)
        inner = getattr(key.kind, "value", key.kind)
        if isinstance(inner, Section):
            found += _all_keys(inner)
    return found
