"""`metrics`: what it writes is read by the parser of Prometheus' own client."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobctl import __version__
from jobctl.cli.render.metrics import escaped
from jobctl.domain.alert import AlertKind, Trouble, occurred
from tests.cli.shell import Shell
from tests.cli.showcase import NOW, Showcase

Labels = frozenset[tuple[str, str]]


def parsed(text: str) -> dict[tuple[str, Labels], float]:
    """Samples by name and labels; each of them occurs once."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def asked(jobctl: Shell) -> dict[tuple[str, Labels], float]:
    said = jobctl("metrics")
    assert (said.status, said.err) == (0, "")
    return parsed(said.out)


def named(name: str, **labels: str) -> tuple[str, Labels]:
    return name, frozenset(labels.items())


def test_every_run_that_ended_is_counted_with_what_it_took(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("run", "hello")
    jobctl("run", "fails")
    found = asked(jobctl)
    assert found[named("jobctl_job_runs_total", job="hello", status="succeeded")] == 2
    assert found[named("jobctl_job_runs_total", job="hello", status="failed")] == 0
    assert found[named("jobctl_job_runs_total", job="fails", status="failed")] == 1
    assert found[named("jobctl_job_last_status", job="hello", status="succeeded")] == 1
    assert found[named("jobctl_job_last_status", job="fails", status="failed")] == 1
    assert found[named("jobctl_runs", status="succeeded")] == 2
    assert found[named("jobctl_dead_letters")] == 1
    assert found[named("jobctl_job_wait_seconds_count", job="hello")] == 2
    assert found[named("jobctl_job_duration_seconds_count", job="hello")] == 2
    assert found[named("jobctl_job_duration_seconds_bucket", job="hello", le="+Inf")] == 2
    assert found[named("jobctl_job_duration_seconds_bucket", job="hello", le="86400")] == 2


def test_how_late_runs_started_is_one_histogram_of_all_jobs(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("run", "fails")
    for _ in range(2):
        found = asked(jobctl)
        assert found[named("jobctl_start_lateness_seconds_count")] == 2
        assert found[named("jobctl_start_lateness_seconds_bucket", le="+Inf")] == 2
        assert found[named("jobctl_start_lateness_seconds_bucket", le="86400")] == 2
        assert jobctl.site.ctx.store.statistics.fold(10) in (2, 0)


def test_instants_are_seconds_of_the_run_that_is_kept(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("run", "fails")
    found = asked(jobctl)
    (run,) = [run for run in jobctl.site.ctx.store.statistics.unfolded() if run.job == "hello"]
    assert run.finished_at is not None
    assert run.started_at is not None
    assert found[named("jobctl_job_last_success_timestamp_seconds", job="hello")] == run.finished_at / 1000
    took = found[named("jobctl_job_duration_seconds_sum", job="hello")]
    assert took == pytest.approx((run.finished_at - run.started_at) / 1000)
    assert named("jobctl_job_last_success_timestamp_seconds", job="fails") not in found


def test_the_numbers_are_the_same_whether_ends_are_folded_or_not(jobctl: Shell) -> None:
    jobctl("run", "hello")
    before = {key: value for key, value in asked(jobctl).items() if key[0].startswith("jobctl_job_")}
    assert jobctl.site.ctx.store.statistics.fold(10) == 1
    assert before.items() <= asked(jobctl).items()


def test_queues_tell_how_much_waits_and_for_how_long(jobctl: Shell) -> None:
    jobctl("list")
    jobctl.site.pretend_daemon()
    jobctl("enqueue", "reports")
    jobctl("enqueue", "reports")
    found = asked(jobctl)
    assert found[named("jobctl_queue_waiting", queue="mail")] == 2
    assert found[named("jobctl_queue_running", queue="mail")] == 0
    assert 0 <= found[named("jobctl_queue_oldest_waiting_seconds", queue="mail")] < 60
    assert found[named("jobctl_daemon_up")] == 1


def test_without_a_daemon_it_says_so_and_no_start_time(jobctl: Shell) -> None:
    found = asked(jobctl)
    assert found[named("jobctl_daemon_up")] == 0
    assert named("jobctl_daemon_start_time_seconds") not in found
    assert named("jobctl_daemon_last_beat_timestamp_seconds") not in found
    assert found[named("jobctl_build_info", version=__version__)] == 1
    assert found[named("jobctl_state_free_bytes")] > 0


def test_a_daemon_that_stands_still_is_not_up_and_its_last_beat_says_since_when(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    at_work = parsed(showcase.call("metrics").out)
    assert at_work[named("jobctl_daemon_up")] == 1
    assert at_work[named("jobctl_daemon_last_beat_timestamp_seconds")] == (NOW - 5_000) / 1000
    showcase.context.store.service.beat(NOW - 100_000)
    silent = parsed(showcase.call("metrics").out)
    assert silent[named("jobctl_daemon_up")] == 0
    assert silent[named("jobctl_daemon_last_beat_timestamp_seconds")] == (NOW - 100_000) / 1000


def test_a_job_that_has_missed_its_last_starts_has_a_number_and_the_others_none(showcase: Showcase) -> None:
    showcase.load()
    showcase.context.store.jobs.missed("report", 3, NOW - 3_600_000)
    found = parsed(showcase.call("metrics").out)
    assert found[named("jobctl_job_missed_in_a_row", job="report")] == 3
    assert [key for key in found if key[0] == "jobctl_job_missed_in_a_row"] == [
        named("jobctl_job_missed_in_a_row", job="report")
    ]


def test_a_jobs_file_that_cannot_be_used_hides_no_number(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl.site.define("[jobs.hello\n")
    assert asked(jobctl)[named("jobctl_job_runs_total", job="hello", status="succeeded")] == 1


def test_open_alerts_are_counted_by_severity(jobctl: Shell) -> None:
    ctx = jobctl.site.ctx
    trouble = Trouble(AlertKind.FAILED, "it failed", job="hello", severity="high")
    ctx.store.alerts.record([occurred(None, trouble, ctx.clock.now())], ctx.clock.now())
    found = asked(jobctl)
    assert [found[named("jobctl_alerts_open", severity=word)] for word in ("low", "medium", "high")] == [0, 0, 1]


def test_jobs_that_never_ran_are_there_and_removed_ones_are_not(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl.site.define('[jobs.other]\ncommand = "true"\n')
    jobs = {dict(labels).get("job") for _, labels in asked(jobctl)}
    assert jobs - {None} == {"other"}


@pytest.mark.parametrize("value", ['say "hi"', "back\\slash", "two\nlines", "grün"])
def test_any_value_of_a_label_comes_back_as_it_was(value: str) -> None:
    (family,) = text_string_to_metric_families(f'# HELP x y\n# TYPE x gauge\nx{{job="{escaped(value)}"}} 1\n')
    assert family.samples[0].labels == {"job": value}


def test_a_file_is_replaced_as_a_whole_and_others_can_read_it(jobctl: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "collector"
    folder.mkdir()
    file = folder / "jobctl.prom"
    file.write_text("old\n")
    with file.open() as reader:
        said = jobctl("metrics", "--output", str(file))
        assert (said.status, said.out, said.err) == (0, "", "")
        assert reader.read() == "old\n"
    assert named("jobctl_daemon_up") in parsed(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(folder.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(jobctl: Shell, tmp_path: Path) -> None:
    said = jobctl("metrics", "--output", str(tmp_path / "nowhere" / "jobctl.prom"))
    assert said.status == 1
    assert said.err.startswith(f"jobctl: cannot write {tmp_path}/nowhere/jobctl.prom: No such file or directory\n")
    said = jobctl("metrics", "--output", "/dev/null")
    assert said.err.startswith("jobctl: /dev/null is no regular file\n")
    assert Path("/dev/null").is_char_device()
