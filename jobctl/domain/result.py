"""What a job leaves in `$JOBCTL_RESULT`: JSON that becomes the run's result."""

from typing import NamedTuple

from jobctl.domain.units import format_size

MAX_BYTES = 64_000
_MASK = b"***"  # as in `masking`, which is heavier than what most jobs leave


class Result(NamedTuple):
    """The result as one line of JSON, or the warning why there is none; both None when the job left nothing."""

    json: str | None = None
    warning: str | None = None


def read_result(content: bytes | None) -> Result:
    """Judge what a job left. A broken or oversized result is a warning on the run, never its failure."""
    if content is None or not content.strip():
        return Result()
    if len(content) > MAX_BYTES:
        return Result(warning=f"its result was ignored: larger than {format_size(MAX_BYTES)}")
    left = _read(content)
    if left.json is None and _MASK in content:
        mended = _read(_mended(content))
        return mended if mended.json is not None else left
    return left


def _read(content: bytes) -> Result:
    import json  # 2 ms, where a job has left something

    try:
        text = json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()  # half of a surrogate pair is JSON and no text
        return Result(json=text)
    except (ValueError, RecursionError) as error:
        return Result(warning=f"its result was ignored: not JSON ({error})")


def _mended(content: bytes) -> bytes:
    """What was JSON before its keeper masked secrets in it, without knowing what JSON is: a number that holds one
    becomes text, and a letter of an escape that went with one leaves no backslash behind."""
    import re

    def mend(word: re.Match[bytes]) -> bytes:
        if word[0].startswith(b'"'):
            return re.sub(rb"\\(.)", lambda escape: b"*" if escape[1] == b"*" else escape[0], word[0], flags=re.DOTALL)
        return b'"%s"' % word[0] if _MASK in word[0] else word[0]

    return re.sub(rb'"(?:[^"\\]+|\\.?)*"?|[^\s"\[\]{},:]+', mend, content, flags=re.DOTALL)
