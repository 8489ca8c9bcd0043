"""A copy is complete or absent, and never lands among jobctl's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.config.places import Places
from jobctl.errors import JobctlError, Refused, StoreDamaged
from jobctl.operations.backup import backup
from jobctl.operations.trigger import trigger
from jobctl.wiring import open_context, open_store
from tests.operations.site import Site


def test_the_copy_holds_what_the_database_held(site: Site, tmp_path: Path) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    made = backup(site.ctx, tmp_path / "copy.db")
    assert made.size == made.path.stat().st_size > 0

    other = Places(site.jobs_file, tmp_path / "other")
    (tmp_path / "other").mkdir(mode=0o700)
    made.path.rename(other.database)
    store = open_store(other)
    run = store.runs.get(run_id)
    store.close()
    assert run is not None
    assert run.job == "hello"


def test_an_older_copy_is_replaced(site: Site, tmp_path: Path) -> None:
    trigger(site.ctx, ["hello"])
    target = tmp_path / "copy.db"
    backup(site.ctx, target)
    older = target.stat().st_ino
    backup(site.ctx, target)
    assert target.stat().st_ino != older


def test_any_other_file_is_left_alone(site: Site, tmp_path: Path) -> None:
    trigger(site.ctx, ["hello"])
    target = tmp_path / "other.toml"
    target.write_text("[jobs.a]\ncommand = 'true'\n" * 20)
    with pytest.raises(Refused, match="is no copy of a jobctl database"):
        backup(site.ctx, target)
    assert target.read_text().startswith("[jobs.a]")


def test_a_copy_into_the_state_directory_is_refused(site: Site) -> None:
    with pytest.raises(Refused, match="lies among jobctl's own files"):
        backup(site.ctx, site.state_dir / "jobctl.db")


def test_a_folder_that_is_missing_is_told_with_the_way_to_make_it(site: Site, tmp_path: Path) -> None:
    with pytest.raises(JobctlError, match="there is no directory") as raised:
        backup(site.ctx, tmp_path / "nowhere" / "copy.db")
    assert "mkdir -p" in raised.value.hint


def test_a_directory_is_no_target(site: Site, tmp_path: Path) -> None:
    with pytest.raises(JobctlError, match="is a directory"):
        backup(site.ctx, tmp_path)


def test_nothing_is_copied_and_nothing_made_where_nothing_ran(tmp_path: Path) -> None:
    ctx = open_context(tmp_path / "jobs.toml", tmp_path / "state")
    with pytest.raises(JobctlError, match="there is no database"):
        backup(ctx, tmp_path / "copy.db")
    assert not (tmp_path / "state").exists()


def test_a_database_that_was_lost_is_not_told_as_one_that_never_was(site: Site, tmp_path: Path) -> None:
    (site.ctx.places.logs_dir / "2026-11-28").mkdir(parents=True)
    site.ctx.close()
    for left in site.state_dir.glob("jobctl.db*"):
        left.unlink()
    ctx = open_context(site.jobs_file, site.state_dir)
    with pytest.raises(StoreDamaged, match=r"is missing, but .* shows that there were runs"):
        backup(ctx, tmp_path / "copy.db")
