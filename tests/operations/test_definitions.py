"""Definitions without a daemon: taken from the jobs file when it changed, and only then."""

from __future__ import annotations

import pytest

from jobctl.domain.settings import Configuration
from jobctl.errors import JobsFileError
from jobctl.operations import definitions
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current, is_current
from tests.operations.site import JOBS, Site


def test_the_first_look_takes_the_jobs_file_into_force(site: Site) -> None:
    assert site.ctx.store.jobs.names() == ["fails", "hello", "reports", "sleeps"]
    assert is_current(site.ctx)


def test_next_starts_are_planned_for_jobs_with_a_schedule_only(site: Site) -> None:
    starts = {row.name: row.next_at for row in site.ctx.store.jobs.rows()}
    assert starts["hello"] is not None
    assert starts["hello"] > site.ctx.clock.now()
    assert (starts["hello"] // 1000) % 86400 == 2 * 3600 + 30 * 60
    assert starts["fails"] is None


def test_an_unchanged_file_is_not_parsed_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(definitions, "load_configuration", parse)
    ensure_current(site.ctx)


def test_a_changed_file_is_noticed(site: Site) -> None:
    site.define(JOBS + '\n[jobs.more]\ncommand = "true"\n')
    assert not is_current(site.ctx)
    ensure_current(site.ctx)
    assert "more" in site.ctx.store.jobs.names()


def test_a_job_that_left_the_file_is_gone_and_its_runs_are_kept(site: Site) -> None:
    site.define('[jobs.hello]\ncommand = "echo hello"\n')
    ensure_current(site.ctx)
    assert site.ctx.store.jobs.names() == ["hello"]


def test_a_broken_file_changes_nothing_and_is_told(site: Site) -> None:
    site.define("[jobs.hello]\ncommand = \n")
    with pytest.raises(JobsFileError):
        ensure_current(site.ctx)
    assert "sleeps" in site.ctx.store.jobs.names()


def test_a_living_daemon_is_left_to_read_the_file_itself(site: Site) -> None:
    site.pretend_daemon()
    site.define("[jobs.hello]\ncommand = \n")
    ensure_current(site.ctx)
    assert "sleeps" in site.ctx.store.jobs.names()


def test_a_file_that_changed_after_it_was_read_is_not_written_over_the_newer_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, loads = definitions.load_configuration, []

    def load_while_somebody_edits_and_applies(ctx: Context) -> Configuration:
        configuration = load(ctx)
        loads.append(configuration)
        if len(loads) == 1:
            site.define(JOBS + '\n[jobs.newest]\ncommand = "true"\n')
            ensure_current(ctx)
        return configuration

    monkeypatch.setattr(definitions, "load_configuration", load_while_somebody_edits_and_applies)
    site.define(JOBS + '\n[jobs.older]\ncommand = "true"\n')
    ensure_current(site.ctx)
    assert set(site.ctx.store.jobs.names()) >= {"hello", "newest"}
    assert "older" not in site.ctx.store.jobs.names()
    generation = site.ctx.store.jobs.generation()
    ensure_current(site.ctx)
    assert site.ctx.store.jobs.generation() == generation


def test_a_daemon_that_came_meanwhile_reads_the_file_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    load = definitions.load_configuration

    def load_while_a_daemon_starts(ctx: Context) -> Configuration:
        site.pretend_daemon()
        return load(ctx)

    monkeypatch.setattr(definitions, "load_configuration", load_while_a_daemon_starts)
    site.define(JOBS + '\n[jobs.more]\ncommand = "true"\n')
    ensure_current(site.ctx)
    assert "more" not in site.ctx.store.jobs.names()


def test_another_jobs_file_for_the_same_state_is_a_change(site: Site) -> None:
    other = site.folder / "other.toml"
    other.write_text('[jobs.other]\ncommand = "true"\n')
    other.chmod(0o600)
    site.jobs_file.unlink()
    site.jobs_file.symlink_to(other)
    ensure_current(site.ctx)
    assert site.ctx.store.jobs.names() == ["other"]
