"""Pairs of timer and service become jobs; what real ones taught is a case here."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.importers.findings import Imported
from jobctl.importers.specifiers import Manager
from jobctl.importers.systemd_timers import UnitFolder, read_timers
from jobctl.importers.unit_file import Fragment

DAILY = "[Timer]\nOnCalendar=daily\n"
PLAIN = "[Service]\nType=oneshot\nExecStart=/x\n"


def read(timer: str = DAILY, service: str = PLAIN, **more: str) -> Imported:
    units = {"a.timer": timer, "a.service": service, **{name.replace("_", "."): text for name, text in more.items()}}
    return read_timers(
        UnitFolder(["a.timer"], {name: [Fragment(name, text)] for name, text in units.items()}, Manager())
    )


def keys(timer: str = DAILY, service: str = PLAIN) -> dict[str, Any]:
    (draft,) = read(timer, service).drafts
    return dict(draft.keys)


def timing(text: str) -> dict[str, Any]:
    """The keys of a timer, without those of its plain service."""
    return {key: value for key, value in keys(f"[Timer]\n{text}\n").items() if key not in ("command", "cwd")}


def running(text: str, *, kind: str = "oneshot") -> dict[str, Any]:
    """The keys of a service, without those of its daily timer."""
    found = keys(DAILY, f"[Service]\nType={kind}\n{text}\n")
    return {key: value for key, value in found.items() if key not in ("schedule", "catch_up")}


def told(timer: str = DAILY, service: str = PLAIN) -> list[str]:
    findings = read(timer, service).findings
    return [f"{finding.place} {finding.fate.value}: {finding.message}" for finding in findings]


def test_a_pair_is_a_job_with_the_place_and_rights_of_the_service() -> None:
    (draft,) = read().drafts
    assert (draft.name, str(draft.place)) == ("a", "a.timer")
    assert draft.keys == {"command": ["/x"], "schedule": "0 0 * * *", "catch_up": "none", "cwd": "/"}


# When


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("OnCalendar=daily\nPersistent=true", {"schedule": "0 0 * * *", "catch_up": "once"}),
        ("OnCalendar=06:00\nOnCalendar=Sat 18:30", {"schedule": ["0 6 * * *", "30 18 * * 6"], "catch_up": "none"}),
        ("OnCalendar=daily\nOnCalendar=\nOnCalendar=weekly", {"schedule": "0 0 * * 1", "catch_up": "none"}),
        ("OnCalendar=daily UTC", {"schedule": "0 0 * * *", "timezone": "UTC", "catch_up": "none"}),
        ("OnCalendar=*:*:0/30", {"every": "30s", "catch_up": "none"}),
        ("OnBootSec=30s", {"on_boot": True}),
        ("OnBootSec=5min\nOnUnitActiveSec=1h", {"every": "1h", "on_boot": True, "catch_up": "none"}),
        ("OnStartupSec=1\nOnUnitInactiveSec=90", {"every_after": "1m30s", "on_boot": True}),
        ("OnCalendar=hourly\nRandomizedDelaySec=10m", {"schedule": "0 * * * *", "spread": "10m", "catch_up": "none"}),
    ],
)
def test_a_trigger_becomes_a_key(written: str, found: dict[str, object]) -> None:
    assert timing(written) == found


def test_an_instant_is_at() -> None:
    assert timing("OnCalendar=2026-12-24 18:00")["at"].isoformat() == "2026-12-24T18:00:00"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("OnCalendar=6:00 UTC\nOnCalendar=7:00 Asia/Tokyo", "a.timer:3 not kept: OnCalendar=7:00 Asia/Tokyo: another"),
        ("OnCalendar=daily\nOnUnitActiveSec=1h", "a.timer:3 not kept: OnUnitActiveSec=1h: a job has one schedule"),
        ("OnCalendar=6,18:00\nRandomizedDelaySec=12h", '3 changed: RandomizedDelaySec=12h: became spread = "11h59'),
        ("OnBootSec=1\nRandomizedDelaySec=12h", "a.timer:3 not kept: RandomizedDelaySec=12h: only slots"),
        ("OnUnitInactiveSec=1h\nRandomizedDelaySec=60", "every_after waits as long each time"),
        ("OnCalendar=daily\nRandomizedDelaySec=60\nFixedRandomDelay=yes", "4 changed: FixedRandomDelay=yes: became"),
        ("OnCalendar=hourly\nOnCalendar=daily # at night", "it knows no comments behind a value"),
        ("OnCalendar=03:00:17", "17 s earlier"),
        ("OnBootSec=1h", "a.timer:2 changed: OnBootSec=1h: became on_boot = true: at once"),
        ("OnCalendar=daily\nWakeSystem=yes", "does not wake"),
        ("OnCalendar=daily\nAccuracySec=1h", "a.timer:3 kept: AccuracySec=1h is gone"),
        ("OnCalendar=daily\nOnSunshine=yes", "OnSunshine: not known here"),
    ],
)  # fmt: skip
def test_what_a_timer_loses_is_told_with_its_line(written: str, said: str) -> None:
    assert any(said in sentence for sentence in told(f"[Timer]\n{written}\n"))


@pytest.mark.parametrize(
    ("timer", "service", "reason"),
    [
        ("[Timer]\nOnCalendar=*-*-* */12:00:00\n", PLAIN, 'write "0/12"'),
        ("[Timer]\nPersistent=true\n", PLAIN, "no trigger"),
        (f"{DAILY}Unit=b.service\n", PLAIN, "there is no b.service"),
        (f"{DAILY}Unit=b.target\n", PLAIN, "b.target is no service"),
        (DAILY, "[Service]\n", "a.service has no ExecStart"),
        (DAILY, "[Service]\nExecStart=/x %H\n", "%H is not known from the units: write its value"),
        (DAILY, "[Service]\nExecStart=/x 'y\n", "is not closed"),
        (DAILY, f"{PLAIN}DynamicUser=yes\n", "jobctl makes no users"),
        (DAILY, f"{PLAIN}Environment=A=\udc80\n", "not UTF-8"),
    ],
)
def test_a_pair_without_a_counterpart_is_left_out_with_the_reason(timer: str, service: str, reason: str) -> None:
    imported = read(timer, service)
    assert imported.drafts == ()
    assert reason in imported.left_out[0].reason


def test_the_name_of_the_machine_is_written_and_told() -> None:
    units = {
        "a.timer": [Fragment("a.timer", DAILY)],
        "a.service": [Fragment("a.service", "[Service]\nExecStart=/x %H %l 100%%H\nExecStartPost=/y 5%%H\n")],
    }
    imported = read_timers(UnitFolder(["a.timer"], units, Manager(host="web1.example.org")))
    assert "/x web1.example.org web1 100%H" in str(imported.drafts[0].keys["command"])
    said = [(finding.place.line, finding.message) for finding in imported.findings if "this machine" in finding.message]
    assert said == [(2, "ExecStart=/x %H %l 100%%H has the name of this machine now: web1.example.org")]


def test_an_instance_has_the_files_of_its_template() -> None:
    units = {
        "clean@.timer": [Fragment("clean@.timer", DAILY)],
        "clean@.service": [Fragment("clean@.service", "[Service]\nExecStart=/clean %I\n")],
    }
    imported = read_timers(UnitFolder(["clean@var-log.timer", "clean@.timer"], units, Manager()))
    assert [(draft.name, draft.keys["command"]) for draft in imported.drafts] == [
        ("clean-var-log", ["/clean", "var/log"])
    ]
    assert "is a template" in imported.left_out[0].reason


def test_a_timer_that_nothing_starts_is_not_enabled() -> None:
    units = {"a.timer": [Fragment("a.timer", DAILY)], "a.service": [Fragment("a.service", PLAIN)]}
    (draft,) = read_timers(UnitFolder(["a.timer"], units, Manager(), frozenset({"b.timer"}))).drafts
    assert draft.keys["enabled"] is False


# What


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("ExecStart=/x \\\n  --all", ["/x", "--all"]),
        ("ExecStart=/x ${A}", 'exec /x "${A}"'),
        ("ExecStart=/bin/sh -c 'echo $A ${B:-c} $$'", ["/bin/sh", "-c", "echo $A ${B:-c} $"]),
        ("ExecStart=/x $A", "set -f; exec /x $A"),
        ("ExecStart=/x a\nExecStart=-/y 'b c'", "/x a &&\n{ /y 'b c' || true; }"),
        ("ExecStartPre=/p\nExecStart=/x\nExecStartPost=/q", "/p &&\n/x &&\n/q"),
        ("ExecCondition=/c\nExecStart=/x", "{ /c || exit 0; } &&\n/x"),
        ("ExecStart=/x ; /y", "/x &&\n/y"),
    ],
)
def test_commands_are_executed_one_after_the_other(written: str, command: object) -> None:
    assert running(written)["command"] == command


def test_a_command_whose_failure_does_not_count_alerts_nobody() -> None:
    assert running("ExecStart=-/x") == {"command": ["/x"], "cwd": "/", "alert": {"on": []}}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("WorkingDirectory=/srv", {"cwd": "/srv"}),
        ("UMask=0027\nNice=-5", {"umask": "027", "nice": -5}),
        ("UMask=22", {"umask": "022"}),
        ("Environment=\"A=b c\" D=%i\nEnvironment='E=f'", {"env": {"A": "b c", "D": "", "E": "f"}}),
        ("EnvironmentFile=/etc/a.env", {"env_file": "/etc/a.env"}),
        ("PassEnvironment=A B", {"env": {"A": {"env": "A"}, "B": {"env": "B"}}}),
        ("TimeoutStartSec=90min\nTimeoutStopSec=20", {"timeout": "1h30m", "grace": "20s"}),
        ("TimeoutSec=5min", {"timeout": "5m", "grace": "5m"}),
        ("TimeoutStartSec=infinity\nRuntimeMaxSec=1h", {}),
        ("MemoryMax=2G\nLimitNOFILE=1024:4096\nTasksMax=infinity", {"limits": {"memory": "2GiB", "open_files": 1024}}),
        ("SuccessExitStatus=2 DATAERR", {"success_on": [0, 2, 65]}),
        ("PrivateTmp=no\nLogRateLimitIntervalSec=0", {}),
    ],
)
def test_a_setting_becomes_a_key(written: str, found: dict[str, object]) -> None:
    assert running(f"ExecStart=/x\n{written}") == {"command": ["/x"], "cwd": "/", **found}


def test_another_type_has_its_time_limit_elsewhere() -> None:
    found = running("ExecStart=/x\nTimeoutStartSec=90\nRuntimeMaxSec=1h", kind="simple")
    assert found == {"command": ["/x"], "cwd": "/", "timeout": "1h"}


def test_another_user_keeps_the_managers_path() -> None:
    found = running("ExecStart=/x\nUser=ada\nGroup=staff\nEnvironment=A=b")
    assert (found["user"], found["group_name"]) == ("ada", "staff")
    assert list(found["env"]) == ["PATH", "A"]


@pytest.mark.parametrize(
    ("unit", "service", "retries"),
    [
        ("", "RestartSec=1", 4),
        ("", "RestartSec=1min", 10),
        ("StartLimitBurst=3\nStartLimitIntervalSec=1h", "RestartSec=1min", 2),
        ("StartLimitIntervalSec=0", "RestartSec=1", 10),
        ("", "RestartSec=1\nStartLimitBurst=3\nStartLimitInterval=1h", 2),
        ("StartLimitBurst=7", "RestartSec=1\nStartLimitBurst=3", 2),
        ("", "RestartSec=1\nStartLimitIntervalSec=0", 4),  # systemd knows that name in [Unit] only
    ],
)
def test_restarts_are_retries(unit: str, service: str, retries: int) -> None:
    found = keys(DAILY, f"[Unit]\n{unit}\n{PLAIN}Restart=on-failure\n{service}\n")
    assert (found["retries"], found["retry_backoff"]) == (retries, "fixed")


@pytest.mark.parametrize(
    ("steps", "growing"),
    [
        ("RestartSteps=5\nRestartMaxDelaySec=1min", ("exponential", "1m")),
        ("RestartSteps=5", ("fixed", None)),  # either does nothing without the other
        ("RestartMaxDelaySec=1min", ("fixed", None)),
        ("RestartSteps=5\nRestartMaxDelaySec=infinity", ("fixed", None)),
    ],
)
def test_waits_before_restarts_that_grow_do_so_here(steps: str, growing: tuple[str, str | None]) -> None:
    service = f"{PLAIN}Restart=on-failure\nRestartSec=5\n{steps}\n"
    found = keys(DAILY, service)
    assert (found["retry_backoff"], found.get("retry_max_delay")) == growing
    assert (found["retry_delay"], found["retries"]) == ("5s", 10)
    assert not [one for one in told(DAILY, service) if "not kept" in one]


@pytest.mark.parametrize(("shortest", "longest", "delay"), [("0", "5s", "0s"), ("2d", "5d", "1d"), ("1d", "5d", "1d")])
def test_waits_that_cannot_grow_are_as_they_begin(shortest: str, longest: str, delay: str) -> None:
    service = f"{PLAIN}Restart=on-failure\nRestartSec={shortest}\nRestartSteps=5\nRestartMaxDelaySec={longest}\n"
    found = keys(DAILY, service)
    assert (found["retry_delay"], found["retry_backoff"], found.get("retry_max_delay")) == (delay, "fixed", None)


def test_start_limits_in_their_old_place_are_not_told_as_unknown() -> None:
    service = f"{PLAIN}Restart=on-failure\nStartLimitBurst=3\nStartLimitInterval=1h\n"
    assert not [one for one in told(DAILY, service) if "StartLimit" in one]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "ProtectSystem=strict\nPrivateTmp=yes",
            "a.service:4 not kept: ProtectSystem, PrivateTmp: jobctl builds no walls",
        ),
        (
            "IOSchedulingClass=idle\nIOSchedulingPriority=7",
            "4 not kept: IOSchedulingClass, IOSchedulingPriority: write `ionice",
        ),
        ("CPUSchedulingPolicy=batch", "write `chrt"),
        ("LoadCredential=a:/b", "file ="),
        ("CacheDirectory=a", "mkdir -p"),
        ("CPUQuota=20%", "a control group's"),
        ("DynamicUser=yes\nUser=ada", "4 not kept: DynamicUser=yes: jobctl makes no users: make ada with"),
        ("FrobnicateSec=3", "a.service:4 not kept: FrobnicateSec"),
        ("ExecStopPost=/y", "write a second job with after_any"),
        ("Restart=always", "not kept: Restart=always"),
        ("StandardOutput=append:/x.log", "not kept: StandardOutput"),
        ("StandardOutput=journal", "kept: StandardOutput=journal is gone"),
        ("EnvironmentFile=-/a.env", "the job fails where the file is missing"),
        ("EnvironmentFile=/a\nEnvironmentFile=/b", "not kept: EnvironmentFile=/b: a job has one env_file"),
        ("User=ada\nExecStartPre=+/y", "without the rights that the prefix gives"),
        ("SuccessExitStatus=SIGTERM", "SIGTERM is no exit code"),
        ("MemoryMax=50%", "not kept: MemoryMax=50%"),
        ("KillSignal=SIGINT", "is stopped with SIGTERM"),
        ("RemainAfterExit=yes", "the job runs at each slot"),
    ],
)
def test_what_a_service_loses_is_told_with_its_line(written: str, said: str) -> None:
    assert any(said in sentence for sentence in told(DAILY, f"{PLAIN}{written}\n"))


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("ConditionPathExists=/etc/a", "[ -e /etc/a ] || exit 0\nexec /x"),
        ("ConditionFileIsExecutable=!/a b", "[ ! -x '/a b' ] || exit 0\nexec /x"),
        ("AssertPathIsDirectory=%S/%p", "[ -d /var/lib/a ] || exit 1\nexec /x"),
        ("ConditionPathExists=!/etc/initrd-release", ["/x"]),
        ("ConditionPathExists=", ["/x"]),
    ],
)
@pytest.mark.parametrize("of_timer", [True, False])
def test_a_condition_on_a_file_is_a_test_before_the_command(written: str, command: object, of_timer: bool) -> None:
    unit = f"[Unit]\n{written}\n"
    (draft,) = read(*((unit + DAILY, PLAIN) if of_timer else (DAILY, unit + PLAIN))).drafts
    assert draft.keys["command"] == command


def test_a_condition_of_the_timer_is_not_lost_without_a_word() -> None:
    said = told(f"[Unit]\nConditionVirtualization=!container\nConditionACPower=true\nAssertHost=a\n{DAILY}")
    assert any("a.timer:2 not kept: ConditionVirtualization, AssertHost: write" in sentence for sentence in said)
    assert any("a.timer:3 not kept: ConditionACPower: write `systemd-ac-power" in sentence for sentence in said)


@pytest.mark.parametrize("key", ["After", "ConditionPathExists", "OnFailure", "OnSuccess"])
def test_what_other_units_have_to_do_with_it_is_told(key: str) -> None:
    assert any(key in sentence for sentence in told(DAILY, f"[Unit]\n{key}=x\n{PLAIN}"))


SETTINGS = st.sampled_from(
    [
        "OnCalendar",
        "OnBootSec",
        "OnUnitActiveSec",
        "RandomizedDelaySec",
        "Unit",
        "ExecStart",
        "ExecStartPre",
        "User",
        "Environment",
        "EnvironmentFile",
        "WorkingDirectory",
        "TimeoutStartSec",
        "Restart",
        "RestartSec",
        "StartLimitIntervalSec",
        "Nice",
        "UMask",
        "LimitCPU",
        "MemoryMax",
    ]
)
VALUES = st.sampled_from(["daily", "5min", "/x", "a.service", "-", "on-failure", "1", "%", "'"]) | st.text(
    alphabet="*:/-~.0159 MonA=%$'\"\\;@\udc80", max_size=20
)
LINES = st.lists(st.tuples(SETTINGS, VALUES).map("=".join), max_size=8).map("\n".join)


@settings(max_examples=200)
@given(LINES, LINES)
def test_no_unit_is_too_odd(timer: str, service: str) -> None:
    read(f"[Timer]\n{timer}\n", f"[Service]\n{service}\n")
    read(f"{DAILY}{timer}\n", f"{PLAIN}{service}\n")
