"""The end of an attempt as it may be stored: with nothing secret in what the job left or in what went wrong."""

from __future__ import annotations

import json
from collections.abc import Collection

from jobctl.domain.masking import mask, mask_document
from jobctl.domain.outcome import AttemptEnd, Conclusion


def may_tell(conclusion: Conclusion) -> bool:
    """Whether there are words of the job's, or about it, at all: for most ends no secret need be read."""
    return any((conclusion.result, conclusion.message, conclusion.reason))


def without_words(conclusion: Conclusion) -> Conclusion:
    """The same without the result and the message of a job that may have told secrets in them, and with words for that.
    Of an attempt whose keeper was killed: it alone knew for certain what to mask, and had not come to it."""
    if conclusion.result is None and conclusion.message is None:
        return conclusion
    warning = "what it left was not kept: its keeper was killed before it could mask the job's secrets"
    return conclusion._replace(result=None, message=None, reason=f"{conclusion.reason}; {warning}")


def without_secrets(end: AttemptEnd, conclusion: Conclusion, values: Collection[str]) -> tuple[AttemptEnd, Conclusion]:
    """The same end and conclusion with every value masked in result, message, reason and error."""
    if not values:
        return end, conclusion
    masked = conclusion._replace(
        reason=_masked(conclusion.reason, values),
        result=_masked_json(conclusion.result, values),
        message=_masked(conclusion.message, values),
    )
    return end._replace(error=_masked(end.error, values)), masked


def _masked(text: str | None, values: Collection[str]) -> str | None:
    return None if text is None else mask(text, values)


def _masked_json(text: str | None, values: Collection[str]) -> str | None:
    if text is None:
        return None
    return json.dumps(mask_document(json.loads(text), values), ensure_ascii=False, separators=(",", ":"))
