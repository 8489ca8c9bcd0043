"""Notices leave the outbox through real child processes to a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jobctl.daemon.letters import wrote_nothing
from jobctl.domain.alert import AlertKind, Trouble, occurred
from jobctl.domain.notice import Notice, NoticeState
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from tests.channels.servers import Manner, WebServer, web_server
from tests.daemon.assembly import Assembly
from tests.daemon.set_clock import HOUR, SECOND
from tests.store.building import run_through

Assemble = Callable[[str], Assembly]
BAD = '[jobs.bad]\ncommand = "echo no; exit 3"\n'


def channels(*servers: WebServer, high: str = '"hook"') -> str:
    names = ["hook", "other"]
    tables = [
        f'[channels.{name}]\ntype = "webhook"\nurl = "http://127.0.0.1:{server.port}"\n'
        for name, server in zip(names, servers, strict=False)
    ]
    return "".join(tables) + f"[severity]\nhigh = [{high}]\n"


def fail(here: Assembly, job: str = "bad") -> int:
    run_id = here.add(job)
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "it fails")
    return run_id


def raise_alert(here: Assembly, job: str, message: str = "bad") -> None:
    trouble = Trouble(AlertKind.FAILED, message, job, job, "high")
    here.store.alerts.record([occurred(None, trouble, here.clock.now())], here.clock.now())


def settle(here: Assembly, ms: int = 200) -> list[Notice]:
    """Until nothing waits but what was put off; all notices, the oldest first."""
    here.tick_until(
        lambda: not here.store.outbox.unaddressed(1) and all(one.tries for one in here.store.outbox.waiting(99)),
        "everything was tried",
        ms,
    )
    return list(reversed(here.store.outbox.history(99)))


def documents(server: WebServer) -> list[dict[str, Any]]:
    return [json.loads(body) for body in server.bodies]


def test_an_alert_goes_through_the_channels_of_its_severity(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(BAD + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        [notice] = settle(here)
        assert (notice.channel, notice.state, notice.tries) == ("hook", NoticeState.SENT, 1)
        [document] = documents(server)
        assert (document["alert"]["job"], document["event"], document["output"]) == ("bad", "opened", ["no"])


def test_a_job_may_name_its_own_channels(assemble: Assemble) -> None:
    with web_server() as server, web_server() as other:
        here = assemble(BAD + 'alert = { severity = "high", channels = ["other"] }\n' + channels(server, other))
        fail(here)
        assert [notice.channel for notice in settle(here)] == ["other"]
        assert (len(server.bodies), len(other.bodies)) == (0, 1)


def test_a_removed_job_is_told_of_where_its_alert_was(assemble: Assemble) -> None:
    with web_server() as server, web_server() as other:
        here = assemble(BAD + 'alert = { severity = "high", channels = ["other"] }\n' + channels(server, other))
        fail(here)
        settle(here)
        here.around.places.jobs_file.write_text(channels(server, other))
        here.steps.reloader.ask()
        here.tick(SECOND)
        here.tick_until(lambda: len(other.bodies) == 2, "the other channel hears of it", ms=100)
        document = documents(other)[1]
        assert (document["event"], document["recovered_from"]) == ("closed", documents(other)[0]["alert"]["message"])
        assert server.bodies == []


def test_the_commands_of_a_message_can_be_pasted(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble(BAD + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        settle(here)
        [document] = documents(server)
        places = here.around.places
        call = f"jobctl -c {places.jobs_file} --state-dir {places.state_dir}"
        assert document["commands"] == [
            f"{call} logs {document['run']}",
            f"{call} alerts ack {document['alert']['id']}",
        ]


def test_a_message_tells_of_the_run_that_ended_last(assemble: Assemble) -> None:
    with web_server() as server:
        here = assemble('[jobs.bad]\ncommand = "exit 3"\nalert = { severity = "high" }\n' + channels(server))
        first, second = fail(here), fail(here)
        settle(here)
        [document] = documents(server)
        assert (document["run"], document["alert"]["count"]) == (to_text(second), 2)
        assert document["before"]["run"] == to_text(first)
        assert "\n\nIt wrote nothing.\n" in document["text"]


def test_what_a_full_disk_may_have_swallowed_is_not_said_to_be_nothing(assemble: Assemble) -> None:
    here = assemble(BAD)
    run = here.store.runs.get(fail(here))
    assert run is not None
    silent = run._replace(log_bytes=0)
    assert wrote_nothing(silent)
    assert not wrote_nothing(silent._replace(reason=OUTPUT_MAY_BE_MISSING))
    assert not wrote_nothing(run)


def test_a_missing_success_shows_the_run_that_failed_last(assemble: Assemble) -> None:
    with web_server() as server:
        jobs = BAD + 'alert = { on = ["no_success"], no_success = "1h", severity = "high" }\n'
        here = assemble(jobs + channels(server))
        run_id = fail(here)
        here.clock.pass_time(HOUR + SECOND)
        here.tick_until(lambda: here.store.outbox.history(1) != [], "the success is missed")
        settle(here)
        [document] = documents(server)
        assert document["alert"]["kind"] == "no_success"
        assert (document["run"], document["exit_code"], document["output"]) == (to_text(run_id), 3, ["no"])
        run_through(here.store, "bad", Status.SUCCEEDED, now=here.clock.now())
        here.clock.pass_time(5 * HOUR)
        here.tick_until(lambda: len(here.store.outbox.history(9)) == 2, "it is told again")
        settle(here)
        document = documents(server)[-1]
        assert (document["event"], document["run"]) == ("again", None), "it failed before the last success"


def test_without_a_channel_an_alert_is_kept(assemble: Assemble) -> None:
    here = assemble(BAD)
    fail(here)
    [notice] = settle(here)
    assert (notice.channel, notice.state) == (None, NoticeState.KEPT)


STORM = """
[defaults.alert]
severity = "high"
[jobs.leaky]
command = "printf '%0495d%s\\n' 1 $KEY; echo key $KEY; exit 3"
env = { KEY = "hunter22" }
secrets = ["KEY"]
[jobs.knowing]
command = "printf '%0495d%s\\n' 2 hunter22; echo key hunter22; exit 4"
"""


def test_a_storm_of_one_cause_is_one_message_with_runs_and_outputs_but_no_secrets(assemble: Assemble) -> None:
    """One job writes what is a secret of the other, and the line or the message has no room for all of it."""
    with web_server() as server:
        here = assemble(STORM + channels(server))
        runs = [to_text(fail(here, job)) for job in ("leaky", "knowing")]
        with here.store.transaction():
            for number in range(28):
                raise_alert(here, f"job-{number}", f"{'x' * 295}hunter22")
        assert {notice.state for notice in settle(here)} == {NoticeState.SENT}
        [document] = documents(server)
        assert document["event"] == "digest"
        assert document["subject"].startswith("[jobctl] 30 × failed (")
        assert len(document["alerts"]) == 30
        leaky, knowing, other = document["alerts"][:3]
        assert [leaky["run"], knowing["run"], other["run"]] == [*runs, None]
        assert [leaky["exit_code"], knowing["exit_code"]] == [3, 4]
        assert leaky["output"] == [f"{'0' * 494}1***", "key ***"]
        assert leaky["commands"][0].endswith(f" logs {runs[0]}")
        assert "1 more like it, with the same output but for numbers" in document["text"]
        assert "hunt" not in server.bodies[0].decode()


def test_secrets_are_masked_and_only_the_last_lines_are_shown(assemble: Assemble) -> None:
    with web_server() as server:
        job = '[jobs.bad]\ncommand = "seq 100; echo key $KEY; exit 3"\nenv = { KEY = "hunter22" }\nsecrets = ["KEY"]\n'
        here = assemble(job + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        settle(here)
        assert b"hunter22" not in server.bodies[0]
        [document] = documents(server)
        assert document["output"] == [*map(str, range(82, 101)), "key ***"]


def test_an_output_of_one_long_line_does_not_begin_within_a_secret(assemble: Assemble) -> None:
    with web_server() as server:
        job = """[jobs.bad]\ncommand = "printf '%s%032763dend' $KEY 1; exit 3"\nenv = { KEY = "hunter22" }\n"""
        here = assemble(job + 'secrets = ["KEY"]\nalert = { severity = "high" }\n' + channels(server))
        fail(here)
        settle(here)
        [document] = documents(server)
        assert document["output"] == ["0" * 500]
        assert b"ter22" not in server.bodies[0]


def test_what_a_channel_does_not_take_is_tried_again(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(BAD + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        [notice] = settle(here)
        assert (notice.state, notice.tries) == (NoticeState.WAITING, 1)
        assert notice.error == "the server answered 403 Forbidden: well, no"
        assert here.steps.delivery.next_at() == notice.due_at
        server.manner = Manner.WELL
        here.clock.pass_time(notice.due_at - here.clock.now())
        here.tick_until(lambda: not here.store.outbox.waiting(1), "it is taken", ms=100)
        [notice] = here.store.outbox.history(9)
        assert (notice.state, notice.tries, notice.error) == (NoticeState.SENT, 2, None)


def give_up(here: Assembly) -> None:
    """Let all tries fail."""

    [notice] = here.store.outbox.waiting(9)
    for tries in range(notice.tries, 8):
        [notice] = here.store.outbox.waiting(9)
        here.clock.pass_time(notice.due_at - here.clock.now())

        def tried(tries: int = tries) -> bool:
            return here.store.outbox.history(99)[-1].tries > tries

        here.tick_until(tried, "it is tried once more", ms=100)


def test_a_message_that_is_given_up_is_kept_and_told_once_through_another_channel(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server, web_server() as other:
        settings = channels(server, other, high='"hook", "other"')
        here = assemble(BAD + 'alert = { severity = "high", channels = ["hook"] }\n' + settings)
        fail(here)
        settle(here)
        give_up(here)
        lost = here.store.outbox.history(99)[-1]
        assert (lost.state, lost.tries) == (NoticeState.FAILED, 8)
        assert [alert.subject for alert in here.store.alerts.open([AlertKind.NOTIFY_FAILED])] == ["hook"]
        here.tick_until(lambda: other.bodies, "the other channel hears of it", ms=100)
        [document] = documents(other)
        assert document["alert"]["kind"] == "notify_failed"
        assert document["alert"]["severity"] == "high"
        server.manner = Manner.WELL
        raise_alert(here, "another")
        here.tick_until(lambda: not here.store.alerts.open([AlertKind.NOTIFY_FAILED]), "it works again", ms=100)


def test_the_only_channel_that_fails_is_not_told_of_itself(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(BAD + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        settle(here)
        give_up(here)
        here.tick(SECOND)
        here.tick(SECOND)
        assert here.store.outbox.history(1)[0].state is NoticeState.KEPT
        assert len(here.store.alerts.open([AlertKind.NOTIFY_FAILED])) == 1


def test_a_channel_that_was_removed_takes_its_notices_with_it(assemble: Assemble) -> None:
    with web_server(manner=Manner.REFUSE) as server:
        here = assemble(BAD + 'alert = { severity = "high" }\n' + channels(server))
        fail(here)
        settle(here)
        here.around.places.jobs_file.write_text(BAD)
        here.steps.reloader.ask()
        here.tick(HOUR)
        here.tick(SECOND)
        [notice] = here.store.outbox.history(9)
        assert notice.state is NoticeState.FAILED
        assert notice.error == "there is no such channel in the jobs file any more"


def test_a_machine_without_processes_puts_a_message_off(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: object, **options: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("jobctl.channels.courier.subprocess.Popen", refuse)
    with web_server() as server:
        here = assemble(BAD + channels(server))
        raise_alert(here, "mail")
        [notice] = settle(here)
        assert notice.error == "no process could be started for it: Resource temporarily unavailable"
        assert notice.tries == 1


def test_a_message_that_cannot_be_written_does_not_end_the_daemon(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: object) -> None:
        raise ValueError("a thing that nobody thought of")

    monkeypatch.setattr("jobctl.daemon.delivery.write_message", refuse)
    with web_server() as server:
        here = assemble(BAD + channels(server))
        raise_alert(here, "mail")
        [notice] = settle(here)
        assert notice.error is not None
        assert notice.error.startswith("the message cannot be written: ValueError")
