"""Runs without a daemon make alerts in the commit of their end, in the same words as with one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from jobctl.domain.alert import AlertKind, AlertState, Telling
from jobctl.domain.notice import NoticeState
from jobctl.errors import NotFound, Refused
from jobctl.operations.alerts import acknowledge, alerts, notices
from jobctl.store.records import HistoryFilter
from tests.operations.site import Site
from tests.operations.test_foreground import Bench


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    made = Bench(site)
    yield made
    made.close()


def open_kinds(site: Site) -> list[AlertKind]:
    return [alert.kind for alert in alerts(site.ctx, only_open=True, limit=99)]


def test_a_failure_is_an_alert_and_waits_for_a_daemon_to_be_told(bench: Bench) -> None:
    run = bench.execute("fails")
    [alert] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert (alert.kind, alert.job, alert.run_id, alert.opened_at) == (
        AlertKind.FAILED, "fails", run.id, run.finished_at,
    )  # fmt: skip
    assert alert.message.startswith("failed with exit code 3 after ")
    [notice] = notices(bench.site.ctx, 99)
    assert (notice.telling, notice.state, notice.channel) == (Telling.OPENED, NoticeState.WAITING, None)


@pytest.mark.parametrize(
    ("keys", "pattern"),
    [
        (
            'command = "exit 64"\nretries = 2\nretry_never_on = [64]\n',
            r"failed with exit code 64 after \S+; no attempt follows: exit code 64 is in retry_never_on",
        ),
        (
            "command = 'echo { >$JOBCTL_RESULT; exit 3'\n",
            r"failed with exit code 3 after \S+; its result was ignored: .+",
        ),
        ('command = ["no-such-command"]\n', r"failed: .*no-such-command.*"),
    ],
)
def test_an_alert_says_first_what_happened_and_then_what_else_there_is_to_say(
    bench: Bench, keys: str, pattern: str
) -> None:
    bench.execute("ends", keys)
    [alert] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert re.fullmatch(pattern, alert.message)


def test_a_failure_that_is_retried_is_no_alert_and_the_last_one_is(bench: Bench) -> None:
    definition = 'command = "exit 1"\nretries = 1\nretry_delay = "1s"\n'

    def nothing_yet() -> None:
        [run] = bench.site.ctx.store.runs.history(HistoryFilter())
        if not run.status.is_final:
            assert open_kinds(bench.site) == []

    bench.watcher.when_looking = nothing_yet
    bench.execute("flaky", definition)
    assert bench.watcher.retried == [1]
    [alert] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert alert.message.endswith("the last of 2 attempts")


def test_the_third_failure_in_a_row_is_the_first_alert_where_a_job_says_so(bench: Bench) -> None:
    definition = 'command = "test -e works"\ncwd = "."\nalert = { after_failures = 3, severity = "high" }\n'
    for kinds in ([], [], [AlertKind.FAILED], [AlertKind.FAILED]):
        bench.execute("flaky", definition)
        bench.close()
        assert open_kinds(bench.site) == kinds
    [alert] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert (alert.count, alert.severity, alert.state) == (4, "high", AlertState.STILL_FAILING)
    (bench.site.folder / "works").touch()
    succeeded = bench.execute("flaky", definition)
    assert open_kinds(bench.site) == []
    over, opened = notices(bench.site.ctx, 99)
    assert (over.telling, opened.telling) == (Telling.RECOVERED, Telling.OPENED)
    assert (over.run_id, over.alert.run_id) == (succeeded.id, alert.run_id)
    assert over.message.startswith(
        "succeeded again after 4 failures; 4 dead letters of it are left: `jobctl dead flaky`; the alert was open for "
    )


def test_an_acknowledged_alert_stays_so_until_it_is_over(bench: Bench) -> None:
    bench.execute("fails")
    [alert] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert alert.id is not None
    [seen] = acknowledge(bench.site.ctx, [alert.id]).seen
    assert seen.state is AlertState.ACKNOWLEDGED
    bench.close()
    bench.execute("fails")
    [again] = alerts(bench.site.ctx, only_open=True, limit=99)
    assert (again.id, again.state, again.count) == (alert.id, AlertState.ACKNOWLEDGED, 2)
    bench.close()
    bench.execute("fails", 'command = "true"\n')
    assert alerts(bench.site.ctx, only_open=True, limit=99) == []
    with pytest.raises(Refused, match="is over already"):
        acknowledge(bench.site.ctx, [alert.id])


def test_one_that_is_over_does_not_keep_others_from_being_acknowledged(bench: Bench) -> None:
    """A digest names many in one command, and is read when some have recovered."""
    bench.execute("fails")
    bench.close()
    bench.execute("fails", 'command = "true"\n')
    bench.close()
    bench.execute("fails", 'command = "exit 3"\n')
    known = {alert.is_open: alert.id or 0 for alert in alerts(bench.site.ctx, only_open=False, limit=99)}
    new, old = known[True], known[False]
    done = acknowledge(bench.site.ctx, [old, new, old])
    assert [(alert.id, alert.state) for alert in done.seen] == [(new, AlertState.ACKNOWLEDGED)]
    assert [(alert.id, alert.state) for alert in done.over] == [(old, AlertState.RECOVERED)]


def test_an_alert_that_there_is_not_cannot_be_acknowledged(site: Site) -> None:
    with pytest.raises(NotFound, match="there is no alert 7"):
        acknowledge(site.ctx, [7])
