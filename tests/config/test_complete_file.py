"""Every key of the contract reaches its place in the domain."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from jobctl.config.definition import definition_of
from jobctl.config.job_keys import JOB
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.job import (
    CatchUp,
    Execution,
    FromEnv,
    FromFile,
    Job,
    JobRetention,
    Lateness,
    Param,
    Source,
    Triggers,
    WaitForIdle,
)
from jobctl.domain.policies import Backoff, Chain, Limits, OnLost, Overlap, RetryPolicy
from jobctl.domain.rate_limit import RateLimit
from jobctl.domain.settings import ChannelSettings, Monitor, QueueSettings, Retention, Settings
from tests.config.conftest import Load
from tests.config.samples import COMPLETE


def test_a_job_with_every_key(loaded: Load, here: Path) -> None:
    job = loaded(COMPLETE).configuration.jobs["nightly-backup"]
    assert job == Job(
        name="nightly-backup",
        command="pg_dump app | zstd > /backup/app.zst",
        source=Source(str(here / "jobs.toml"), 27),
        description="Dump the application database",
        group="system",
        tags=("db", "critical"),
        triggers=Triggers(
            schedule=("30 2 * * *",),
            timezone="Europe/Berlin",
            on_start=True,
            on_boot=True,
            spread=300,
            calendar_exclude=frozenset({"2026-12-25", "2026-12-26", "2026-12-31", "2027-01-01"}),
        ),
        lateness=Lateness(CatchUp.ALL, 12 * 3600, 5, 900.0),
        priority=6,
        queue="reports",
        max_concurrent=2,
        overlap=Overlap.QUEUE,
        retry=RetryPolicy(3, 10.0, Backoff.LINEAR, 600.0, frozenset({2, 64}), frozenset({0, 3}), OnLost.RETRY),
        execution=Execution(
            cwd="/srv/app",
            shell=("/bin/bash", "-euo", "pipefail", "-c"),
            env={
                "LANG": "C.UTF-8",
                "LEVEL": "debug",
                "PGPASSWORD": FromFile(str(here / "secrets/pg")),
                "TOKEN": FromEnv("DAEMON_TOKEN"),
            },
            env_file=str(here / ".env"),
            user="postgres",
            group="postgres",
            umask=0o027,
            nice=10,
            limits=Limits(2_000_000_000, 1800, 1024, 200),
            timeout=1800.0,
            grace=30.0,
            max_log_size=5_000_000,
            secrets=frozenset({"TOKEN"}),
        ),
        chain=Chain(("dump-users",), ("send-email",), ("interval",)),
        wait_for_idle=WaitForIdle(2.0, 1_000_000_000, 7200.0),
        alert=AlertPolicy(
            on=frozenset({"failed", "recovered", "late", "overrun", "too_fast", "no_success"}),
            severity="high",
            after_failures=2,
            late=600.0,
            overrun="auto",
            too_fast=10.0,
            no_success=26 * 3600.0,
            repeat=86400.0,
            channels=("ops",),
        ),
        retention=JobRetention(7 * 86400.0, 14 * 86400.0, 50),
        heartbeat="https://hc.example/uuid",
    )


def test_jobs_with_other_triggers_and_a_payload(loaded: Load) -> None:
    jobs = loaded(COMPLETE).configuration.jobs
    assert list(jobs) == ["nightly-backup", "send-email", "dump-users", "interval", "following", "once", "with.dot"]
    assert jobs["dump-users"].triggers == Triggers(schedule=("0 6 * * 1-5", "@weekly"), timezone="America/New_York")
    assert jobs["interval"].triggers == Triggers(every=90, timezone="Europe/Berlin")
    assert jobs["following"].triggers == Triggers(every_after=600, timezone="Europe/Berlin")
    assert jobs["once"].triggers == Triggers(at=1_924_362_000, timezone="Europe/Berlin")
    assert jobs["with.dot"].execution.shell == ("/bin/bash", "-c")
    letter = jobs["send-email"]
    assert letter.command == ("python3", "send.py", "--to", "{to}")
    assert letter.execution.stdin_params
    assert letter.execution.grace == 12.0
    assert letter.params == {
        "to": Param("string", required=True, pattern="^[^@]+@[^@]+$", min_length=3, max_length=200),
        "template": Param("string", default="welcome", choices=("welcome", "promo"), description="Which letter"),
        "copies": Param("integer", default=1, minimum=1, maximum=5),
        "extra": Param("list", default=["a", 1]),
    }


def test_everything_that_is_not_a_job(loaded: Load, here: Path) -> None:
    assert loaded(COMPLETE).configuration.settings == Settings(
        timezone="Europe/Berlin",
        max_concurrent=8,
        grace=12.0,
        log_format="json",
        state_dir=str(here / "state"),
        heartbeat="https://hc.example/daemon",
        retention=Retention(30 * 86400.0, 90 * 86400.0, 10_000, 2_000_000_000),
        queues={"reports": QueueSettings(2, RateLimit(30, 60.0))},
        channels={
            "ops": ChannelSettings(
                "ops",
                "email",
                {"url": FromFile("/etc/jobctl/smtp-url"), "to": ("ops@example.org",), "from": "jobctl@example.org"},
            ),
            "hook": ChannelSettings(
                "hook",
                "webhook",
                {
                    "url": FromEnv("HOOK"),
                    "headers": {"Authorization": FromEnv("HOOK_TOKEN")},
                    "secret": FromFile(str(here / "secrets/hook")),
                },
            ),
            "script": ChannelSettings("script", "command", {"command": ("/usr/local/bin/tell",)}),
            "chat": ChannelSettings("chat", "apprise", {"url": "mailto://ops"}),
        },
        severity={"high": ("ops",), "medium": ()},
        monitor=Monitor(95.0, 90.5, 2_000_000_000),
    )


def test_the_samples_use_every_key_of_a_job(loaded: Load) -> None:
    used = {line.split(" = ")[0] for line in COMPLETE.splitlines() if " = " in line} | {"alert", "params"}
    assert {key.name for key in JOB.keys} <= used


def test_every_key_has_its_own_home_in_the_domain() -> None:
    homes = [key.target for key in JOB.keys]
    assert len(set(homes)) == len(homes)
    for part, attribute in homes:
        owner = {field.name: field for field in dataclasses.fields(Job)}[part].default if part else Job
        assert attribute in inspect.signature(owner if isinstance(owner, type) else type(owner)).parameters


@pytest.mark.parametrize("name", ["nightly-backup", "send-email", "interval"])
def test_a_definition_has_the_words_of_the_file_with_all_defaults(loaded: Load, name: str) -> None:
    definition = definition_of(loaded(COMPLETE).configuration.jobs[name])
    assert set(definition) == {key.name for key in JOB.keys}


def test_a_definition_does_not_change_with_the_place_or_the_order_of_keys(loaded: Load) -> None:
    one = loaded('[jobs.a]\ncommand = "x"\nenv = { A = "1", B = "2" }\nsuccess_on = [1, 0]\n')
    other = loaded('\n\n[jobs.a]\nsuccess_on = [0, 1]\nenv = { B = "2", A = "1" }\ncommand = "x"\n')
    definitions = [definition_of(loaded.configuration.jobs["a"]) for loaded in (one, other)]
    assert repr(definitions[0]) == repr(definitions[1])


def test_a_definition_names_secrets_and_never_reads_them(loaded: Load, here: Path) -> None:
    (here / "token").write_text("hush")
    job = loaded('[jobs.a]\ncommand = "x"\nenv = { T = { file = "token" } }\n').configuration.jobs["a"]
    assert definition_of(job)["env"] == {"T": {"file": str(here / "token")}}
