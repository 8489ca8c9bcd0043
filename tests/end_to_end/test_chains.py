"""Chains with the real daemon, and without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

COPY_CHECK_TELL = """
[jobs.copy]
command = 'echo "{\\"rows\\": 3}" > "$JOBCTL_RESULT"'
[jobs.check]
command = '''
echo "$JOBCTL_ORIGIN $JOBCTL_PARENT_JOB $JOBCTL_PARENT_RUN_ID $JOBCTL_PARENT_STATUS $JOBCTL_PARENT_RESULT"
echo "$JOBCTL_PARENT_RESULT" > "$JOBCTL_RESULT"
'''
after = ["copy"]
[jobs.tell]
command = 'env | grep ^JOBCTL_PARENT_; [ "$JOBCTL_PARENTS" ]'
after = ["check"]
"""


def runs_of(installation: Installation, job: str) -> list[dict[str, Any]]:
    """The oldest first."""
    found: list[dict[str, Any]] = installation.ask("history", job)
    return found[::-1]


def settle(installation: Installation, *counts: tuple[str, int]) -> None:
    """Until these jobs have so many runs and all have ended."""
    for job, count in counts:
        until(lambda: len(runs_of(installation, job)) >= count, f"{count} runs of {job}")  # noqa: B023
    installation.wait_settled()


def test_three_jobs_pass_their_results_on(installation: Installation) -> None:
    installation.write_jobs(COPY_CHECK_TELL)
    installation.daemon()
    (copy,) = installation.trigger("copy")
    settle(installation, ("tell", 1))
    ((check,), (tell,)) = runs_of(installation, "check"), runs_of(installation, "tell")
    assert (check["origin"], check["parent_id"], check["status"]) == ("chain", copy, "succeeded")
    assert (tell["origin"], tell["parent_id"], tell["status"]) == ("chain", check["id"], "succeeded")
    assert installation.log(check["id"]) == f'chain copy {copy} succeeded {{"rows":3}}\n'.encode()
    assert sorted((installation.log(tell["id"]) or b"").decode().splitlines()) == [
        "JOBCTL_PARENT_JOB=check",
        'JOBCTL_PARENT_RESULT={"rows":3}',
        f"JOBCTL_PARENT_RUN_ID={check['id']}",
        "JOBCTL_PARENT_STATUS=succeeded",
    ]
    assert [(run["id"], run["job"]) for run in installation.run(copy)["children"]] == [(check["id"], "check")]
    assert installation.run(tell["id"])["parents"] == [{"id": check["id"], "job": "check", "status": "succeeded"}]


def test_a_failure_takes_the_other_branch_and_a_retry_that_succeeds_the_first(installation: Installation) -> None:
    installation.write_jobs("""
[jobs.copy]
command = 'test -e "$JOBCTL_STATE_DIR/mended"'
retries = 1
retry_delay = "10ms"
[jobs.check]
command = "true"
after = ["copy"]
[jobs.alarm]
command = 'echo "$JOBCTL_PARENT_STATUS $JOBCTL_PARENT_RESULT"'
after_failure = ["copy"]
[jobs.clean]
command = "true"
after_any = ["copy"]
""")
    installation.daemon()
    (copy,) = installation.trigger("copy")
    settle(installation, ("alarm", 1), ("clean", 1))
    (alarm,) = runs_of(installation, "alarm")
    assert installation.log(alarm["id"]) == b"failed null\n"
    assert installation.run(copy)["attempt"] == 2
    assert runs_of(installation, "check") == []
    (installation.state_dir / "mended").touch()
    assert installation.call("retry", copy).returncode == 0
    settle(installation, ("check", 1), ("clean", 2))
    (check,) = runs_of(installation, "check")
    assert check["parent_id"] == copy
    assert len(runs_of(installation, "alarm")) == 1


JOIN = """
[jobs.users]
command = "echo 1 > $JOBCTL_RESULT"
[jobs.orders]
command = "echo 2 > $JOBCTL_RESULT"
[jobs.report]
command = 'echo "$JOBCTL_PARENTS"'
after = ["users", "orders"]
"""


def test_a_join_waits_for_all_over_a_restart_and_starts_once(installation: Installation) -> None:
    installation.write_jobs(JOIN)
    daemon = installation.daemon()
    (users,) = installation.trigger("users")
    installation.wait_settled()
    assert runs_of(installation, "report") == []
    assert installation.ask("show", "report")["arrived"] == [{"id": users, "job": "users", "status": "succeeded"}]
    daemon.kill()
    installation.daemon()
    (orders,) = installation.trigger("orders")
    settle(installation, ("report", 1))
    (report,) = runs_of(installation, "report")
    assert json.loads(installation.log(report["id"]) or b"") == [
        {"job": "orders", "run_id": orders, "status": "succeeded", "result": 2},
        {"job": "users", "run_id": users, "status": "succeeded", "result": 1},
    ]
    installation.trigger("orders")
    installation.wait_settled()
    assert len(runs_of(installation, "report")) == 1


def test_without_a_daemon_the_child_is_queued_said_and_started_by_the_next_one(installation: Installation) -> None:
    installation.write_jobs(COPY_CHECK_TELL)
    done = installation.call("run", "copy")
    assert done.returncode == 0
    (check,) = runs_of(installation, "check")
    assert check["status"] == "queued"
    assert f"check {check['id']} comes after it: no daemon is running, it starts when one does" in done.stderr
    installation.daemon()
    settle(installation, ("tell", 1))
    assert installation.status_of(check["id"]) == "succeeded"


def test_a_parent_that_ends_while_the_daemon_is_down_starts_its_child_afterwards(installation: Installation) -> None:
    gate = installation.folder / "gate"
    installation.write_jobs(f"""
[jobs.long]
command = 'until [ -e "{gate}" ]; do sleep 0.02; done; touch "{gate}.passed"; echo 7 > "$JOBCTL_RESULT"'
[jobs.next]
command = 'echo "$JOBCTL_PARENT_RESULT"'
after = ["long"]
""")
    daemon = installation.daemon()
    (long,) = installation.trigger("long")
    until(lambda: installation.status_of(long) == "running", "the parent runs")
    daemon.kill()
    gate.touch()
    until(lambda: gate.with_name("gate.passed").exists(), "the parent ends")
    installation.daemon()
    settle(installation, ("next", 1))
    (child,) = runs_of(installation, "next")
    assert (child["parent_id"], installation.log(child["id"])) == (long, b"7\n")


def test_cancelling_a_parent_is_an_end_whoever_sees_to_it(installation: Installation) -> None:
    installation.write_jobs("""
[jobs.fails]
command = "false"
retries = 1
retry_delay = "1h"
[jobs.clean]
command = "true"
after_any = ["fails"]
""")
    daemon = installation.daemon()
    (fails,) = installation.trigger("fails")
    until(lambda: installation.status_of(fails) == "retrying", "the first attempt has failed")
    installation.call("cancel", fails)
    settle(installation, ("clean", 1))
    (again,) = installation.trigger("fails")
    until(lambda: installation.status_of(again) == "retrying", "the first attempt has failed")
    daemon.stop()
    installation.call("cancel", again)
    assert [run["status"] for run in runs_of(installation, "clean")] == ["succeeded", "queued"]


@pytest.mark.parametrize("words", [("disable", "check"), ()], ids=["disabled", "everything off"])
def test_a_child_that_is_off_makes_no_run(installation: Installation, words: tuple[str, ...]) -> None:
    installation.write_jobs(COPY_CHECK_TELL)
    daemon = installation.daemon(environment={} if words else {"JOBCTL_ENABLED": "false"})
    if words:
        assert installation.call(*words).returncode == 0
    (copy,) = installation.trigger("copy")
    until(lambda: installation.status_of(copy) == "succeeded", "the parent has ended")
    daemon.stop()
    assert [run["job"] for run in installation.history()] == ["copy"]


def test_a_reload_takes_a_waiting_child_with_its_job(installation: Installation) -> None:
    installation.write_jobs(COPY_CHECK_TELL.replace('after = ["copy"]', 'after = ["copy"]\nqueue = "held"'))
    installation.daemon()
    assert installation.call("pause", "--queue", "held").returncode == 0
    installation.trigger("copy")
    until(lambda: runs_of(installation, "check"), "the child is queued")
    installation.write_jobs(COPY_CHECK_TELL.split("[jobs.check]")[0])
    assert installation.call("reload").returncode == 0
    (check,) = runs_of(installation, "check")
    assert (check["status"], check["reason"]) == ("cancelled", "the job was removed from the jobs file")
    assert installation.ask("show", "copy")["followers"] == []


def test_chains_are_seen_before_and_after_they_ran(installation: Installation) -> None:
    installation.write_jobs(COPY_CHECK_TELL)
    installation.daemon()
    (copy,) = installation.trigger("copy")
    settle(installation, ("tell", 1))
    (check,) = runs_of(installation, "check")
    said = {words: installation.call(*words.split()).stdout for words in ("list", "show copy", "history check")}
    assert "after copy" in said["list"]
    assert "check (after)" in said["show copy"]
    assert f"chain {copy}" in said["history check"]
    assert f"After    {copy} copy succeeded" in installation.call("show", check["id"]).stdout
    assert f"{check['id']} check succeeded" in installation.call("show", copy).stdout
    assert "check starts by no clock: after copy" in installation.call("next", "check").stderr
