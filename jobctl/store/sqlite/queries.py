"""SQL by name: each `.sql` file beside this module holds statements under `-- name: …` lines, with their reasons."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def queries(room: str) -> dict[str, str]:
    """The statements of one file by name; read once, when first asked for."""
    text = Path(__file__).with_name(f"{room}.sql").read_text("utf-8")
    found = {}
    for part in text.split("-- name: ")[1:]:
        name, _, body = part.partition("\n")
        lines = (line for line in body.splitlines() if not line.lstrip().startswith("--"))
        found[name.strip()] = "\n".join(lines).strip().rstrip(";")
    return found
