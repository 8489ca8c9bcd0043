"""Faults befall the same installations that the end-to-end tests use."""

from tests.end_to_end.conftest import installation

__all__ = ["installation"]
