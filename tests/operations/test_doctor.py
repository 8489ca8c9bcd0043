"""What the doctor finds wrong, and what it says to do about it."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.cli.main import call
from jobctl.clock import is_synchronised
from jobctl.config.load import load
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.domain.settings import Configuration
from jobctl.operations import doctor_machine as machine
from jobctl.operations.definitions import ensure_current
from jobctl.operations.doctor import Finding, Level, examine
from jobctl.operations.pressure import collisions, pressure
from jobctl.operations.saying import full_time
from tests.operations.site import Site

MONDAY = 1_795_392_000_000  # 2026-11-23


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def findings(site: Site) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(site.ctx)}


# The machine


def test_this_machine_is_told_without_anything_bad() -> None:
    found = {finding.check: finding for finding in machine.of_machine()}
    assert set(found) == {"python", "libraries", "sqlite", "zones", "clock"}
    assert [finding for finding in found.values() if finding.level is Level.BAD] == []


@pytest.mark.parametrize(
    ("wanted", "level"),
    [
        ("rtoml>=0.12", Level.GOOD),
        ("rtoml<99,>=0.1", Level.GOOD),
        ("rtoml>=99", Level.BAD),
        ("rtoml<0.1", Level.BAD),
        ("no-such-library>=1", Level.BAD),
        ("no-such-library>=1; extra == 'apprise'", Level.GOOD),
    ],
)
def test_a_library_that_is_missing_or_of_another_version_is_bad(
    wanted: str, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: [wanted])
    assert machine.libraries().level is level


@pytest.mark.parametrize(
    ("version", "told"), [("3.40.1", True), ("3.51.2", True), ("3.51.3", False), ("3.52.0", False), ("3.6.9", False)]
)
def test_the_bug_of_sqlite_is_told_with_its_guard(version: str, told: bool) -> None:
    found = machine.sqlite(version)
    assert ("write lock" in found.message) is told
    assert found.level is Level.GOOD


@pytest.mark.parametrize(
    ("version", "told"),
    [("3.44.5", True), ("3.44.6", False), ("3.45.1", True), ("3.50.6", True), ("3.50.7", False), ("3.51.0", True)],
)
def test_the_bug_of_sqlite_is_not_told_of_the_older_branches_that_are_mended(version: str, told: bool) -> None:
    assert ("write lock" in machine.sqlite(version).message) is told


@pytest.mark.parametrize(("line", "level"), [("# version 2019a", Level.DOUBTFUL), ("# version 2099a", Level.GOOD)])
def test_old_zone_data_is_doubted(line: str, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tzdata.zi").write_text(f"{line}\nR A\n")
    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path),))
    assert machine.zone_data(tmp_path).level is level


def test_without_zone_files_those_of_the_package_are_named(tmp_path: Path) -> None:
    assert "of the package tzdata" in machine.zone_data(tmp_path / "none").message


@pytest.mark.parametrize(("synchronised", "level"), [(True, Level.GOOD), (None, Level.GOOD), (False, Level.DOUBTFUL)])
def test_a_clock_that_nobody_sets_is_doubted(synchronised: bool | None, level: Level) -> None:
    assert machine.clock(synchronised).level is level


def test_the_kernel_is_asked_for_its_clock() -> None:
    assert is_synchronised() in (True, False, None)


def usage(free: int, inodes: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 10**9, free // 4096, free // 4096, 10**6, inodes, inodes, 0, 255))


@pytest.mark.parametrize(
    ("free", "inodes", "level"),
    [
        (10_000_000, 10**6, Level.BAD),
        (300_000_000, 10**6, Level.DOUBTFUL),
        (10**10, 50, Level.DOUBTFUL),
        (10**10, 10**6, Level.GOOD),
    ],
)
def test_a_disk_that_is_nearly_full_is_told(free: int, inodes: int, level: Level) -> None:
    assert machine.room(usage(free, inodes), Path("/")).level is level


@pytest.mark.parametrize(("kind", "level"), [("nfs4", Level.BAD), ("tmpfs", Level.DOUBTFUL), ("ext4", Level.GOOD)])
def test_a_file_system_that_cannot_lock_is_bad(kind: str, level: Level) -> None:
    assert machine.file_system(kind, Path("/x")).level is level


# An installation


def test_a_healthy_site_has_no_bad_finding_and_each_doubt_has_advice(site: Site) -> None:
    found = findings(site)
    assert found["jobs file"].level is Level.GOOD
    assert found["state directory"].message.startswith("there is none yet")
    assert not site.state_dir.exists()
    assert [one for one in found.values() if one.level is not Level.GOOD and not one.advice] == []


def test_a_daemon_that_stands_still_is_not_called_alive(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pretend_daemon()
    site.ctx.store.service.beat(site.ctx.clock.now() - 5_000)
    assert findings(site)["daemon"].message.startswith("alive (pid ")
    site.ctx.store.service.beat(site.ctx.clock.now() - 100_000)
    found = findings(site)["daemon"]
    assert (found.level, "has not worked for 1m40s" in found.message) == (Level.DOUBTFUL, True)
    assert found.advice.startswith("`kill -CONT ")
    monkeypatch.setattr("jobctl.process.host.os.statvfs", lambda _: usage(0, 10**6))
    found = findings(site)["daemon"]
    assert found.message.endswith(f"1m40s: the disk of {site.state_dir} is full")
    assert found.advice == "make room on that disk: it goes on by itself"


def test_a_broken_jobs_file_is_bad_and_the_rest_is_still_looked_at(site: Site) -> None:
    site.define("[jobs.x]\nkommand = 1\n")
    found = findings(site)
    assert found["jobs file"].level is Level.BAD
    assert "daemon" in found


def test_a_state_directory_that_others_may_enter_is_bad(site: Site) -> None:
    site.state_dir.mkdir()
    site.state_dir.chmod(0o755)
    found = findings(site)["database"]
    assert found.level is Level.BAD
    assert "chmod 700" in found.advice


def test_a_damaged_database_is_bad(site: Site) -> None:
    assert site.ctx.store.jobs.names() == []
    site.ctx.close()
    site.ctx.places.database.write_bytes(b"no database" * 1000)
    assert findings(site)["database"].level is Level.BAD


def test_a_database_that_was_damaged_under_a_living_daemon_ends_no_examination(site: Site) -> None:
    site.pretend_daemon()
    assert site.ctx.store.jobs.names() == []
    site.ctx.close()
    site.ctx.places.database.write_bytes(b"no database" * 1000)
    found = findings(site)
    assert found["database"].level is Level.BAD
    assert "alive" in found["daemon"].message


def test_jobs_that_never_succeeded_are_named(site: Site) -> None:
    places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir), "-q"]
    assert call(["run", "hello", *places]) == 0
    assert call(["run", "fails", *places]) == 3
    found = findings(site)["jobs"]
    assert found.level is Level.DOUBTFUL
    assert found.message == "never succeeded: fails"


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([], "none of those that are defined has run yet"),
        ([("nightly", "false")], "never succeeded: nightly"),
        ([("nightly", "false"), ("nightly", "true")], "all 1 that have run have succeeded at least once"),
    ],
)
def test_names_given_to_exec_are_counted_among_those_that_have_run(
    site: Site, commands: list[tuple[str, str]], words: str
) -> None:
    places = ["-c", str(site.jobs_file), "--state-dir", str(site.state_dir), "-q"]
    assert call(["disable", "hello", *places]) == 0
    for name, command in commands:
        call(["exec", "--name", name, *places, "--", command])
    assert findings(site)["jobs"].message == words


def test_jobs_that_are_not_started_are_named_with_since_when(site: Site) -> None:
    ensure_current(site.ctx)
    assert findings(site)["starts"] == Finding("starts", Level.GOOD, "no job keeps missing them")
    for name, count in (("hello", 1_200), ("fails", 2)):
        site.ctx.store.jobs.missed(name, count, MONDAY)
    words = f"hello has not started since {full_time(MONDAY)}, 1,200 slots missed"
    advice = "`jobctl why hello` says what was in the way"
    assert findings(site)["starts"] == Finding("starts", Level.DOUBTFUL, words, advice)


def test_an_attempt_whose_keeper_is_gone_is_told(site: Site) -> None:
    assert call(["list", "-c", str(site.jobs_file), "--state-dir", str(site.state_dir), "-q"]) == 0
    now = site.ctx.clock.now()
    run = site.ctx.store.runs.add(NewRun("hello", Origin.MANUAL, Status.QUEUED, now, now, max_attempts=1)).id
    site.ctx.store.attempts.begin(run, bytes(16), "gone", now)
    found = findings(site)["keepers"]
    assert (found.level, found.message.split(",")[0]) == (Level.DOUBTFUL, "1 attempts whose keeper is gone")


# Schedules that collide


def loaded(folder: Path, text: str) -> Configuration:
    path = folder / "jobs.toml"
    path.write_text('[daemon]\ntimezone = "UTC"\nmax_concurrent = 3\n' + text)
    path.chmod(0o600)
    return load(path, MONDAY).configuration


def jobs(count: int, keys: str) -> str:
    return "".join(f'[jobs.job-{number}]\ncommand = "true"\n{keys}\n' for number in range(count))


def test_more_starts_than_may_run_at_once_are_doubted(tmp_path: Path) -> None:
    found = collisions(loaded(tmp_path, jobs(4, 'schedule = "30 2 * * *"')), MONDAY)
    assert found.level is Level.DOUBTFUL
    assert "4 starts at " in found.message
    assert collisions(loaded(tmp_path, jobs(3, 'schedule = "30 2 * * *"')), MONDAY).level is Level.GOOD


def test_a_spread_takes_jobs_apart(tmp_path: Path) -> None:
    found = pressure(loaded(tmp_path, jobs(8, 'schedule = "0 2 * * *"\nspread = "50m"')), MONDAY, days=1)
    assert found.most < 8
    assert found.hours == {MONDAY // 1000 + 2 * 3600: 8}


def test_starts_are_counted_by_the_hour_for_each_day(tmp_path: Path) -> None:
    found = pressure(loaded(tmp_path, jobs(2, 'every = "30m"')), MONDAY, days=2)
    assert len(found.hours) == 48
    assert set(found.hours.values()) == {4}


def test_what_starts_all_the_time_is_left_out(tmp_path: Path) -> None:
    found = pressure(loaded(tmp_path, jobs(1, 'every = "5s"')), MONDAY, days=1)
    assert (found.hours, found.constant) == ({}, ("job-0",))


def test_disabled_jobs_press_nobody(tmp_path: Path) -> None:
    assert pressure(loaded(tmp_path, jobs(1, 'schedule = "daily"\nenabled = false')), MONDAY, days=7).hours == {}
