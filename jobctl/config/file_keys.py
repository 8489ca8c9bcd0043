"""Every key of the jobs file outside of a job, and the whole file (PRODUCT.md, section 3)."""

from __future__ import annotations

from dataclasses import replace

from jobctl.config.amounts import Duration, Number, Size
from jobctl.config.job_keys import COMMAND, JOB, NAMES, SEVERITIES, WORD
from jobctl.config.kinds import Choice, FilePath, Flag, Text, Zone
from jobctl.config.lists import ListOf
from jobctl.config.moments import Date, Rate
from jobctl.config.names import NAME_EXPECTED, NAME_PATTERN
from jobctl.config.secret_kinds import SecretText, SecretUrl
from jobctl.config.tables import Key, Named, Section, Tagged
from jobctl.domain.job import Job
from jobctl.domain.settings import Monitor, QueueSettings, Retention, Settings

DAEMON = Section(
    (
        Key("timezone", Zone(), "Default zone of schedules; the system's when left out."),
        Key("max_concurrent", Number(1), "Running attempts at once; 4 times the cores when left out."),
        Key("grace", Duration(or_zero=True), "From SIGTERM to SIGKILL, for jobs that do not say."),
        Key("enabled", Flag(), "Whether anything scheduled starts; also JOBCTL_ENABLED=false in the environment."),
        Key("log_format", Choice(("text", "json")), "The daemon's own log on stderr."),
        Key("state_dir", FilePath(), "Database, logs and locks; relative to the jobs file."),
        Key("heartbeat", SecretUrl(), "Pinged each minute while the daemon works."),
    ),
    Settings,
)

RETENTION = Section(
    (
        Key("succeeded", Duration(), "How long succeeded, cancelled and skipped runs are kept."),
        Key("failed", Duration(), "How long failed, timed out, lost and missed runs are kept."),
        Key("max_runs_per_job", Number(1), "How many ended runs of each job are kept, the newest."),
        Key("max_log_bytes", Size(), "All logs together; the oldest succeeded runs go first."),
    ),
    Retention,
)

QUEUE = Section(
    (
        Key("max_concurrent", Number(1), "How many runs of the queue run at once."),
        Key("rate_limit", Rate(), "How many runs of the queue start per time.", "rate"),
    ),
    QueueSettings,
)

CALENDAR = Section(
    (
        Key("dates", ListOf(Date(), frozenset, noun="a list of dates"), "The days of the calendar."),
        Key("file", FilePath(), "A file with one date a line; # begins a comment."),
    ),
)

_type = Key("type", Choice(("email", "webhook", "command", "apprise")), "How it is sent.", required=True)
_channel_url = Key("url", SecretText(may_be_empty=False), "Where to, with its credentials.", required=True)
_receivers = ListOf(WORD, may_be_empty=False, noun="a list of addresses")
_to = Key("to", _receivers, "The receivers.", required=True)
_headers = Named(r"[A-Za-z0-9-]+", "the name of a header", SecretText())

CHANNEL = Tagged(
    {
        "email": Section(
            (
                _type,
                _channel_url,
                Key("to", _receivers, "The receivers.", required=True),
                Key("from", WORD, "The sender."),
            )
        ),
        "webhook": Section(
            (
                _type,
                _channel_url,
                Key("headers", _headers, "Additional HTTP headers."),
                Key("secret", SecretText(may_be_empty=False), "Signs the body, in the header X-Jobctl-Signature."),
            )
        ),
        "command": Section((_type, Key("command", COMMAND, "Gets the alert as JSON on stdin.", required=True))),
        "apprise": Section((_type, _channel_url)),
    }
)

SEVERITY = Section(tuple(Key(word, NAMES, f"The channels of {word} alerts.") for word in SEVERITIES))

MONITOR = Section(
    (
        Key("cpu_above", Number(0, 100, fraction=True), "Percent of all processors, for 5 minutes."),
        Key("memory_above", Number(0, 100, fraction=True), "Percent of memory in use."),
        Key("disk_free_below", Size(), "Free space where the state directory is."),
    ),
    Monitor,
)


def _named(section: str, value: Section | Tagged) -> Named:
    return Named(NAME_PATTERN, NAME_EXPECTED, value, f"tables such as [{section}.NAME]")


_pattern = Text('a path or a pattern such as "conf.d/*.toml"')

FILE = Section(
    (
        Key("include", ListOf(_pattern), "More files, relative to this one."),
        Key("daemon", DAEMON, "The daemon itself."),
        Key("retention", RETENTION, "How long ended runs are kept; a run goes when any bound is passed."),
        Key("queues", _named("queues", QUEUE), "Limits that jobs share."),
        Key("defaults", Section(tuple(replace(key, required=False) for key in JOB.keys), Job),
            "Any key of a job, for all jobs that do not set it."),
        Key("jobs", _named("jobs", JOB), "The jobs."),
        Key("calendars", _named("calendars", CALENDAR), "Days to leave out."),
        Key("channels", _named("channels", CHANNEL), "Where alerts go."),
        Key("severity", SEVERITY, "The channels of each severity."),
        Key("monitor", MONITOR, "Alerts about the host."),
    )
)  # fmt: skip
