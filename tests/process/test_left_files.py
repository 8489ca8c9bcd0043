"""What a job leaves is masked by its keeper, before anybody hears of its end."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from jobctl.process import left_files
from tests.process.conftest import Bench

SECRETS = (b"hunter2345", b"hunter")


def test_the_keeper_masks_what_the_job_left_before_its_end_is_known(bench: Bench) -> None:
    result, said, untouched = (bench.directory / name for name in ("result", "said", "nothing"))
    end = bench.run_shell(
        f"""printf '{{"a": "x hunter2345 y hunter"}}' >{result}; echo "40 hunter" >{said}""",
        left=(str(result), str(said), str(untouched)),
        secrets=SECRETS,
    )
    assert end.exit_code == 0
    assert result.read_text() == '{"a": "x *** y ***"}'
    assert said.read_text() == "40 ***\n"
    assert not untouched.exists()


def test_a_file_without_a_secret_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "result"
    file.write_text('{"a": 1}')
    os.utime(file, (1, 1))
    left_files.mask(os.fsencode(file), SECRETS)
    assert file.stat().st_mtime == 1


def test_somebody_elses_file_under_its_name_is_left_alone(tmp_path: Path) -> None:
    other, second = tmp_path / "other", tmp_path / "second"
    other.write_text("hunter2345")
    second.hardlink_to(other)
    left_files.mask(os.fsencode(second), SECRETS)
    (tmp_path / "link").symlink_to(other)
    left_files.mask(os.fsencode(tmp_path / "link"), SECRETS)
    assert other.read_text() == "hunter2345"


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_a_file_that_its_job_has_made_read_only_is_masked_too() -> None:
    with TemporaryDirectory() as folder:  # pytest's own is nobody else's
        os.chown(folder, 65534, 65534)
        file = Path(folder) / "result"
        os.seteuid(65534)
        try:
            file.write_text("hunter2345")
            file.chmod(0o400)
            left_files.mask(os.fsencode(file), SECRETS)
        finally:
            os.seteuid(0)
        assert file.read_text() == "***"


def test_a_file_that_cannot_be_masked_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "result"
    file.write_text("hunter2345")

    def refuse(*_: object) -> int:
        raise OSError(5, "the disk fails")

    monkeypatch.setattr(os, "pwrite", refuse)
    left_files.mask(os.fsencode(file), SECRETS)
    assert not file.exists()
