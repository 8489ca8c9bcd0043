"""Commands that cannot be executed: the run fails with the errno in words; nothing loops, nothing crashes."""

from __future__ import annotations

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

_JOBS = """
[jobs.absent-from-path]
command = ["no-such-command-anywhere"]
[jobs.absent]
command = ["/no/such/command"]
[jobs.without-interpreter]
command = ["FOLDER/without-interpreter"]
[jobs.not-executable]
command = ["FOLDER/jobs.toml"]
[jobs.folder]
command = ["/tmp"]
[jobs.no-program]
command = ["FOLDER/no-program"]
[jobs.too-long]
command = ["/bin/echo", "LONG"]
[jobs.nowhere]
command = ["/bin/true"]
cwd = "/no/such/folder"
[jobs.fine]
command = ["/bin/true"]
"""


def _define(installation: Installation) -> None:
    for name, content in (("without-interpreter", "#!/no/such/interpreter\n"), ("no-program", "\0\1\2")):
        script = installation.folder / name
        script.write_text(content)
        script.chmod(0o755)
    installation.write_jobs(_JOBS.replace("FOLDER", str(installation.folder)).replace("LONG", "x" * 3_000_000))


@pytest.mark.parametrize(
    ("job", "exit_code", "words"),
    [
        ("absent-from-path", 127, "not found"),
        ("absent", 127, "ENOENT"),
        ("without-interpreter", 127, "interpreter"),
        ("not-executable", 126, "EACCES"),
        ("folder", 126, "EACCES"),
        ("no-program", 126, "ENOEXEC"),
        ("too-long", 126, "E2BIG"),
        ("nowhere", 126, "/no/such/folder"),
    ],
)
def test_the_run_fails_with_the_reason_in_words(
    job: str, exit_code: int, words: str, installation: Installation
) -> None:
    _define(installation)
    daemon = installation.daemon()
    (run,) = installation.trigger(job)
    until(lambda: installation.status_of(run) == "failed", "the run fails")
    shown = installation.run(run)
    assert shown["exit_code"] == exit_code
    assert words in shown["reason"]
    assert [attempt["number"] for attempt in shown["attempts"]] == [1]
    (fine,) = installation.trigger("fine")
    until(lambda: installation.status_of(fine) == "succeeded", "the daemon goes on")
    assert daemon.stop() == 0
