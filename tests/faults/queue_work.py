"""What a crowd of clients asks of the queues, and jobs that bear witness of what they were given and when.

Everything that a client asks for follows from who it is and a number, so that one who was killed can go on where it
stopped, and so that two clients who use the same key ask for the same. Nothing here imports jobctl.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.installation import Installation
from tests.end_to_end.workload import Work

MAX_CONCURRENT = 6
BATCH = 20  # requests that go into one file; one of four twenties does
KEYED_EVERY = 5

# $1 witness file, $2 the text as an argument, $3 seconds of work. Fails as often as it is told to.
SCRIPT = """\
digest=$(printf '%s|%s' "$JOBCTL_PARAM_TEXT" "$JOBCTL_PARAM_FAILS" | md5sum)
[ "$2" = "$JOBCTL_PARAM_TEXT" ] || digest=differs
echo "start $JOBCTL_RUN_ID $JOBCTL_ATTEMPT $$ $(date +%s%N) ${digest%% *}" >>"$1"
echo "output of $JOBCTL_RUN_ID-$JOBCTL_ATTEMPT"
[ "$3" = 0 ] || sleep "$3"
echo "end $JOBCTL_RUN_ID $JOBCTL_ATTEMPT $$ $(date +%s%N) -" >>"$1"
[ "$JOBCTL_ATTEMPT" -gt "$JOBCTL_PARAM_FAILS" ] || exit 5
"""
PARAMS = '{ text = { type = "string", required = true }, fails = { type = "integer", default = 0 } }'


@dataclass(frozen=True, slots=True)
class QueueJob:
    """A job of the crowd, with what the oracle must know of it."""

    queue: str = "default"
    at_once: int = 20
    seconds: float = 0.0
    delays: tuple[float, ...] = ()  # seconds before the second attempt, the third …, without jitter
    keys: str = ""


JOBS = {
    "letter": QueueJob(at_once=3),
    "rated": QueueJob("rated"),
    "narrow-one": QueueJob("narrow", seconds=0.02),
    "narrow-two": QueueJob("narrow", seconds=0.02),
    "doubling": QueueJob(delays=(0.4, 0.8, 1.0), keys='retry_delay = "400ms"\nretry_max_delay = "1s"\n'),
    "climbing": QueueJob(delays=(0.3, 0.6, 0.9), keys='retry_delay = "300ms"\nretry_backoff = "linear"\n'),
}
_TURNS = (
    "letter", "doubling", "narrow-one", "letter", "climbing", "narrow-two",
    "doubling", "rated", "letter", "narrow-one", "climbing", "narrow-two",
)  # fmt: skip
QUEUES_AT_ONCE = {"narrow": 2}
WORKLOAD = {name: Work(at_once=job.at_once) for name, job in JOBS.items()}


@dataclass(frozen=True, slots=True)
class Rate:
    """The limit of the queue `rated`: starts, and seconds in which the bucket fills up."""

    starts: int
    seconds: int

    @property
    def per_second(self) -> float:
        return self.starts / self.seconds


def define(installation: Installation, rate: Rate) -> None:
    """Write the jobs file."""
    script, witness = installation.folder / "queue.sh", installation.folder / "witness"
    script.write_text(SCRIPT)
    parts = [f'[daemon]\nmax_concurrent = {MAX_CONCURRENT}\ngrace = "1s"\n']
    parts += [f'[queues.rated]\nrate_limit = "{rate.starts}/{rate.seconds}s"\n']
    parts += [f"[queues.{name}]\nmax_concurrent = {count}\n" for name, count in QUEUES_AT_ONCE.items()]
    for name, job in JOBS.items():
        words = ["/bin/sh", str(script), str(witness), "{text}", f"{job.seconds:g}"]
        parts.append(
            f'[jobs.{name}]\ncommand = {words!r}\nqueue = "{job.queue}"\nmax_concurrent = {job.at_once}\n'
            f"retries = {len(job.delays)}\nparams = {PARAMS}\n{job.keys}"
        )
    installation.write_jobs("\n".join(parts))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request."""

    job: str
    text: str
    fails: int
    priority: int
    retries: int | None
    delay_ms: int
    key: str | None

    @property
    def digest(self) -> str:
        return digest_of(self.text, self.fails)


def digest_of(text: str, fails: int) -> str:
    """What the job must say of a payload."""
    return hashlib.md5(f"{text}|{fails}".encode(), usedforsecurity=False).hexdigest()


def wanted(who: int, number: int) -> Wanted:
    """The request `number` of the client `who`. Clients 0 and 1, 2 and 3, … share the keys of every fifth."""
    key = f"pair-{who // 2}-{number}" if number % KEYED_EVERY == 0 else None
    chance = random.Random(key or f"{who} {number}")
    job = _job_of(number)
    retries = chance.choice((None, 0, 1, 2)) if JOBS[job].delays else None
    return Wanted(
        job=job,
        text=_text(chance),
        fails=chance.randrange(4) if JOBS[job].delays else 0,
        priority=chance.randint(1, 10),
        retries=retries,
        delay_ms=chance.randint(300, 1500) if number % 7 == 3 else 0,
        key=key,
    )


def in_one_call(number: int) -> int:
    """How many requests from this one on go into one call: several are a file of JSON Lines."""
    return BATCH - number % BATCH if _is_of_a_file(number) else 1


def _is_of_a_file(number: int) -> bool:
    return number // BATCH % 4 == 1


def _job_of(number: int) -> str:
    """A file is for one job."""
    return _TURNS[(number // BATCH if _is_of_a_file(number) else number) % len(_TURNS)]


def _text(chance: random.Random) -> str:
    """What is hard to pass on: quotes, line ends, other scripts, what looks like a placeholder, and much of it."""
    odd = [
        'it\'s "quoted"',
        "line\nline\n",
        "$HOME `id` $(id)",
        "{text} {fails} ${TEXT}",
        "naïve 日本 𝄞",
        "back\\slash %s",
    ]
    long = "x" * 20_000 if chance.random() < 0.02 else ""
    return f"{chance.choice(odd)} {chance.getrandbits(64):x}{long}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of a witness. `at` is in milliseconds since the epoch."""

    event: str
    run: str
    attempt: int
    at: float
    digest: str


def seen(folder: Path) -> list[Seen]:
    """All whole lines of the witness file, in their order."""
    words = (line.split() for line in (folder / "witness").read_text().splitlines())
    return [Seen(event, run, int(attempt), int(at) / 1e6, digest) for event, run, attempt, _, at, digest in words]
