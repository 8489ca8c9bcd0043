"""Kinds of amounts: numbers, lengths of time, sizes, each within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from jobctl.config.document import Document, as_written
from jobctl.config.kinds import INVALID, Kind, Schema
from jobctl.config.locate import KeyPath
from jobctl.domain.units import (
    DURATION_EXPECTED,
    SIZE_EXPECTED,
    format_size,
    parse_duration,
    parse_size,
    write_duration,
)


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds; whole ones only unless `fraction`."""

    minimum: int | None = None
    maximum: int | None = None
    fraction: bool = False

    @property
    def expected(self) -> str:
        noun = "a number" if self.fraction else "a whole number"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {self.minimum} to {self.maximum}"
        if self.minimum is not None:
            return f"{noun} of at least {self.minimum}"
        return noun

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        is_number = isinstance(value, int) or (self.fraction and isinstance(value, float) and abs(value) < float("inf"))
        if isinstance(value, bool) or not is_number:
            hint = f"write {value} without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
            return self.refuse(value, path, document, hint)
        assert isinstance(value, int | float)
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            return self.refuse(value, path, document)
        if not -(2**63) <= value < 2**63:
            return self.refuse(value, path, document, "that number is too large")
        return float(value) if self.fraction else value

    def schema(self) -> Schema:
        schema: Schema = {"type": "number" if self.fraction else "integer"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


_LONGEST_DURATION = 100 * 366 * 86400


@dataclass(frozen=True)
class Duration(Kind):
    """A length of time above zero (`or_zero`: or zero), in seconds for the domain, in `whole` ones where it says so.

    `words` are what may stand instead.
    """

    whole: bool = False
    or_zero: bool = False
    words: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        return DURATION_EXPECTED + "".join(f' or "{word}"' for word in self.words)

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, str):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return self.refuse(value, path, document, f'write "{value}s" for seconds' if is_number else "")
        if value in self.words:
            return value
        try:
            seconds = parse_duration(value)
        except ValueError:
            return self.refuse(value, path, document)
        if limit := self._limit_broken_by(seconds):
            document.error(path, f"expected {limit}, not {as_written(value)}")
            return INVALID
        return int(seconds) if self.whole else seconds

    def _limit_broken_by(self, seconds: float) -> str:
        if seconds == 0 and not self.or_zero:
            return "more than 0s"
        if seconds > _LONGEST_DURATION:
            return "at most 100 years"
        return "whole seconds" if self.whole and seconds != int(seconds) else ""

    def schema(self) -> Schema:
        pattern = r"^\s*(\d+(\.\d+)?\s*(ms|[smhdwSMHDW])\s*)+$"
        text = {"type": "string", "pattern": pattern}
        return {"anyOf": [text, {"enum": list(self.words)}]} if self.words else text

    def write(self, value: object) -> object:
        return write_duration(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_LARGEST_SIZE = 2**62


@dataclass(frozen=True)
class Size(Kind):
    """A number of bytes."""

    minimum: int = 1
    expected = SIZE_EXPECTED

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, str):
            is_count = isinstance(value, int) and not isinstance(value, bool) and value >= self.minimum
            return self.refuse(value, path, document, f'write "{value}B" for bytes' if is_count else "")
        try:
            count = parse_size(value)
        except ValueError:
            return self.refuse(value, path, document)
        if not self.minimum <= count <= _LARGEST_SIZE:
            limit = f"at least {format_size(self.minimum)}" if count < self.minimum else "less than 4 EiB"
            document.error(path, f"expected {limit}, not {as_written(value)}")
            return INVALID
        return count

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*([kKmMgGtT][iI]?)?[bB]\s*$"}

    def write(self, value: object) -> object:
        return format_size(value) if isinstance(value, int) else value
