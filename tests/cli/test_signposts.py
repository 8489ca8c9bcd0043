"""Without a daemon the verbs keep the files from which the shells complete."""

from __future__ import annotations

from jobctl.domain.run import Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.signpost import put_up_recent
from tests.cli.shell import Shell
from tests.operations.site import JOBS, Site
from tests.store.building import add, begin, run_through


def test_names_follow_the_jobs_file(site: Site, jobctl: Shell) -> None:
    names = site.state_dir / "names"
    jobctl("list")
    before = names.read_text().splitlines()
    assert {"job\thello", "job\treports", "group\tevening", "queue\tmail", "queue\tdefault"} <= set(before)
    site.define(JOBS.replace("hello", "good-day"))
    jobctl("list")
    after = names.read_text().splitlines()
    assert set(after) ^ set(before) == {"job\thello", "job\tgood-day"}


def test_the_newest_runs_are_put_up_with_their_ends(site: Site, jobctl: Shell) -> None:
    jobctl("run", "fails")
    waiting = jobctl("enqueue", "reports").out.strip()
    first, second = (site.state_dir / "recent").read_text().splitlines()
    assert first == f"run\t{waiting}\tqueued\treports\tactive"
    assert second.split("\t")[2:] == ["failed", "fails", "ended,retryable,dead"]


def test_a_command_that_nobody_kept_is_not_put_up_as_one_to_retry(site: Site) -> None:
    with site.ctx.store.transaction():
        run_through(site.ctx.store, "hand", Status.FAILED, origin=Origin.EXEC)
    put_up_recent(site.state_dir, site.ctx.store.runs.to_name(10))
    assert (site.state_dir / "recent").read_text().endswith("\tfailed\thand\tended,dead\n")


def test_what_runs_is_put_up_first(site: Site) -> None:
    with site.ctx.store.transaction():
        older, newer = add(site.ctx.store), add(site.ctx.store)
        begin(site.ctx.store, older)
    put_up_recent(site.state_dir, site.ctx.store.runs.to_name(10))
    found = [line.split("\t")[1] for line in (site.state_dir / "recent").read_text().splitlines()]
    assert found == [to_text(older), to_text(newer)]


def test_a_verb_that_changes_nothing_puts_up_nothing(site: Site, jobctl: Shell) -> None:
    jobctl("list")
    jobctl("history")
    assert not (site.state_dir / "recent").exists()


def test_what_cannot_be_put_up_is_no_error(site: Site, jobctl: Shell) -> None:
    for name in ("names", "recent"):
        (site.state_dir / name).mkdir()
    assert jobctl("run", "hello").status == 0
    assert [path.name for path in site.state_dir.glob(".*")] == []
