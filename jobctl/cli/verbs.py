"""The table of verbs: what `jobctl --help` shows, and where each one lives, without importing any of them."""

from typing import NamedTuple

SERVICE = "Service"
RUN = "Run"
INSPECT = "Inspect"
CONTROL = "Control"
CONFIGURE = "Configure"
PANELS = (RUN, INSPECT, CONTROL, CONFIGURE, SERVICE)


class Verb(NamedTuple):
    """One verb; its module `jobctl.cli.<name>` holds the function `command`."""

    panel: str
    summary: str
    module: str = ""  # where the verb is a word of Python


VERBS: dict[str, Verb] = {
    "run": Verb(RUN, "Run a job now and follow its output"),
    "enqueue": Verb(RUN, "Put runs with their values into the queue"),
    "exec": Verb(RUN, "Run a command that something else fires, and keep it as a run"),
    "wait": Verb(RUN, "Wait until runs have ended"),
    "cancel": Verb(RUN, "Stop running runs and withdraw waiting ones"),
    "retry": Verb(RUN, "Give ended runs another chance"),
    "dismiss": Verb(RUN, "Take runs off the dead letters"),
    "delete": Verb(RUN, "Remove ended runs and their logs"),
    "status": Verb(INSPECT, "The daemon, what runs, what failed, what is next"),
    "list": Verb(INSPECT, "Jobs with their schedule, next and last run"),
    "show": Verb(INSPECT, "Everything about one job or one run"),
    "history": Verb(INSPECT, "Runs, newest first"),
    "logs": Verb(INSPECT, "What a run has written"),
    "dead": Verb(INSPECT, "Runs that failed for good and that nobody made up for"),
    "alerts": Verb(INSPECT, "What is wrong and not over yet, and what was told of it"),
    "stats": Verb(INSPECT, "How often jobs succeed, how long they take, and what changed"),
    "top": Verb(INSPECT, "What runs and what it uses, live"),
    "next": Verb(INSPECT, "What starts when"),
    "why": Verb(INSPECT, "Why a job did or did not run then"),
    "explain": Verb(INSPECT, "A schedule in words, and its next times"),
    "enable": Verb(CONTROL, "Let disabled jobs start by themselves again"),
    "disable": Verb(CONTROL, "Keep jobs from starting by themselves"),
    "pause": Verb(CONTROL, "Hold all starts, or those of one queue"),
    "resume": Verb(CONTROL, "Let starts go on"),
    "prune": Verb(CONTROL, "Remove old runs and their logs now"),
    "backup": Verb(CONTROL, "Copy the database while everything runs"),
    "init": Verb(CONFIGURE, "Write a jobs file to start from"),
    "add": Verb(CONFIGURE, "Put a job into the jobs file, from options or by asking"),
    "remove": Verb(CONFIGURE, "Take a job out of the jobs file"),
    "edit": Verb(CONFIGURE, "Edit the jobs file, checked before it is replaced"),
    "check": Verb(CONFIGURE, "Look for errors and doubts in the jobs file"),
    "import": Verb(CONFIGURE, "Make a jobs file of crontabs or systemd timers", module="import_jobs"),
    "env": Verb(CONFIGURE, "The environment that a run gets, and what differs from yours"),
    "shell": Verb(CONFIGURE, "A shell in the environment and as the user of a run"),
    "progress": Verb(CONFIGURE, "From inside a job: say how far it is"),
    "schema": Verb(CONFIGURE, "The JSON Schema of the jobs file, for editors"),
    "completion": Verb(CONFIGURE, "The script that completes words in bash, zsh or fish"),
    "doctor": Verb(SERVICE, "What is wrong with this installation, and what to do"),
    "service": Verb(SERVICE, "The systemd unit of the daemon"),
    "daemon": Verb(SERVICE, "Start jobs when they are due, in the foreground"),
    "reload": Verb(SERVICE, "Let the daemon read the jobs file again"),
    "health": Verb(SERVICE, "One line and an exit status for monitoring"),
    "metrics": Verb(SERVICE, "Numbers for Prometheus"),
}

# They make no state directory where there is none, and look once: what comes there later they need not see.
LOOKING = frozenset(
    {
        "status",
        "list",
        "doctor",
        "show",
        "history",
        "logs",
        "dead",
        "alerts",
        "stats",
        "top",
        "next",
        "explain",
        "why",
        "wait",
        "metrics",
        "health",
    }
)
