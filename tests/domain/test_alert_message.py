"""What a message says."""

from __future__ import annotations

import json
from dataclasses import replace

from jobctl.domain.alert import AlertKind, AlertState, Telling, Trouble, occurred, recovery_words
from jobctl.domain.alert_message import RunFacts, message_of, trial_message
from jobctl.domain.notice import Notice, NoticeState, up_to_date
from jobctl.domain.run_id import to_text

OPENED = 1_795_392_000_000  # 2026-11-23T00:00:00Z
FACTS = RunFacts("0t6y85qrt8ck", 3, None, OPENED - 61_000, OPENED, ["one", "x" * 600])


def notice(telling: Telling = Telling.OPENED, job: str | None = "backup", **changes: object) -> Notice:
    trouble = Trouble(AlertKind.FAILED, "failed with exit code 3 after 1m01s", job, job or "", "high", 7)
    alert = replace(occurred(None, trouble, OPENED).alert, id=12, **changes)  # type: ignore[arg-type]
    made_at = OPENED + 90_000
    state = NoticeState.WAITING
    return Notice(1, alert, telling, alert.message, 7, made_at, "ops", state, made_at, 0, None, None)


def test_a_failure_is_told_with_all_that_helps() -> None:
    message = message_of(notice(), "vm", FACTS)
    assert message.subject == "[jobctl] backup: failed (vm)"
    assert message.text == (
        "backup: failed on vm\n"
        "\n"
        "What       failed with exit code 3 after 1m01s\n"
        "Severity   high\n"
        "Since      2026-11-23 00:00:00 UTC\n"
        "Job        backup\n"
        "Run        0t6y85qrt8ck\n"
        "Started    2026-11-22 23:58:59 UTC\n"
        "Ended      2026-11-23 00:00:00 UTC\n"
        "Exit code  3\n"
        "\n"
        "The last lines of its output:\n"
        "    one\n"
        f"    {'x' * 500}\n"
        "\n"
        "    jobctl logs 0t6y85qrt8ck\n"
        "    jobctl alerts ack 12\n"
    )


def test_of_a_run_that_was_never_started_no_log_is_offered() -> None:
    facts = RunFacts("0t6y85qrt8ck", None, None, None, None, [], has_log=False)
    commands = message_of(notice(), "vm", facts).document["commands"]
    assert commands == ["jobctl show 0t6y85qrt8ck", "jobctl alerts ack 12"]


def test_a_run_that_ended_badly_since_is_told_first_and_the_earlier_one_beside_it() -> None:
    told = notice()
    newer = replace(told.alert, run_id=9, message="killed by SIGKILL after 2s", count=2, state=AlertState.STILL_FAILING)
    message = message_of(up_to_date(replace(told, alert=newer)), "vm", replace(FACTS, exit_code=None, signal=9))
    assert "What       killed by SIGKILL after 2s\n" in message.text
    assert f"Before     failed with exit code 3 after 1m01s, run {to_text(7)}\n" in message.text
    assert "    jobctl history backup\n" in message.text
    assert message.document["before"] == {"message": "failed with exit code 3 after 1m01s", "run": to_text(7)}
    assert message.document["recovered_from"] is None
    assert up_to_date(told) == told, "it is the newest itself"


def test_of_a_run_without_output_it_is_said_that_there_is_none() -> None:
    message = message_of(notice(), "vm", replace(FACTS, output=[], wrote_nothing=True))
    assert message.text.endswith("\n\nIt wrote nothing.\n\n    jobctl show 0t6y85qrt8ck\n    jobctl alerts ack 12\n")
    assert "nothing" not in message_of(notice(), "vm", replace(FACTS, output=[])).text


def test_a_missing_success_names_the_run_that_failed_last_and_the_verbs_that_say_why() -> None:
    missing = notice(kind=AlertKind.NO_SUCCESS)
    message = message_of(missing, "vm", FACTS)
    assert "Run        0t6y85qrt8ck (the last that failed)\n" in message.text
    why = ["jobctl why backup", "jobctl history backup", "jobctl alerts ack 12"]
    assert message.document["commands"] == ["jobctl logs 0t6y85qrt8ck", *why]
    assert message_of(missing, "vm", None).document["commands"] == why
    late = message_of(notice(kind=AlertKind.LATE), "vm", None).document["commands"]
    assert late == ["jobctl why backup", "jobctl alerts ack 12"]


def test_of_a_disk_without_room_the_verb_is_named_that_looks_at_the_machine() -> None:
    full = notice(kind=AlertKind.DISK_LOW, job=None)
    assert message_of(full, "vm", None).document["commands"] == ["jobctl doctor", "jobctl alerts ack 12"]
    over = notice(Telling.RECOVERED, kind=AlertKind.DISK_LOW, job=None)
    assert message_of(over, "vm", None).document["commands"] == []


def test_programs_get_the_same_as_data() -> None:
    document = json.loads(json.dumps(message_of(notice(count=3), "vm", FACTS).document))
    assert document["alert"] == {
        "id": 12, "job": "backup", "kind": "failed", "severity": "high", "state": "open",
        "opened_at": "2026-11-23T00:00:00.000Z", "last_at": "2026-11-23T00:00:00.000Z", "count": 3,
        "message": "failed with exit code 3 after 1m01s",
    }  # fmt: skip
    assert (document["event"], document["host"], document["run"], document["exit_code"]) == (
        "opened", "vm", "0t6y85qrt8ck", 3,
    )  # fmt: skip
    assert document["text"].startswith("backup: failed on vm\n")


def test_a_recovery_says_how_long_it_lasted_and_shows_no_output() -> None:
    over = notice(Telling.RECOVERED, count=4, state=AlertState.OPEN)
    message = message_of(replace(over, message=recovery_words(over.alert, over.made_at)), "vm", FACTS)
    text = message.text
    assert "What       succeeded again after 4 failures; the alert was open for 1m30s\n" in text
    assert "Before     failed with exit code 3 after 1m01s\n" in text
    assert message.document["recovered_from"] == "failed with exit code 3 after 1m01s"
    assert text.startswith("backup: failed, recovered on vm\n")
    assert "Since      2026-11-23 00:00:00 UTC (4 times so far)\n" in text
    assert "Over       after 1m30s\n" in text
    assert "output" not in text
    assert "alerts ack" not in text


def test_an_alert_that_was_closed_is_not_said_to_have_recovered() -> None:
    over = replace(notice(Telling.CLOSED, state=AlertState.CLOSED), message="closed because the job was removed")
    message = message_of(over, "vm", FACTS)
    assert message.subject == "[jobctl] backup: failed, closed (vm)"
    assert "What       closed because the job was removed\n" in message.text
    assert "Before     failed with exit code 3 after 1m01s\n" in message.text
    assert "recovered" not in message.text
    assert "output" not in message.text
    assert "alerts ack" not in message.text
    assert (message.document["event"], message.document["recovered_from"]) == ("closed", over.alert.message)


def test_commands_name_the_places_that_are_not_customary() -> None:
    call = "jobctl -c '/srv/my jobs.toml'"
    message = message_of(notice(), "vm", FACTS, call)
    commands = [f"{call} logs 0t6y85qrt8ck", f"{call} alerts ack 12"]
    assert message.document["commands"] == commands
    assert message.text.endswith("".join(f"    {command}\n" for command in commands))


def test_what_is_about_no_job_names_what_it_is_about() -> None:
    assert message_of(notice(job=None, kind=AlertKind.DISK_LOW), "vm", None).subject == "[jobctl] jobctl: disk low (vm)"
    assert message_of(notice(job=None, kind=AlertKind.CPU), "vm", None).subject == "[jobctl] host: cpu (vm)"
    failing = notice(job=None, kind=AlertKind.NOTIFY_FAILED, subject="ops")
    assert message_of(failing, "vm", None).subject == "[jobctl] channel ops: notify failed (vm)"


def test_a_trial_says_that_nothing_is_wrong() -> None:
    message = trial_message("ops", "vm", OPENED)
    assert message.text == (
        "This is a test of channel ops by jobctl on vm, 2026-11-23 00:00:00 UTC. Nothing is wrong.\n"
    )
    assert message.document["event"] == "test"
    alert = message.document["alert"]
    assert isinstance(alert, dict)
    assert alert["message"] == message.text.rstrip()
