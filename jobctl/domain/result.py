"""What a job leaves in `$JOBCTL_RESULT`: JSON that becomes the run's result."""

from typing import NamedTuple

from jobctl.domain.units import format_size

MAX_BYTES = 64_000


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
    import json  # 2 ms, where a job has left something

    try:
        text = json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()  # half of a surrogate pair is JSON and no text
        return Result(json=text)
    except (ValueError, RecursionError) as error:
        return Result(warning=f"its result was ignored: not JSON ({error})")
