"""`progress` where it is not called as it should be."""

from __future__ import annotations

import pytest

from jobctl.cli.quick_progress import said_quickly
from jobctl.domain.run_id import to_text
from jobctl.process import progress_file
from tests.cli.shell import Shell


@pytest.fixture
def inside(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """A job whose run is at its first attempt; its id."""
    (jobctl.site.state_dir / "results").mkdir(parents=True)
    jobctl.site.state_dir.chmod(0o700)
    jobctl("run", "reports", "--detach")
    (run,) = jobctl.site.ctx.store.runs.active("reports")
    jobctl.site.ctx.store.attempts.begin(run.id, bytes(16), "keeper", run.created_at)
    monkeypatch.setenv("JOBCTL_RUN_ID", to_text(run.id))
    monkeypatch.setenv("JOBCTL_ATTEMPT", "1")
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(jobctl.site.state_dir))
    return to_text(run.id)


def test_outside_of_a_job_it_is_wrong_usage(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOBCTL_RUN_ID", raising=False)
    said = jobctl("progress", "40")
    assert said.status == 2
    assert said.err.startswith("jobctl: progress is said from inside a job: JOBCTL_RUN_ID and")
    assert not jobctl.site.ctx.places.database.exists()


@pytest.mark.parametrize(
    ("name", "value", "status", "message"),
    [
        ("JOBCTL_RUN_ID", "zzzzzzzzzzzz", 4, "there is no run `zzzzzzzzzzzz` in "),
        ("JOBCTL_RUN_ID", "../../etc", 2, "JOBCTL_RUN_ID or JOBCTL_ATTEMPT has been changed"),
        ("JOBCTL_ATTEMPT", "2", 6, "has ended: the run is at attempt 1"),
        ("JOBCTL_ATTEMPT", "1/2", 2, "JOBCTL_RUN_ID or JOBCTL_ATTEMPT has been changed"),
    ],
)
def test_another_attempt_than_the_running_one_is_refused(
    jobctl: Shell, inside: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str, status: int, message: str
) -> None:
    monkeypatch.setenv(name, value)
    said = jobctl("progress", "40")
    assert (said.status, message in said.err) == (status, True), said.err
    assert list((jobctl.site.state_dir / "results").iterdir()) == []


def test_the_quick_way_renews_and_leaves_everything_else_to_the_verb(jobctl: Shell, inside: str) -> None:
    assert not said_quickly(["40"])
    assert jobctl("progress", "40", "-m", "indexing").status == 0
    assert said_quickly(["41"])
    assert said_quickly(["42%", "--message", "counting"])
    for words in (["x"], ["50", "--json"], [], ["101"], ["50", "-m"], ["--help"]):
        assert not said_quickly(words)
    assert progress_file.read(str(jobctl.site.state_dir), inside, 1) == (42, "counting")


def test_a_disk_that_takes_nothing_is_told_and_fails_no_job(
    jobctl: Shell, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*place: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress_file, "create", full)
    said = jobctl("progress", "40")
    assert (said.status, said.err) == (0, "the progress could not be kept: No space left on device\n")
