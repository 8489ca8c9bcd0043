"""Names for jobs that had none: made of the command, so that the same command gets the same name tomorrow."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

_RUNS_CODE = r"(?:ba|da|k|z|a)?sh|python[\d.]*|perl|ruby|node|nodejs|php[\d.]*|su|runuser"
_INTERPRETERS = re.compile(
    _RUNS_CODE + r"|env|sudo|doas|exec|nohup|setsid|nice|ionice|chrt|taskset|time|chronic|cronic|flock|timeout|xargs|"
    r"command|bundle|npx|uv|poetry|run|gosu|su-exec|setpriv|systemd-cat|setlock|lckdo|lockf|cronlock|mispipe|unbuffer"
)
CHANGES_USER = frozenset({"sudo", "doas", "gosu", "su-exec", "runuser", "systemd-cat"})
_TAKES_A_VERB = re.compile(
    r"artisan|manage|console|docker|docker-compose|podman|kubectl|rake|rails|wp|drush|git|systemctl|service|apt-get|apt|"
    r"npm|yarn|make|occ|bin-console|django-admin|flask|run-parts|aws|rclone|restic|borg|certbot|logrotate|curl|wget"
)
_OPTIONS_WITH_VALUE = {  # of programs that run another one; the value is no name for a job
    "sudo": "-u -g -h -p -C -r -t -U", "doas": "-u -C", "runuser": "-u -g", "node": "-r --require --import --loader",
    "nodejs": "-r --require --import --loader", "systemd-cat": "-t -p", "ionice": "-c -n", "nice": "-n",
    "timeout": "-k -s", "chrt": "-p", "taskset": "-c", "lockf": "-t", "lckdo": "-W", "env": "-u -C", "php": "-d -c",
}  # fmt: skip
_TAKES_WORD_FIRST = {"gosu": 1, "su-exec": 1, "setlock": 1, "lckdo": 1, "lockf": 1, "taskset": 0}
_LOCK_OPTION_WITH_VALUE = re.compile(r"-[a-zA-DF-Z]*[wE]|--(?:wait|timeout|conflict-exit-code)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_ENVIRONMENTS = ("production", "staging", "development")
_LONGEST = 40  # of the 64 characters that a name may have: it is typed, and a number may follow
_FALLBACK = "job"


def slug(text: str) -> str:
    """The text as the name of a job that needs no quotes in the jobs file; empty when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_")[:_LONGEST].rstrip("-_")


def candidates(words: Sequence[str]) -> list[str]:
    """Names for a command, the shortest first; each further one takes another argument in."""
    rest = _from_program_on(words)
    if not rest:
        return [_FALLBACK]
    parts = [_program_name(rest[0])]
    telling = [word for word in rest[1:] if not word.startswith("-") and word not in _ENVIRONMENTS]
    arguments = [part for word in telling if (part := slug(_short(word)))]
    if arguments and _TAKES_A_VERB.fullmatch(parts[0]):
        parts.append(arguments.pop(0))
    names = [slug("-".join(parts)) or _FALLBACK]
    for argument in arguments[:3]:
        parts.append(argument)
        names.append(slug("-".join(parts)))
    return names


def _from_program_on(words: Sequence[str]) -> list[str]:
    """Without assignments, interpreters and their options."""
    rest = list(words)
    interpreter = ""
    while rest:
        word = rest[0]
        name = PurePosixPath(word).name
        if word in ("-c", "-e") and re.fullmatch(_RUNS_CODE, interpreter):
            break
        if word == "-m" and interpreter and len(rest) > 1:
            return [rest[1].rsplit(".", 1)[-1], *rest[2:]]
        is_interpreter = bool(_INTERPRETERS.fullmatch(name))
        if is_interpreter:
            interpreter = name
            rest = _behind_wrapper(rest)
        elif _ASSIGNMENT.match(word) or (interpreter and re.fullmatch(r"-.*|\d+[smhd]?", word)):
            rest.pop(0)
        else:
            return rest
    return [word for word in words if _INTERPRETERS.fullmatch(PurePosixPath(word).name)][-1:]


def _behind_wrapper(words: Sequence[str]) -> list[str]:
    """What follows a program that runs another one, and those of its words that would look like a program."""
    name = PurePosixPath(words[0]).name
    if name == "flock":
        return behind_lock(words[1:])
    rest = list(words[1:])
    with_value = _OPTIONS_WITH_VALUE.get(name, "").split()
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "-m"):
        if rest[0] in ("-c", "-e") and rest[0] not in with_value:
            return rest
        rest = rest[2 if rest[0] in with_value else 1 :]
    return rest[_TAKES_WORD_FIRST.get(name, 0) :]


def behind_user(words: Sequence[str]) -> list[str]:
    """The command that `sudo` and its like run for another user."""
    return _behind_wrapper(words)


def behind_lock(words: Sequence[str]) -> list[str]:
    """What follows the options and the file of `flock`: a command, or `-c` and a text for the shell."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        rest = rest[2 if _LOCK_OPTION_WITH_VALUE.fullmatch(rest[0]) else 1 :]
    return rest[1:]


def _program_name(word: str) -> str:
    name = PurePosixPath(word).name
    return slug(re.sub(r"\.(sh|bash|py|pl|rb|php|m?js|tsx?|jar|exe|cron)$", "", name)) or _FALLBACK


def _short(word: str) -> str:
    """The telling part of an argument: the host of an address, the end of a path; of a number or device nothing."""
    if word.startswith("/dev/"):
        return ""
    if "://" in word:
        return word.split("/")[2]
    if word.isdecimal():
        return ""
    return PurePosixPath(word).name if "/" in word else word


def unique(wanted: Sequence[Sequence[str]]) -> list[str]:
    """One name for each list of candidates, all different: where two want the same, both take longer ones while
    that helps, and numbers where it does not."""
    depth = [0] * len(wanted)
    while True:
        chosen = [names[min(level, len(names) - 1)] for names, level in zip(wanted, depth, strict=True)]
        count = Counter(name.lower() for name in chosen)
        clashing = [at for at, name in enumerate(chosen) if count[name.lower()] > 1 and depth[at] < len(wanted[at]) - 1]
        if not clashing:
            return _numbered(chosen)
        for at in clashing:
            depth[at] += 1


def _numbered(names: Sequence[str]) -> list[str]:
    taken = {name.lower() for name in names}
    times: Counter[str] = Counter()
    result = []
    for name in names:
        key, unused = name.lower(), name
        times[key] += 1
        while times[key] > 1 and (unused := f"{name}-{times[key]}").lower() in taken:
            times[key] += 1
        taken.add(unused.lower())
        result.append(unused)
    return result
