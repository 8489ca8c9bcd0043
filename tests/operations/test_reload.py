"""What `reload` plans and what it asks of the daemon."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from threading import Thread

import pytest

from jobctl.config.fingerprints import fingerprints
from jobctl.domain.definition_records import StoredDefinition
from jobctl.errors import DaemonUnavailable, JobsFileError, Refused
from jobctl.operations import reload as module
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current, load_configuration
from jobctl.operations.reload import plan_reload, reload
from jobctl.store.records import ServiceInfo
from jobctl.wiring import open_context, open_store
from tests.operations.site import JOBS, Site, wait_until

MORE = '\n[jobs.more]\nevery = "1h"\ncommand = "true"\n'
CHANGED = JOBS.replace("30 2 * * *", "0 5 * * *").replace("echo bad", "echo worse") + MORE


def test_a_plan_is_made_of_what_was_stored_at_one_instant(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = site.ctx.store.jobs
    definitions = jobs.definitions

    def read_before_another_loads() -> dict[str, StoredDefinition]:
        found = definitions()
        with closing(open_context(site.jobs_file, site.state_dir)) as another:
            ensure_current(another)
        return found

    site.define(CHANGED)
    monkeypatch.setattr(jobs, "definitions", read_before_another_loads)
    assert plan_reload(site.ctx).plan.added == ("more",)


def test_the_plan_names_jobs_keys_and_the_next_starts_before_and_after(site: Site) -> None:
    site.define(CHANGED.replace('[jobs.reports]\ncommand = ["true"]\nqueue = "mail"\ngroup = "evening"\n', ""))
    found = plan_reload(site.ctx)
    assert found.plan.added == ("more",)
    assert found.plan.removed == ("reports",)
    assert [(job.name, job.keys, job.rescheduled) for job in found.plan.changed] == [
        ("fails", ("command",), False),
        ("hello", ("schedule",), True),
    ]
    before, after = found.next_before["hello"], found.next_after["hello"]
    assert before is not None
    assert after is not None
    assert ((before // 1000) % 86400, (after // 1000) % 86400) == (9000, 18000)
    assert found.jobs == 4


def test_a_plan_changes_nothing(site: Site) -> None:
    site.define(CHANGED)
    plan_reload(site.ctx)
    assert "more" not in site.ctx.store.jobs.names()


def test_without_a_daemon_there_is_nothing_to_reload(site: Site) -> None:
    with pytest.raises(DaemonUnavailable, match="no daemon is running that could reload"):
        reload(site.ctx)


@pytest.mark.parametrize("call", [plan_reload, reload])
def test_a_broken_file_is_told_with_all_its_problems_and_nobody_is_asked(
    site: Site, call: Callable[[Context], object]
) -> None:
    site.pretend_daemon()
    site.define('[jobs.a]\ncomand = "true"\n[jobs.b]\ncommand = "true"\nevery = "0x"\n')
    with pytest.raises(JobsFileError) as raised:
        call(site.ctx)
    assert len(raised.value.problems) >= 2
    assert site.ctx.store.service.open_reloads() == []


def test_a_daemon_that_reads_another_file_is_not_asked(site: Site) -> None:
    site.pretend_daemon()
    site.ctx.store.service.started(_info("/elsewhere/jobs.toml"))
    with pytest.raises(Refused, match=r"reads /elsewhere/jobs\.toml, not") as raised:
        reload(site.ctx)
    assert raised.value.hint == "call `jobctl reload --config /elsewhere/jobs.toml`"


def test_the_answer_of_the_daemon_is_waited_for(site: Site) -> None:
    site.define(CHANGED)
    assert _reload_answered(site, None).plan.added == ("more",)


def test_a_refusal_by_the_daemon_is_passed_on(site: Site) -> None:
    with pytest.raises(JobsFileError, match=r"jobs\.toml:3:1: unknown key"):
        _reload_answered(site, "jobs.toml:3:1: unknown key")


def test_changed_settings_are_named_with_those_that_need_a_restart(site: Site) -> None:
    site.pretend_daemon()
    loaded = load_configuration(site.ctx)
    settings = json.dumps(fingerprints(loaded.settings))
    site.ctx.store.service.started(_info(str(site.jobs_file))._replace(settings=settings))
    assert plan_reload(site.ctx).settings == ()
    site.define(JOBS.replace("[daemon]", '[daemon]\nlog_format = "json"\ngrace = "3s"\nenabled = false'))
    planned = plan_reload(site.ctx)
    assert planned.settings == ("daemon.enabled", "daemon.grace", "daemon.log_format")
    assert planned.need_restart == ("daemon.log_format",)


def test_a_refused_file_is_remembered_beside_a_daemon(site: Site) -> None:
    site.pretend_daemon()
    site.ctx.store.service.started(_info(str(site.jobs_file)))
    site.define("[jobs.a]\n")
    with pytest.raises(JobsFileError) as raised:
        reload(site.ctx)
    assert raised.value.hint == "nothing was reloaded: the jobs from before stay in force"
    info = site.ctx.store.service.info()
    assert info is not None
    assert "jobs.a" in (info.refused or "")


def test_a_daemon_that_goes_away_meanwhile_is_noticed(site: Site) -> None:
    site.pretend_daemon()

    def go_away() -> None:
        store = open_store(site.ctx.places)
        wait_until(lambda: bool(store.service.open_reloads()), "the request")
        store.close()
        site.end_pretending()

    with _Beside(go_away), pytest.raises(DaemonUnavailable, match="stopped before it reloaded"):
        reload(site.ctx)


def test_a_silent_daemon_is_not_waited_for_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER_WITHIN_MS", 100)
    site.pretend_daemon()
    with pytest.raises(DaemonUnavailable, match="has not answered within"):
        reload(site.ctx)


class _Beside:
    """Something that happens in another thread meanwhile."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._thread = Thread(target=act)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._thread.join(20)


def _reload_answered(site: Site, error: str | None) -> module.Reload:
    site.pretend_daemon()

    def answer() -> None:
        store = open_store(site.ctx.places)
        wait_until(lambda: bool(store.service.open_reloads()), "the request")
        store.service.reloaded(store.service.open_reloads(), site.ctx.clock.now(), error)
        store.close()

    with _Beside(answer):
        return reload(site.ctx)


def _info(config: str) -> ServiceInfo:
    return ServiceInfo(1, "0", 0, config, 0, "boot", 0)
