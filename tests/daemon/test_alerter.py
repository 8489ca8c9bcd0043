"""What only time or looking tells: alerts of a daemon on a clock that is set."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import psutil
import pytest

from jobctl.daemon import host_watch
from jobctl.domain.alert import Alert, AlertKind, AlertState, Telling, Trouble, occurred
from jobctl.domain.alert_rules import usual_limit
from jobctl.domain.run import Origin, Status
from jobctl.errors import CannotStart, DiskFull
from jobctl.store.records import Pause, ServiceInfo
from jobctl.store.sqlite.database import Database
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import DAY, HOUR, MINUTE, MONDAY, SECOND
from tests.store.building import run_through

Assemble = Callable[[str], Assembly]


def kinds(here: Assembly) -> list[AlertKind]:
    return [alert.kind for alert in here.store.alerts.open()]


def only(here: Assembly) -> Alert:
    [alert] = here.store.alerts.open()
    return alert


def told(here: Assembly) -> list[Telling]:
    """In their order."""
    return [notice.telling for notice in reversed(here.store.outbox.history(99))]


# Runs


def test_a_run_that_has_not_started_in_time_is_late_until_it_starts(assemble: Assemble) -> None:
    here = assemble('[jobs.mail]\ncommand = "true"\nalert = { late = "10m", severity = "high" }\n')
    here.store.switches.pause(Pause(None, MONDAY, None, "test", None))
    run_id = here.add("mail")
    here.tick()
    assert here.steps.alerter.next_at() == MONDAY + 10 * MINUTE
    here.tick(10 * MINUTE - SECOND)
    assert kinds(here) == []
    here.tick(SECOND)
    alert = only(here)
    assert (alert.kind, alert.job, alert.run_id, alert.severity) == (AlertKind.LATE, "mail", run_id, "high")
    assert alert.message == "not started 10m after it was due"
    here.store.switches.resume(None, "test", here.clock.now())
    here.tick(SECOND)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED, Telling.RECOVERED]


def test_a_late_run_that_is_missed_stays_an_alert_until_another_one_starts(assemble: Assemble) -> None:
    here = assemble('[jobs.mail]\ncommand = "true"\nstart_deadline = "1h"\nalert = { late = "10m" }\n')
    here.store.switches.pause(Pause(None, MONDAY, None, "test", None))
    for count in (1, 2):
        late = here.add("mail", start_by=here.clock.now() + HOUR)
        here.tick()
        here.tick(10 * MINUTE)
        here.tick(50 * MINUTE + SECOND)
        assert here.status(late) is Status.MISSED
        here.tick(SECOND)
        assert (only(here).kind, only(here).run_id, only(here).count) == (AlertKind.LATE, late, count)
    assert told(here) == [Telling.OPENED]
    here.tick(4 * HOUR)
    assert told(here) == [Telling.OPENED, Telling.AGAIN]
    assert only(here).message.startswith("missed: start_deadline passed")
    here.store.switches.resume(None, "test", here.clock.now())
    started = here.add("mail")
    here.tick_until(lambda: here.status(started) is Status.SUCCEEDED, "it ran", SECOND)
    here.tick(SECOND)
    assert kinds(here) == []
    assert told(here)[-1] is Telling.RECOVERED


def test_a_run_that_takes_too_long_is_an_alert_until_it_ends(assemble: Assemble) -> None:
    here = assemble(gated("slow", 'alert = { overrun = "45m" }'))
    run_id = here.begin("slow")
    here.tick(45 * MINUTE + SECOND)
    alert = only(here)
    assert (alert.kind, alert.run_id) == (AlertKind.OVERRUN, run_id)
    assert "more than 45m is too long" in alert.message
    (here.folder / "slow.gate").touch()
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "it ends")
    here.tick(SECOND)
    assert kinds(here) == [AlertKind.FAILED]


def test_what_is_too_long_is_learnt_from_history(assemble: Assemble) -> None:
    here = assemble(gated("slow", 'alert = { overrun = "auto" }'))
    here.begin("slow")
    here.tick(HOUR)
    assert kinds(here) == []
    for _ in range(5):
        run_through(here.store, "slow", Status.SUCCEEDED, now=MONDAY)
    here.tick(HOUR)
    assert kinds(here) == [AlertKind.OVERRUN]


@pytest.mark.parametrize(
    ("durations", "limit"),
    [([], None), ([100.0] * 4, None), ([100.0] * 5, 200.0), ([0.1] * 50, 60.0), ([10.0] * 95 + [500.0] * 5, 60.0),
     ([10.0] * 94 + [500.0] * 6, 1000.0)],
)  # fmt: skip
def test_too_long_is_twice_what_is_usual(durations: list[float], limit: float | None) -> None:
    assert usual_limit(durations) == limit


def test_a_missing_success_is_an_alert_until_there_is_one(assemble: Assemble) -> None:
    here = assemble('[jobs.backup]\ncommand = "true"\nalert = { no_success = "26h" }\n')
    here.tick()
    assert here.steps.alerter.next_at() == MONDAY + 26 * HOUR
    here.tick(26 * HOUR)
    assert only(here).kind is AlertKind.NO_SUCCESS
    run_through(here.store, "backup", Status.SUCCEEDED, now=here.clock.now())
    here.tick(SECOND)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED, Telling.RECOVERED]
    here.tick(26 * HOUR - SECOND)
    assert kinds(here) == []
    here.tick(2 * SECOND)
    assert kinds(here) == [AlertKind.NO_SUCCESS]


def test_a_disabled_job_owes_no_success(assemble: Assemble) -> None:
    here = assemble('[jobs.backup]\ncommand = "true"\nalert = { no_success = "1h" }\n')
    here.tick(2 * HOUR)
    assert kinds(here) == [AlertKind.NO_SUCCESS]
    here.store.jobs.disable("backup", "test", here.clock.now(), None, None)
    here.tick(SECOND)
    assert kinds(here) == []
    here.store.jobs.enable("backup", "test", here.clock.now())
    here.tick(59 * MINUTE)
    assert kinds(here) == []


def test_what_holds_on_is_told_again_every_repeat_until_somebody_has_seen_it(assemble: Assemble) -> None:
    here = assemble('[jobs.backup]\ncommand = "true"\nalert = { no_success = "1h", repeat = "2h" }\n')
    here.tick(HOUR)
    here.tick(HOUR)
    assert told(here) == [Telling.OPENED]
    assert here.steps.alerter.next_at() == MONDAY + 3 * HOUR
    here.tick(HOUR)
    here.tick(2 * HOUR)
    assert told(here) == [Telling.OPENED, Telling.AGAIN, Telling.AGAIN]
    alert = only(here)
    assert (alert.state, alert.count) == (AlertState.STILL_FAILING, 1)
    assert alert.id is not None
    here.store.alerts.acknowledge(alert.id, AlertState.ACKNOWLEDGED, "test", here.clock.now())
    here.tick(10 * HOUR)
    assert told(here)[3:] == []


def test_a_bound_below_a_second_is_told_with_tenths(assemble: Assemble) -> None:
    here = assemble(gated("slow", 'alert = { overrun = "300ms" }'))
    here.begin("slow")
    here.tick(1400)
    assert only(here).message == "still running after 1.4s; more than 0.3s is too long"


OTHER = '[jobs.other]\ncommand = "true"\n'


def reload(here: Assembly, text: str) -> None:
    here.around.places.jobs_file.write_text(text)
    here.steps.reloader.ask()
    here.tick(2 * SECOND)


def test_alerts_of_a_removed_job_are_closed_and_told_so(assemble: Assemble) -> None:
    here = assemble('[jobs.bad]\ncommand = "false"\nalert = { no_success = "1h" }\n')
    run_id = here.add("bad")
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "it fails")
    here.tick(2 * HOUR)
    assert set(kinds(here)) == {AlertKind.FAILED, AlertKind.NO_SUCCESS}, "one of an end, one of what time tells"
    reload(here, OTHER)
    assert kinds(here) == []
    assert {alert.state for alert in here.store.alerts.recent(9)} == {AlertState.CLOSED}
    assert told(here) == [Telling.OPENED, Telling.OPENED, Telling.CLOSED, Telling.CLOSED]
    words = {notice.message.split(";")[0] for notice in here.store.outbox.history(2)}
    assert words == {"closed because the job was removed from the jobs file"}


def test_who_wants_to_hear_of_no_recovery_hears_of_no_closing_either(assemble: Assemble) -> None:
    here = assemble('[jobs.bad]\ncommand = "false"\nalert = { on = ["failed"] }\n')
    run_id = here.add("bad")
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "it fails")
    reload(here, OTHER)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED]


def test_a_run_that_outlives_its_job_and_fails_leaves_no_alert_for_ever(assemble: Assemble) -> None:
    here = assemble(gated("slow"))
    run_id = here.begin("slow")
    reload(here, OTHER)
    (here.folder / "slow.gate").touch()
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "it ends")
    assert kinds(here) == [AlertKind.FAILED]
    here.tick(HOUR)
    here.tick(2 * SECOND)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED, Telling.CLOSED]


def test_alerts_of_a_name_that_was_given_to_exec_stay_open(assemble: Assemble) -> None:
    here = assemble('[jobs.bad]\ncommand = "false"\n')
    for name in ("bad", "nightly"):
        run_through(here.store, name, Status.FAILED, now=MONDAY, origin=Origin.EXEC)
        newest = here.runs(name)[0].id
        trouble = Trouble(AlertKind.FAILED, "failed with exit code 1", name, name, run_id=newest)
        here.store.alerts.record([occurred(None, trouble, MONDAY)], MONDAY)
    reload(here, OTHER)
    assert {alert.job for alert in here.store.alerts.open()} == {"bad", "nightly"}, "no file has ever run them"


# The daemon itself


def test_a_machine_that_starts_nothing_for_five_minutes_is_an_alert(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble('[jobs.mail]\ncommand = "true"\n')
    run_id = here.add("mail")

    def refuse(wanted: int, now: int) -> None:
        raise CannotStart("no process left")

    with monkeypatch.context() as patched:
        patched.setattr(here.around.pool, "take", lambda: None)
        patched.setattr(here.around.pool, "warm", refuse)
        while here.clock.now() < MONDAY + 5 * MINUTE:
            assert kinds(here) == []
            here.tick(30 * SECOND)
        here.tick(30 * SECOND)
        alert = only(here)
        assert (alert.kind, alert.severity, alert.job) == (AlertKind.CANNOT_START, "high", None)
        assert alert.message.endswith(": no process left")
    here.tick(MINUTE)
    here.tick_until(lambda: here.status(run_id) is Status.SUCCEEDED, "it starts after all", ms=100)
    here.tick(2 * MINUTE)
    assert kinds(here) == []


def test_a_refusal_now_and_then_is_no_alert(assemble: Assemble) -> None:
    refusals = assemble("[daemon]\n").steps.dispatcher.refusals
    for minute in range(10):
        now = MONDAY + minute * MINUTE
        refusals.refused(now, "no process left")
        refusals.started(now + SECOND)
        assert refusals.since(now + 2 * SECOND) is None
    refusals.refused(MONDAY + HOUR, "no process left")
    refusals.started(MONDAY)
    assert refusals.since(MONDAY + HOUR) == MONDAY + HOUR
    assert refusals.since(MONDAY + HOUR + 2 * MINUTE) is None


def test_a_disk_below_the_reserve_is_an_alert(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble("[daemon]\n")
    with monkeypatch.context() as patched:
        patched.setattr("jobctl.daemon.reserve.os.statvfs", lambda path: SimpleNamespace(f_bavail=1, f_frsize=4096))
        here.tick(SECOND)
        here.tick(SECOND)
        assert kinds(here) == [AlertKind.DISK_LOW]
        folder = here.around.places.state_dir
        assert only(here).message == f"4.1KB free on the disk of {folder}: nothing starts below 64MB"
    here.tick(2 * SECOND)
    here.tick(2 * SECOND)
    assert kinds(here) == []


def test_a_disk_that_was_full_is_told_though_nothing_could_be_stored_before_it_had_room_again(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble("[daemon]\n")
    here.tick(SECOND)

    def fail(database: Database) -> None:
        database._undo()
        raise DiskFull("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("jobctl.daemon.reserve.os.statvfs", lambda path: SimpleNamespace(f_bavail=0, f_frsize=4096))
        patched.setattr(Database, "_commit", fail)
        for _ in range(3):
            here.tick(SECOND)
        assert kinds(here) == []
    here.tick(2 * SECOND)
    assert kinds(here) == [AlertKind.DISK_LOW]
    assert only(here).message.startswith("0B free on the disk of ")
    here.tick(2 * SECOND)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED, Telling.RECOVERED]


def test_a_clock_that_was_set_is_told_once_and_over_once_seen_or_after_a_day(assemble: Assemble) -> None:
    here = assemble("[daemon]\n")
    here.tick()
    here.clock.step(HOUR)
    here.tick(2 * SECOND)
    here.tick(2 * SECOND)
    alert = only(here)
    assert (alert.kind, alert.count) == (AlertKind.CLOCK_STEP, 1)
    assert alert.message.startswith("the clock was set by 1h: ")
    here.tick(DAY)
    assert kinds(here) == []
    assert told(here) == [Telling.OPENED]


def test_a_refused_jobs_file_is_an_alert_until_it_is_mended(assemble: Assemble) -> None:
    here = assemble('[jobs.mail]\ncommand = "true"\n')
    here.store.service.started(ServiceInfo(1, "0", MONDAY, str(here.around.places.jobs_file), MONDAY, "boot", 0))
    good = here.around.places.jobs_file.read_text()
    here.tick()
    here.around.places.jobs_file.write_text("nonsense")
    here.steps.reloader.ask()
    here.tick(2 * SECOND)
    alert = only(here)
    assert alert.kind is AlertKind.CONFIG_BROKEN
    assert "jobs.toml:1:" in alert.message
    here.around.places.jobs_file.write_text(good)
    here.steps.reloader.ask()
    here.tick(2 * SECOND)
    assert kinds(here) == []


def test_an_alert_of_a_tick_that_was_undone_is_made_by_the_next(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble('[jobs.backup]\ncommand = "true"\nalert = { no_success = "1h" }\n')
    here.tick()

    def refuse(now: int) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as patched:
        patched.setattr(here.steps.watchdog, "tick", refuse)
        here.clock.step(HOUR)
        here.tick(HOUR)
        assert kinds(here) == []
    here.tick(1)
    assert set(kinds(here)) == {AlertKind.NO_SUCCESS, AlertKind.CLOCK_STEP}


# The host

MONITOR = '[monitor]\ncpu_above = 95\nmemory_above = 90\ndisk_free_below = "2GB"\n'


def test_the_host_is_not_looked_at_unless_somebody_asked(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> float:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(host_watch, "cpu_percent", fail)
    monkeypatch.setattr(host_watch, "memory_percent", fail)
    here = assemble("[daemon]\n")
    here.tick()
    assert here.steps.alerter.next_at() is None
    monitored = assemble('[monitor]\ndisk_free_below = "1B"\n')
    monitored.tick()
    assert monitored.steps.alerter.next_at() == MONDAY + 30 * SECOND


def test_a_processor_is_busy_after_five_minutes_and_memory_at_once(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, used = [100.0], [50.0]
    monkeypatch.setattr(host_watch, "cpu_percent", lambda: busy[0])
    monkeypatch.setattr(host_watch, "memory_percent", lambda: used[0])
    here = assemble(MONITOR.replace("2GB", "1KB"))
    here.tick()
    for _ in range(9):
        here.tick(30 * SECOND)
    assert kinds(here) == []
    here.tick(30 * SECOND)
    assert only(here).message == "the processors are 100% busy, for 5 minutes above 95%"
    busy[0], used[0] = 20.0, 91.0
    here.tick(30 * SECOND)
    assert only(here).message == "91% of the memory is in use, above 90%"
    used[0] = 90.0
    here.tick(30 * SECOND)
    assert kinds(here) == []


def test_the_memory_in_use_is_what_others_say_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(host_watch.memory_percent() - psutil.virtual_memory().percent) < 5
    monkeypatch.setattr(host_watch, "memory", dict)
    assert host_watch.memory_percent() == 0, "who does not know raises no alarm"


def test_little_room_on_the_disk_is_an_alert(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble('[monitor]\ndisk_free_below = "900000TB"\n')
    here.tick()
    assert only(here).kind is AlertKind.DISK
    assert only(here).severity == "high"
