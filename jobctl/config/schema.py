"""The JSON Schema of the jobs file, for editors (`#:schema` or a setting of the editor)."""

from __future__ import annotations

from jobctl.config.file_keys import FILE
from jobctl.config.job_keys import JOB, TRIGGERS


def json_schema() -> dict[str, object]:
    """The schema (draft 2020-12), with the description and default of every key. TOML's dates are strings in it.

    It knows all keys and types; what holds between keys is left to `check`, but for the triggers, which exclude each
    other, and `command`, which editors should ask for.
    """
    schema = FILE.schema()
    job = schema["properties"]["jobs"]["patternProperties"]
    for pattern in job:
        job[pattern] = JOB.schema() | {"allOf": _exclusions()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "jobctl jobs file",
        **schema,
    }


def _exclusions() -> list[dict[str, object]]:
    pairs = [(one, other) for index, one in enumerate(TRIGGERS) for other in TRIGGERS[index + 1 :]]
    return [{"not": {"required": list(pair)}} for pair in pairs]
