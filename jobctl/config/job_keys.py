"""Every key of a job: its type, its home in the domain and what it is for (PRODUCT.md, section 3).

This table and that of `file_keys` are the one source of validation, JSON Schema and documentation.
"""

from __future__ import annotations

from collections.abc import Collection

from jobctl.config.amounts import Duration, Number, Size
from jobctl.config.kinds import Anything, Choice, FilePath, Flag, Regex, Text, Zone, choice_of
from jobctl.config.lists import ListOf, TextOr
from jobctl.config.moments import Date, Instant, Octal
from jobctl.config.names import NAME_EXPECTED, NAME_PATTERN
from jobctl.config.secret_kinds import SecretText, SecretUrl
from jobctl.config.tables import Key, Named, Section
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.job import CatchUp, Job, JobRetention, Param, WaitForIdle
from jobctl.domain.policies import Backoff, Limits, OnLost, Overlap

TRIGGERS = ("schedule", "every", "every_after", "at")  # a job has at most one of these

_VARIABLE_PATTERN = r"[A-Za-z_][A-Za-z0-9_]*"
_VARIABLE_EXPECTED = "the name of a variable: letters, digits and `_`, not beginning with a digit"
_ALERTS = ("failed", "recovered", "late", "overrun", "too_fast", "no_success")
SEVERITIES = ("low", "medium", "high")


def _job_keys() -> Collection[str]:
    return JOB.by_name


WORD = Text("a word without spaces", r"[^\s,]+")
NAME = Text(NAME_EXPECTED, NAME_PATTERN)
NAMES = ListOf(NAME, noun="a list of names")
_exit_codes = ListOf(Number(0, 255), frozenset, noun="a list of exit codes")

PARAM = Section(
    (
        Key(
            "type", Choice(("string", "integer", "number", "boolean", "list")), "The type of the value.", required=True
        ),
        Key("required", Flag(), "Whether an enqueue without it is refused."),
        Key("default", Anything(), "The value when none is given."),
        Key("choices", ListOf(Anything(), may_be_empty=False), "The only values allowed."),
        Key("pattern", Regex(), "A regular expression found in the string; ^ and $ anchor it."),
        Key("minimum", Number(fraction=True), "The smallest number allowed."),
        Key("maximum", Number(fraction=True), "The largest number allowed."),
        Key("min_length", Number(0), "The fewest characters of a string or elements of a list."),
        Key("max_length", Number(0), "The most characters of a string or elements of a list."),
        Key("description", Text(may_be_empty=True), "What the value is for."),
    ),
    Param,
    'a table such as { type = "string" }',
)

LIMITS = Section(
    (
        Key("memory", Size(), "Memory of all processes of an attempt together, and of each of them (RLIMIT_DATA)."),
        Key("cpu", Duration(whole=True), "Processor time of all processes of an attempt together."),
        Key("open_files", Number(1), "Open descriptors of each process (RLIMIT_NOFILE)."),
        Key(
            "processes",
            Number(1),
            "Processes of an attempt in a control group, else of its user (RLIMIT_NPROC).",
        ),
    ),
    Limits,
    outer=_job_keys,
)

WAIT_FOR_IDLE = Section(
    (
        Key("load_below", Number(0, fraction=True), "Start only while the one-minute load is below this."),
        Key("memory_free", Size(), "Start only while this much memory is free."),
        Key("latest", Duration(), "Start all the same this long after it was due."),
    ),
    WaitForIdle,
    outer=_job_keys,
)

ALERT = Section(
    (
        Key("on", ListOf(Choice(_ALERTS), frozenset), "What is worth an alert; only final failures count."),
        Key("severity", Choice(SEVERITIES), "How loud it is; decides the channels."),
        Key("after_failures", Number(1), "How many failures in a row it takes."),
        Key("late", Duration(), "Alert when a run has not started this long after it was due."),
        Key("overrun", Duration(words=("auto",)), "Alert when a run still runs after this; auto: from history."),
        Key("too_fast", Duration(), "Alert when a run succeeded in less than this."),
        Key("no_success", Duration(), "Alert when there was no success for this long: a dead-man switch."),
        Key("repeat", Duration(), "Tell again this often while it stays open."),
        Key("channels", NAMES, "Where to send it; those of the severity when left out."),
    ),
    AlertPolicy,
    outer=_job_keys,
)

JOB_RETENTION = Section(
    (
        Key("succeeded", Duration(), "How long succeeded, cancelled and skipped runs are kept."),
        Key("failed", Duration(), "How long failed, timed out, lost and missed runs are kept."),
        Key("max_runs", Number(1), "How many ended runs of the job are kept, the newest."),
    ),
    JobRetention,
    outer=_job_keys,
)

COMMAND = TextOr(
    Text("a command"),
    ListOf(Text("a string", may_be_empty=True), may_be_empty=False, noun="a list of a program and its arguments"),
)
_schedule = TextOr(
    Text('a cron expression such as "30 2 * * *", a preset such as "daily"'),
    ListOf(Text("a cron expression"), may_be_empty=False, noun="a list of expressions"),
    lambda text: (text,),
)
_shell = TextOr(
    Text("a shell"), ListOf(Text(), may_be_empty=False, noun="a list of a program and its arguments"),
    lambda text: (text, "-c"),
)  # fmt: skip

WHAT = (
    Key("command", COMMAND, "What to run: a string goes to `shell`, a list is executed as it is.", required=True),
    Key("description", Text(may_be_empty=True), "What the job is for."),
    Key("group", WORD, "A word to select jobs by (`--group`)."),
    Key("tags", ListOf(WORD, noun="a list of words"), "Words to select jobs by (`--tag`)."),
    Key("enabled", Flag(), "Whether the schedule acts; `run` and `enqueue` always do."),
)

WHEN = (
    Key("schedule", _schedule, "Five cron fields, a preset, an @alias, or a list of these.", "triggers.schedule"),
    Key("timezone", Zone(), "The zone of the schedule; that of [daemon] when left out.", "triggers.timezone"),
    Key("every", Duration(whole=True), "A fixed interval counted from the epoch.", "triggers.every"),
    Key("every_after", Duration(whole=True), "This long after the previous run ended.", "triggers.every_after"),
    Key("at", Instant(), "Once, at this instant.", "triggers.at"),
    Key("on_start", Flag(), "Also once per start of the daemon.", "triggers.on_start"),
    Key("on_boot", Flag(), "Also once per boot of the machine.", "triggers.on_boot"),
    Key("spread", Duration(whole=True, or_zero=True), "Delay each slot by a stable share of this.", "triggers.spread"),
    Key(
        "calendar_exclude",
        ListOf(Date(or_name=True), frozenset, noun="a list of dates or names of calendars"),
        "Local dates without slots: dates, or names of [calendars].",
        "triggers.calendar_exclude",
    ),
    Key(
        "catch_up",
        choice_of(CatchUp),
        "What becomes of slots missed while nobody could start them.",
        "lateness.catch_up",
    ),
    Key(
        "catch_up_window", Duration(whole=True), "Slots older than this are not caught up.", "lateness.catch_up_window"
    ),
    Key("catch_up_limit", Number(1, 10_000), 'The most runs that catch_up = "all" makes.', "lateness.catch_up_limit"),
    Key("start_deadline", Duration(), "A run not started this long after due is missed.", "lateness.start_deadline"),
    Key("after", NAMES, "Start when a run of each of these jobs has succeeded.", "chain.after"),
    Key("after_failure", NAMES, "Start when a run of one of these jobs fails for good.", "chain.after_failure"),
    Key("after_any", NAMES, "Start when a run of each of these jobs has ended, however it did.", "chain.after_any"),
    Key("wait_for_idle", WAIT_FOR_IDLE, "Hold the start while the host is busy."),
)

SHARE = (
    Key("priority", Number(1, 10), "1 lowest to 10 highest: higher starts first, then the older."),
    Key("queue", NAME, "The queue whose limits the runs share."),
    Key("max_concurrent", Number(1), "How many runs of the job run at once."),
    Key("overlap", choice_of(Overlap), "What becomes of a slot while a run of the job is active."),
)

ENDING = (
    Key("timeout", Duration(), "Stop an attempt that runs longer.", "execution.timeout"),
    Key("grace", Duration(or_zero=True), "From SIGTERM to SIGKILL; that of [daemon] when left out.", "execution.grace"),
    Key("retries", Number(0, 1_000_000), "Attempts after the first.", "retry.retries"),
    Key("retry_delay", Duration(or_zero=True), "The wait before the second attempt.", "retry.delay"),
    Key("retry_backoff", choice_of(Backoff), "How the wait grows.", "retry.backoff"),
    Key("retry_max_delay", Duration(or_zero=True), "The longest wait.", "retry.max_delay"),
    Key("retry_never_on", _exit_codes, "Exit codes after which no attempt follows.", "retry.never_on"),
    Key(
        "success_on",
        ListOf(Number(0, 255), frozenset, may_be_empty=False, noun="a list of exit codes"),
        "Exit codes that mean success.",
        "retry.success_on",
    ),
    Key("on_lost", choice_of(OnLost), "What becomes of a run whose end cannot be known.", "retry.on_lost"),
)

HOW = (
    Key("cwd", FilePath(), "Working directory; the user's home when left out.", "execution.cwd"),
    Key("shell", _shell, "What a string command is handed to.", "execution.shell"),
    Key(
        "env",
        Named(_VARIABLE_PATTERN, _VARIABLE_EXPECTED, SecretText(), "a table of variables"),
        "Variables: a string, or { file = … } or { env = … } read when an attempt starts.",
        "execution.env",
    ),
    Key("env_file", FilePath(), "A file of NAME=value lines, read when an attempt starts.", "execution.env_file"),
    Key("user", WORD, "The user to run as; needs a daemon of root.", "execution.user"),
    Key("group_name", WORD, "The unix group to run as; the user's own when left out.", "execution.group"),
    Key("umask", Octal(), "Permission bits that new files do not get.", "execution.umask"),
    Key("nice", Number(-20, 19), "Scheduling priority: 19 is the most modest.", "execution.nice"),
    Key("limits", LIMITS, "Limits of an attempt: one that dies of it says so.", "execution.limits"),
    Key("max_log_size", Size(1000), "A larger log keeps head and tail; the cut is marked.", "execution.max_log_size"),
    Key("stdin", Choice(("none", "params"), lambda word: word == "params"), "What the job reads on its standard input.",
        "execution.stdin_params", default="none"),
    Key(
        "secrets",
        ListOf(Text(_VARIABLE_EXPECTED, _VARIABLE_PATTERN), frozenset, noun="a list of names of variables"),
        "Variables whose values are masked in everything shown, stored and sent.",
        "execution.secrets",
    ),
)  # fmt: skip

TELLING = (
    Key("params", Named(_VARIABLE_PATTERN, _VARIABLE_EXPECTED, PARAM), "The types of the payload's keys."),
    Key("alert", ALERT, "What is worth telling somebody."),
    Key("retention", JOB_RETENTION, "How long this job's runs are kept; [retention] when left out."),
    Key("heartbeat", SecretUrl(), "Pinged on start, success (/0) and failure (/<code>)."),
)

JOB = Section((*WHAT, *WHEN, *SHARE, *ENDING, *HOW, *TELLING), Job)
