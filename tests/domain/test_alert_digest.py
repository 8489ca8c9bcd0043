"""What one message says about many alerts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jobctl.domain.alert import AlertKind, AlertState, Telling, Trouble, occurred, recovery_words
from jobctl.domain.alert_causes import runs_to_read
from jobctl.domain.alert_digest import digest_of
from jobctl.domain.alert_message import Message, RunFacts
from jobctl.domain.notice import Notice, NoticeState, up_to_date
from jobctl.domain.run_id import to_text

OPENED = 1_795_392_000_000  # 2026-11-23T00:00:00Z


def notice(
    number: int, job: str | None, telling: Telling = Telling.OPENED, kind: AlertKind = AlertKind.FAILED, **changes: Any
) -> Notice:
    """Of an alert and a run with the same number, made so many seconds after midnight."""
    made_at = OPENED + 1000 * number
    trouble = Trouble(kind, f"failed with exit code 3 after {number}s", job, job or "", "medium", number)
    alert = replace(occurred(None, trouble, made_at).alert, id=number, **changes)
    state = NoticeState.WAITING
    return Notice(number, alert, telling, alert.message, alert.run_id, made_at, "ops", state, made_at, 0, None, None)


def run(number: int, *output: str, exit_code: int | None = 3, signal: int | None = None) -> RunFacts:
    ended_at = OPENED + 1000 * number
    return RunFacts(f"0t6y85qrt{number:03}", exit_code, signal, ended_at - 500, ended_at, output)


def digest(notices: Sequence[Notice], facts: Mapping[int, RunFacts] | None = None, call: str = "jobctl") -> Message:
    return digest_of(notices, "vm", facts or {}, call)


def alerts(message: Message) -> list[dict[str, Any]]:
    found = json.loads(json.dumps(message.document))["alerts"]
    assert isinstance(found, list)
    return found


def test_each_alert_is_told_with_all_that_a_message_about_it_alone_says() -> None:
    many = [notice(1, "backup", count=4, severity="high"), notice(2, "mail"), notice(3, "sync"), notice(4, "late")]
    facts = {
        1: run(1, "copying", "disk full"),
        2: run(2, "no route to host"),
        3: run(3, exit_code=None, signal=9),
    }
    message = digest([*reversed(many)], facts)
    assert message.subject == "[jobctl] 4 × failed (vm)"
    assert message.text == (
        "4 × failed on vm\n"
        "\n"
        "backup: failed with exit code 3 after 1s\n"
        "    alert 1, high, since 2026-11-23 00:00:01 UTC, 4 times so far\n"
        "    run 0t6y85qrt001, ended 2026-11-23 00:00:01 UTC\n"
        "    The last 2 lines of its output:\n"
        "        copying\n"
        "        disk full\n"
        "    jobctl logs 0t6y85qrt001\n"
        "    jobctl history backup\n"
        "\n"
        "mail: failed with exit code 3 after 2s\n"
        "    alert 2, medium, since 2026-11-23 00:00:02 UTC\n"
        "    run 0t6y85qrt002\n"
        "    The last line of its output:\n"
        "        no route to host\n"
        "    jobctl logs 0t6y85qrt002\n"
        "\n"
        "sync: failed with exit code 3 after 3s\n"
        "    alert 3, medium, since 2026-11-23 00:00:03 UTC\n"
        "    run 0t6y85qrt003, killed by SIGKILL\n"
        "    jobctl logs 0t6y85qrt003\n"
        "    1 more like it:\n"
        "        late: failed with exit code 3 after 4s, alert 4, since 2026-11-23 00:00:04 UTC, no run, no exit code\n"
        "\n"
        "    jobctl alerts\n"
        "    jobctl alerts ack 1 2 3 4\n"
    )


def test_what_many_jobs_wrote_alike_is_said_once_with_their_names() -> None:
    many = [notice(number, f"probe-{number}") for number in range(1, 6)]
    facts = {number: run(number, f"00:00:0{number} connection refused") for number in range(1, 6)}
    facts[4] = run(4, "something else")
    text = digest(many, facts).text
    assert text.count("connection refused") == 1
    assert (
        "        00:00:01 connection refused\n"
        "    jobctl logs 0t6y85qrt001\n"
        "    3 more like it, with the same output but for numbers:\n"
        "        probe-2: failed with exit code 3 after 2s, alert 2, since 2026-11-23 00:00:02 UTC, run 0t6y85qrt002\n"
        "        probe-3: "
    ) in text
    exact = digest(many[:3], dict.fromkeys(range(1, 4), run(1, "refused"))).text
    assert "    2 more like it, with the same output:\n" in exact


def test_what_is_not_said_of_one_of_many_is_true_of_it() -> None:
    """The first was told before, and its alert is over by now."""
    first = notice(1, "a", Telling.AGAIN, count=7, state=AlertState.RECOVERED)
    facts = {1: run(1, "refused"), 2: run(2, "refused", exit_code=None)}
    second = notice(2, "b", Telling.AGAIN)
    text = digest([first, replace(first, id=0), second], facts).text
    assert (
        "alert 1, medium, since 2026-11-23 00:00:01 UTC, 7 times so far, told 2 times in this message, recovered"
        in text
    )
    brief = next(line for line in text.splitlines() if line.startswith("        b: "))
    assert brief.endswith(", once so far, told once, open, run 0t6y85qrt002")
    silent = [replace(one, message="did not work") for one in (first, second)]
    brief = next(line for line in digest(silent, facts).text.splitlines() if line.startswith("        b: "))
    assert brief.endswith("run 0t6y85qrt002, no exit code"), "no message says it"


def test_an_alert_is_told_once_by_its_newest_notice() -> None:
    first, second = notice(7, "mail", Telling.AGAIN), notice(7, "mail", Telling.AGAIN)
    second = replace(second, id=9, message="failed with exit code 4 after 1s", run_id=9, made_at=OPENED + 60_000)
    message = digest([second, first], {7: run(7, "before"), 9: run(9, "newest")})
    assert message.subject == "[jobctl] 1 × failed, still (vm)"
    assert message.text.count("mail: ") == 1
    assert "mail: failed with exit code 4 after 1s\n" in message.text
    assert "told 2 times in this message" in message.text
    assert "before" not in message.text
    [alert] = alerts(message)
    assert (alert["times"], alert["run"], alert["output"]) == (2, "0t6y85qrt009", ["newest"])


def test_a_job_whose_alert_opened_again_is_told_once_and_both_alerts_are_counted() -> None:
    message = digest([notice(1, "mail"), notice(2, "sync"), notice(5, "mail")], {5: run(5, "no")})
    assert message.subject == "[jobctl] 3 × failed of 2 jobs (vm)"
    assert message.text.count("mail: ") == 1
    assert "    alert 5, medium, since 2026-11-23 00:00:05 UTC, 2 alerts in this message\n" in message.text
    assert [(one["id"], one["output"]) for one in alerts(message)] == [(1, []), (5, ["no"]), (2, [])]


def test_of_more_than_twenty_the_rest_is_named_and_more_than_a_hundred_of_those_are_counted() -> None:
    many = [notice(number, f"job-{number}") for number in range(1, 126)]
    facts = {number: run(number, f"{'x' * number}") for number in range(1, 126)}
    message = digest(many, facts)
    assert runs_to_read(many) == set(range(1, 21))
    assert message.subject == "[jobctl] 125 × failed (vm)"
    assert "job-20: failed with" in message.text
    rest = message.text.split("And 105 more, of which only the names are told here:\n")[1]
    assert rest.startswith("    job-21, job-22, job-23")
    assert "job-120\n    … and 5 more\n\n    jobctl alerts -n 125\n    jobctl alerts ack 1 2 3" in rest
    assert "job-121" not in rest
    told = alerts(message)
    assert len(told) == 125
    assert (told[19]["output"], told[20]["output"]) == (["x" * 20], None)
    assert (told[20]["run"], told[20]["exit_code"]) == ("0t6y85qrt021", 3)


def test_a_message_fits_into_a_chat_however_much_was_written() -> None:
    many = [notice(number, f"job-{number}", message="m" * 9_000) for number in range(1, 1001)]
    facts = {number: run(number, *[chr(64 + number) * 10_000] * 20) for number in range(1, 21)}
    message = digest(many, facts)
    assert len(message.text) < 20_000
    assert message.text.count("The last 3 lines of its output, cut to fit:\n") == 20
    assert len(json.dumps(message.document["text"])) < 30_000


def test_programs_get_each_alert_with_its_run_its_output_and_its_commands() -> None:
    message = digest([notice(1, "a", severity="low"), notice(2, "b"), notice(3, "c", run_id=None)], {2: run(2, "no")})
    assert alerts(message)[0] == {
        "id": 2, "job": "b", "kind": "failed", "severity": "medium", "state": "open",
        "opened_at": "2026-11-23T00:00:02.000Z", "last_at": "2026-11-23T00:00:02.000Z", "count": 1,
        "message": "failed with exit code 3 after 2s", "recovered_from": None, "before": None, "times": 1,
        "run": "0t6y85qrt002", "exit_code": 3, "signal": None, "output": ["no"],
        "commands": ["jobctl logs 0t6y85qrt002", "jobctl alerts ack 2"],
    }  # fmt: skip
    document = dict(message.document)
    assert document.pop("text") == message.text.removesuffix("\n")
    del document["alerts"]
    assert document == {
        "event": "digest", "told": "opened", "host": "vm", "kind": "failed", "severity": "medium", "count": 3,
        "message": "3 × failed: b, c, a", "commands": ["jobctl alerts", "jobctl alerts ack 2 3 1"],
    }  # fmt: skip


def test_recoveries_say_what_is_over_show_no_output_and_are_not_acknowledged() -> None:
    ends = [notice(number, f"job-{number}", Telling.RECOVERED, state=AlertState.RECOVERED) for number in range(1, 5)]
    ends = [replace(one, message=recovery_words(one.alert, OPENED + 90_000), made_at=OPENED + 90_000) for one in ends]
    ends = [replace(one, run_id=one.id + 4) for one in ends]
    message = digest(ends, {number: run(number, "bad") for number in range(1, 9)})
    assert runs_to_read(ends) == set()
    assert message.subject == "[jobctl] 4 × failed, recovered (vm)"
    assert (
        "job-1: succeeded again after 1 failure; the alert was open for 1m29s\n"
        f"    before: failed with exit code 3 after 1s, run {to_text(1)}\n"
        "    alert 1, medium\n"
        "    run 0t6y85qrt005\n"
        "    jobctl logs 0t6y85qrt005\n"
        "    3 more like it:\n"
        "        job-2: succeeded again after 1 failure; the alert was open for 1m28s, alert 2, run 0t6y85qrt006\n"
    ) in message.text
    assert "bad" not in message.text
    assert message.text.endswith("\n\n    jobctl alerts --all\n")
    assert alerts(message)[0]["commands"] == ["jobctl logs 0t6y85qrt005"]
    assert alerts(message)[0]["recovered_from"] == "failed with exit code 3 after 1s"


def test_of_a_run_without_output_it_is_said_that_there_is_none() -> None:
    silent = {number: replace(run(number), wrote_nothing=True) for number in (1, 2)}
    text = digest([notice(1, "a"), notice(2, "b"), notice(3, "c")], silent | {3: run(3)}).text
    assert (
        "    run 0t6y85qrt001\n"
        "    It wrote nothing.\n"
        "    jobctl show 0t6y85qrt001\n"
        "    1 more like it:\n"
        "        b: failed with exit code 3 after 2s, alert 2, "
    ) in text
    assert "\n\nc: failed" in text, "of its output nothing is known"


def test_what_has_happened_since_is_told_first_and_what_it_was_before_beside_it() -> None:
    told = notice(1, "a")
    newer = replace(told.alert, run_id=9, message="killed by SIGKILL after 2s", count=2)
    message = digest([up_to_date(replace(told, alert=newer)), notice(2, "b")], {9: run(9, exit_code=None, signal=9)})
    assert (
        "a: killed by SIGKILL after 2s\n"
        f"    before: failed with exit code 3 after 1s, run {to_text(1)}\n"
        "    alert 1, medium, since 2026-11-23 00:00:01 UTC, 2 times so far\n"
        "    run 0t6y85qrt009, ended 2026-11-23 00:00:09 UTC\n"
    ) in message.text
    assert alerts(message)[0]["before"] == {"message": "failed with exit code 3 after 1s", "run": to_text(1)}


def test_jobs_that_have_recovered_with_dead_letters_left_are_told_together() -> None:
    ends = [notice(number, f"job-{number}", Telling.RECOVERED) for number in range(1, 3)]
    ends = [replace(one, message=recovery_words(one.alert, OPENED + 9_000, 2)) for one in ends]
    text = digest(ends, {1: run(1), 2: replace(run(2), wrote_nothing=True)}).text
    left = "succeeded again after 1 failure; 2 dead letters of it are left"
    assert f"job-1: {left}: `jobctl dead job-1`; " in text
    assert f"    1 more like it:\n        job-2: {left}: `jobctl dead job-2`; " in text


def test_what_somebody_knows_of_by_now_is_not_to_be_acknowledged_again() -> None:
    seen = notice(1, "a", state=AlertState.ACKNOWLEDGED, acknowledged_by="ada")
    message = digest([seen, notice(2, "b")])
    assert "alert 1, medium, since 2026-11-23 00:00:01 UTC, acknowledged by ada\n" in message.text
    assert message.document["commands"] == ["jobctl alerts", "jobctl alerts ack 2"]


def test_commands_name_the_places_that_are_not_customary() -> None:
    call = "jobctl -c '/srv/my jobs.toml'"
    message = digest([notice(1, "a"), notice(2, "b")], {1: run(1, "no")}, call)
    assert message.document["commands"] == [f"{call} alerts", f"{call} alerts ack 1 2"]
    assert f"    {call} logs 0t6y85qrt001\n" in message.text


def test_what_is_about_no_job_is_not_counted_by_jobs() -> None:
    full = [notice(number, None, kind=AlertKind.DISK, run_id=None) for number in (1, 2)]
    message = digest(full)
    assert message.subject == "[jobctl] 2 × disk (vm)"
    assert "host: failed with exit code 3 after 2s\n" in message.text
