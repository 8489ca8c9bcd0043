"""What must hold between jobs, and between jobs and the rest of the file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from jobctl.config.drafts import Draft
from jobctl.config.gather import Gathered
from jobctl.config.job_rules import index_of
from jobctl.config.suggest import did_you_mean
from jobctl.domain.definition_records import CHAIN_KEYS

_LONGEST_TOLD = 8  # jobs of a cycle


def check_chains(drafts: Sequence[Draft]) -> None:
    """Chains name jobs that exist and never lead back to where they began."""
    names = {draft.name for draft in drafts}
    edges: dict[str, dict[str, str]] = {}  # job -> what it comes after -> the key that says so
    for draft in drafts:
        for key in CHAIN_KEYS:
            for before in draft.values.get(key, ()):
                if before in names:
                    edges.setdefault(draft.name, {})[before] = key
                else:
                    hint = did_you_mean(before, names) or "name a job of this file"
                    draft.error(key, f'there is no job "{before}"', hint, index_of(draft, key, before))
    by_name = {draft.name: draft for draft in drafts}
    for cycle in _cycles(edges):
        links = [(by_name[job], edges[job][before], before) for job, before in pairwise(cycle)]
        draft, key, before = links[0]
        draft.error(key, *_never_begins(cycle, links[1:]), index_of(draft, key, before))


def _never_begins(cycle: Sequence[str], others: Sequence[tuple[Draft, str, str]]) -> tuple[str, str]:
    """What is said of a cycle at its first link, and where the others stand: job, key, and what the key names."""
    if len(cycle) > _LONGEST_TOLD:
        text = " after ".join([*cycle[:2], "…", *cycle[-2:]])
        return f"this chain never begins: {text}", "take one of them out"
    places = []
    for draft, key, before in others:
        document, path = draft.place(key)
        places.append(document.place_of((*path, *index_of(draft, key, before)), at_value=True))
    hint = f"take one of them out: this one, or that at {', '.join(places)}" if places else "take it out"
    return f"this chain never begins: {' after '.join(cycle)}", hint


def _cycles(edges: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    """Every cycle that a walk along the edges meets, its first job repeated at the end. Linear, without recursion."""
    done: set[str] = set()
    cycles = []
    for start in edges:
        trail = {start: iter(edges[start])} if start not in done else {}  # the walk, with what is left to follow
        while trail:
            name = next(reversed(trail))
            following = next(trail[name], None)
            if following is None:
                trail.popitem()
                done.add(name)
            elif following in trail:
                walk = list(trail)
                cycles.append([*walk[walk.index(following) :], following])
            elif following not in done:
                trail[following] = iter(edges.get(following, ()))
    return cycles


def check_channels(gathered: Gathered, drafts: Sequence[Draft]) -> None:
    """Alerts and severities name channels that exist, be they right in themselves or not."""
    known = gathered.entries("channels").keys()
    for draft in drafts:
        for index, name in enumerate(draft.values.get("alert", {}).get("channels", ())):
            if name not in known:
                draft.error("alert", *_no_channel(name, known), ("channels", index))
    severity = gathered.main.tables.get("severity")
    for word, names in severity.items() if isinstance(severity, dict) else ():
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in known:
                gathered.main.error(("severity", word, index), *_no_channel(name, known))


def _no_channel(name: str, known: Collection[str]) -> tuple[str, str]:
    return f'there is no channel "{name}"', did_you_mean(name, known) or f"write [channels.{name}]"
