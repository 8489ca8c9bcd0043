"""No secret in anything that jobctl shows or stores but the job's own log, whichever way the job was given it."""

from __future__ import annotations

import sys

import pytest

from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

_SECRETS = ("plain-hunter22", "file-hunter33", "envfile-hunter44")
_ADDRESSES = ("heartbeat-hunter55", "daemon-hunter66", "channel-hunter77")
_JOBS = r"""
[daemon]
heartbeat = "http://127.0.0.1:1/daemon-hunter66"
[channels.script]
type = "command"
command = "cat > FOLDER/told.new; mv FOLDER/told.new FOLDER/told"
[channels.hook]
type = "webhook"
url = "http://127.0.0.1:1/channel-hunter77"
[severity]
high = ["script", "hook"]
[defaults]
env = { PLAIN = "plain-hunter22", FILED = { file = "FOLDER/secret" } }
env_file = "FOLDER/variables"
secrets = ["PLAIN"]
[jobs.leak]
command = '''
echo "a $PLAIN b $FILED c $LOADED d"
printf '{"%s": ["%s", "%s"]}' "$PLAIN" "$FILED" "$LOADED" > "$JOBCTL_RESULT"
PYTHONPATH=SOURCE PYTHON -P -m jobctl progress 40 --message "at $PLAIN $FILED $LOADED"
'''
heartbeat = "http://127.0.0.1:1/heartbeat-hunter55"
[jobs.bad]
command = "echo a $PLAIN b $FILED c $LOADED d; exit 3"
alert = { severity = "high" }
[jobs.given]
command = "false"
params = { note = { type = "string" }, number = { type = "integer", maximum = 9 } }
[jobs.split]
command = '''printf "x plain-hun"; >FOLDER/begun; until [ -e FOLDER/gate ]; do sleep 0.1; done; printf "ter22 y"'''
"""
_VERBS = (
    "show leak", "show bad", "history", "history --csv", "history --events", "list", "status", "status leak", "dead",
    "check", "reload --plan", "logs leak", "logs leak -f", "logs leak --grep hunter", "logs leak -n 1",
    "logs leak --since 1h", "logs bad --grep b", "stats", "stats bad", "health", "alerts", "alerts --all",
    "alerts history", "next", "metrics", "why leak", "why bad", "schema", "top --once",
)  # fmt: skip


@pytest.fixture(params=["with a daemon", "without a daemon"])
def place(request: pytest.FixtureRequest, installation: Installation) -> Installation:
    for name, content in (("secret", f"{_SECRETS[1]}\n"), ("variables", f"LOADED={_SECRETS[2]}\n")):
        file = installation.folder / name
        file.write_text(content)
        file.chmod(0o600)
    named = {"PYTHONPATH=SOURCE PYTHON": f"PYTHONPATH={installation.environment['PYTHONPATH']} {sys.executable}"}
    text = _JOBS
    for name, value in (named | {"FOLDER": str(installation.folder)}).items():
        text = text.replace(name, value)
    installation.write_jobs(text)
    if request.param == "with a daemon":
        installation.daemon()
    return installation


def test_a_planted_secret_is_nowhere_but_in_the_jobs_own_log(place: Installation) -> None:
    done = [place.call("run", "leak"), place.call("run", "bad")]
    assert "a *** b *** c *** d" in done[0].stdout
    [run] = place.ask("history", "leak")
    assert (run["status"], run["result"], run["message"]) == ("succeeded", {"***": ["***", "***"]}, "at *** *** ***")
    assert place.call("logs", "leak").stdout.splitlines()[0] == "a *** b *** c *** d"
    told = place.folder / "told"
    if place.daemon_log.exists():
        until(lambda: told.exists() and "hook" in place.daemon_log.read_text(), "the alert was told")
        assert "a *** b *** c *** d" in told.read_text()
    verbs = [verb.split() for verb in (*_VERBS, f"show {run['id']}")]
    done += place.call_many([*verbs, *(["--json", *verb] for verb in verbs)])
    for secret in (*_SECRETS, *_ADDRESSES):
        assert [verb.args for verb in done if secret in verb.stdout + verb.stderr] == []
        files = [file for file in place.state_dir.rglob("*") if file.is_file()]
        holders = {file for file in files if secret.encode() in file.read_bytes()}
        assert {file.suffix for file in holders} == ({".log"} if secret in _SECRETS else set()), holders
        assert all(secret not in file.read_text() for file in (place.daemon_log, told) if file.exists())


def test_a_secret_that_a_run_was_given_is_shown_nowhere(place: Installation) -> None:
    """It is kept as it was given, or the run could not have it."""
    made = place.call("run", "given", "--param", "note=is file-hunter33")
    run = place.ask("history", "given")[0]["id"]
    wrong = [
        ["enqueue", "given", "--param", "number=plain-hunter22"],
        ["enqueue", "given", "--params", '{"note": 1, "number": "file-hunter33"}'],
        ["retry", "--job", "given", "--param", "note=envfile-hunter44"],
    ]
    words = (
        "show RUN", "history", "history --csv", "history --events", "status", "status given", "dead", "show given",
        "why given", "alerts --all", "alerts history", "list", "top --once",
    )  # fmt: skip
    verbs = [word.replace("RUN", run).split() for word in words]
    done = [made, *place.call_many([*wrong, *verbs, *(["--json", *verb] for verb in verbs)])]
    shown = place.ask("show", run)
    assert shown["params"] == {"note": "***"}
    assert [event["detail"] for event in shown["events"] if event["action"] == "retry"] == [
        'params before: {"note":"is ***"}'
    ]
    for secret in _SECRETS:
        assert [verb.args for verb in done if secret in verb.stdout + verb.stderr] == []
        assert not place.daemon_log.exists() or secret not in place.daemon_log.read_text()


def test_a_secret_that_comes_in_two_pieces_is_masked_while_it_is_followed(place: Installation) -> None:
    """The first piece is there before anybody follows, the second comes later."""
    running = place.begin_call("run", "split")
    gate = place.folder / "gate"
    try:
        until((place.folder / "begun").exists, "the first piece is written")
        seen = place.call("logs", "split").stdout
    finally:
        gate.touch()
        running.wait(30)
    assert seen.startswith("x ")
    assert place.call("logs", "split", "-f").stdout == "x *** y"


def test_a_log_stays_closed_while_the_file_with_the_jobs_secrets_cannot_be_read(place: Installation) -> None:
    assert place.call("run", "leak").returncode == 0
    text = place.jobs_file.read_text()
    place.write_jobs("[jobs.leak\n")
    refused = place.call("logs", "leak")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "Traceback" not in refused.stderr
    place.write_jobs(text)
    assert "a *** b *** c *** d" in place.call("logs", "leak").stdout


_BORROWED = '''
[jobs.borrower]
command = 'echo "got $TOKEN"'
env = { TOKEN = { env = "DT" } }
secrets = ["TOKEN"]
[jobs.keeper-knows]
command = """
touch FOLDER/begun; until [ -e FOLDER/gate ]; do sleep 0.05; done; printf '{"t": "%s"}' "$TOKEN" > "$JOBCTL_RESULT"
"""
env = { TOKEN = { env = "DT" } }
on_start = true
'''


def test_what_only_the_daemon_knows_is_masked_and_once_it_is_gone_that_is_told(installation: Installation) -> None:
    borrowed = _BORROWED.replace("FOLDER", str(installation.folder))
    installation.write_jobs(borrowed)
    daemon = installation.daemon(environment={"DT": "borrowed-hunter88"})
    assert "got ***\n" in installation.call("run", "borrower").stdout
    shown = installation.call("logs", "borrower")
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "got ***\n", "")
    installation.write_jobs(borrowed.replace('"DT"', '"OTHER"', 1))
    assert "TOKEN: OTHER is not set for the daemon that runs" in installation.call("reload", "--plan").stderr
    installation.write_jobs(borrowed)
    assert installation.ask("reload", "--plan")["warnings"] == 0
    daemon.stop()
    reason = "TOKEN is taken from the daemon's variable DT, which is not set"
    told = f"not masked, for its value is not known here: {reason}\n"
    for words in (["borrower"], ["borrower", "--grep", "got"], ["borrower", "-f"], ["borrower", "--since", "1h", "-q"]):
        shown = installation.call("logs", *words)
        assert "got borrowed-hunter88" in shown.stdout
        assert shown.stderr.count(told) == 1
    until((installation.folder / "begun").exists, "a run goes on without the daemon")
    (installation.folder / "gate").touch()
    until(lambda: not processes.keepers(installation.state_dir), "its keeper has recorded the end and left")
    [run] = installation.ask("history", "keeper-knows")
    assert (run["status"], run["result"]) == ("succeeded", {"t": "***"})
    files = [file for file in installation.state_dir.rglob("*") if file.is_file() and file.suffix != ".log"]
    assert [file.name for file in files if b"borrowed-hunter88" in file.read_bytes()] == []
