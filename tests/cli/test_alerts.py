"""`alerts`: what is shown, acknowledged and tried."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.alert import AlertKind, AlertState, Change, Telling, Trouble, occurred, recovered
from tests.channels.servers import web_server
from tests.cli.shell import Shell
from tests.cli.showcase import NOW, Showcase, assert_screen


def raise_alerts(showcase: Showcase) -> None:
    """One of each: still failing, seen, over, and about the machine."""
    showcase.load()
    store = showcase.context.store
    hour = 3_600_000
    backup = Trouble(AlertKind.FAILED, "failed with exit code 3 after 2m05s, the last of 3 attempts", "backup",
                     "backup", "high")  # fmt: skip
    report = Trouble(AlertKind.NO_SUCCESS, "no success since 2026-11-20 07:00:00 UTC; one is due every 1d", "report",
                     "report")  # fmt: skip
    disk = Trouble(AlertKind.DISK, "1.2GB free on the disk of /srv/state, below 2GB", severity="high")
    for trouble, ago in ((backup, 26), (report, 3), (disk, 2)):
        store.alerts.record([occurred(None, trouble, NOW - ago * hour)], NOW - ago * hour)
    first, second, third = reversed(store.alerts.recent(9))
    again = occurred(first, backup, NOW - 2 * hour)
    store.alerts.record([again, recovered(third, NOW - hour, told=True)], NOW - hour)
    assert again == Change(again.alert, Telling.AGAIN)
    assert showcase.call("alerts", "ack", str(second.id)).out == "alert 2 (report) acknowledged\n"


def test_alerts_are_listed_and_their_notices_too(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.operations.alerts.actor", lambda: "ada")
    raise_alerts(showcase)
    for name, words in (
        ("alerts", ["alerts"]), ("alerts_all", ["alerts", "--all"]), ("alerts_history", ["alerts", "history"]),
    ):  # fmt: skip
        said = showcase.call(*words)
        assert said.status == 0
        assert_screen(name, said.out)


def test_status_shows_what_is_open(showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.operations.alerts.actor", lambda: "ada")
    raise_alerts(showcase)
    shown = showcase.call("status").out
    assert "\nAlerts\n" in shown
    assert "acknowledged by ada" in shown


def test_status_does_not_say_twice_what_failed(showcase: Showcase) -> None:
    showcase.fill()
    store = showcase.context.store
    job = json.loads(showcase.call("status", "--json").out)["failing"][0]["job"]
    failed = Trouble(AlertKind.FAILED, "failed with exit code 3", job, job)
    late = Trouble(AlertKind.LATE, "not started 10m after it was due", job, job)
    for trouble in (failed, late):
        store.alerts.record([occurred(None, trouble, NOW)], NOW)
    alerts = showcase.call("status").out.split("\nAlerts\n")[1].split("\n\n")[0]
    assert "not started 10m" in alerts
    assert "failed with exit code 3" not in alerts
    assert len(json.loads(showcase.call("status", "--json").out)["alerts"]) == 2


def test_scripts_read_the_fields_that_are_promised(showcase: Showcase) -> None:
    raise_alerts(showcase)
    newest, oldest = json.loads(showcase.call("alerts", "--json").out)
    assert {"id", "job", "kind", "severity", "state", "opened_at", "last_at", "count", "message"} <= newest.keys()
    assert (oldest["id"], oldest["job"], oldest["kind"], oldest["state"], oldest["count"]) == (
        1, "backup", "failed", "still_failing", 2,
    )  # fmt: skip
    assert oldest["opened_at"] == "2026-11-21T17:05:09Z"
    assert [alert["state"] for alert in json.loads(showcase.call("alerts", "--all", "--json").out)] == [
        "recovered", "acknowledged", "still_failing",
    ]  # fmt: skip
    notices = json.loads(showcase.call("alerts", "history", "--json").out)
    assert [(one["alert_id"], one["told"], one["state"]) for one in notices] == [
        (3, "recovered", "waiting"), (1, "again", "waiting"), (3, "opened", "waiting"), (2, "opened", "waiting"),
        (1, "opened", "waiting"),
    ]  # fmt: skip


def test_nothing_to_show_is_said(jobctl: Shell) -> None:
    assert jobctl("alerts").err == "there are no open alerts\n"
    assert jobctl("alerts", "--all").err == "there are no alerts\n"
    assert jobctl("alerts", "history").err == "nobody was told anything yet\n"
    assert jobctl("alerts", "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["ack"], 2, "`alerts ack` wants the number of an alert"),
        (["ack", "seven"], 2, "`seven` is not the number of an alert"),
        (["ack", "7"], 4, "there is no alert 7"),
        (["test"], 2, "`alerts test` wants the name of a channel"),
        (["test", "ops"], 4, 'there is no channel "ops"'),
        (["forget"], 2, "`alerts forget` is not known"),
        (["history", "more"], 2, "`alerts history` takes nothing more"),
        (["--open", "--all"], 2, "--open and --all exclude each other"),
    ],
)
def test_a_call_that_is_nearly_right_is_told_so(jobctl: Shell, words: list[str], status: int, said: str) -> None:
    answer = jobctl("alerts", *words)
    assert (answer.status, answer.out) == (status, "")
    assert answer.err.startswith(f"jobctl: {said}")


def test_a_channel_is_tried(jobctl: Shell) -> None:
    with web_server() as server:
        channel = f'[channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:{server.port}"\n'
        jobctl.site.define('[jobs.a]\ncommand = "true"\n' + channel)
        assert jobctl("alerts", "test", "hook").out == "channel hook took the message\n"
        assert jobctl("alerts", "test", "hok").err == 'jobctl: there is no channel "hok"\n  did you mean `hook`?\n'
    refused = jobctl("alerts", "test", "hook")
    assert refused.status == 1
    assert refused.err.startswith("jobctl: channel hook did not take the message: the server cannot be reached")


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("words", [["alerts"], ["alerts", "history"]], ids=" ".join)
def test_what_happened_is_told_on_every_screen(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch, width: int, words: list[str]
) -> None:
    showcase.load()
    name = "customer-database-backup"
    for kind in (AlertKind.FAILED, AlertKind.HEARTBEAT_FAILED):
        trouble = Trouble(kind, "failed with exit code 3 after 2m05s", name, name, "high")
        change = occurred(None, trouble, NOW)
        showcase.context.store.alerts.record([change], NOW)
    known = showcase.context.store.alerts.open()
    showcase.context.store.alerts.record([occurred(alert, trouble, NOW) for alert in known for _ in range(12)], NOW)
    for notice in showcase.context.store.outbox.unaddressed(9):
        showcase.context.store.outbox.address(notice, ["ops", "a-channel-with-a-name"], NOW)
        showcase.context.store.outbox.sent([one.id for one in showcase.context.store.outbox.waiting(9)], NOW)
    showcase.context.store.alerts.acknowledge(1, AlertState.ACKNOWLEDGED, "somebody.with.a.long.name", NOW)
    monkeypatch.setenv("COLUMNS", str(width))
    head, *lines = showcase.call(*words).out.splitlines()
    assert "KIND" in head
    assert ("SEVERITY" in head) == (words == ["alerts"])
    for line in lines:
        assert "failed with exit" in line
        assert ("high" in line) == (words == ["alerts"])
        assert len(line) <= width


def test_without_a_daemon_the_alert_of_a_removed_job_is_closed_by_who_takes_the_file_into_force(
    showcase: Showcase,
) -> None:
    showcase.load()
    failed = Trouble(AlertKind.FAILED, "failed with exit code 3", "backup", "backup")
    showcase.context.store.alerts.record([occurred(None, failed, NOW)], NOW)
    showcase.define('[jobs.other]\ncommand = "true"\n')
    assert showcase.call("list").status == 0
    assert showcase.call("alerts").err == "there are no open alerts\n"
    [alert] = json.loads(showcase.call("alerts", "--all", "--json").out)
    assert (alert["state"], alert["message"]) == ("closed", "failed with exit code 3")
    told = json.loads(showcase.call("alerts", "history", "--json").out)[0]
    words = "closed because the job was removed from the jobs file; the alert was open for"
    assert (told["told"], told["state"]) == ("closed", "waiting")
    assert told["message"].startswith(words)
