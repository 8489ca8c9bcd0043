"""Crontabs become jobs; what real ones taught is a case here."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.importers.crontab import Source, read_crontabs
from jobctl.importers.crontab_lines import loses_backslashes, split_percent
from jobctl.importers.findings import Fate, Imported

DAILY = "0 3 * * * "
PLAIN = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}


def read(text: str, *, system: bool = False) -> Imported:
    return read_crontabs([Source("crontab", text if text.endswith("\n") else text + "\n", system)])


def job(text: str, *, system: bool = False) -> dict[str, Any]:
    """The keys of the only job, without those that all have."""
    (draft,) = read(text, system=system).drafts
    return {key: value for key, value in draft.keys.items() if key not in ("catch_up", "env", "schedule")}


def said(text: str, *, system: bool = False) -> list[str]:
    """What is said of lines, with the number of each."""
    findings = read(text, system=system).findings
    return [
        f"{finding.place.line} {finding.fate.value}: {finding.message}" for finding in findings if finding.place.line
    ]


def command(text: str) -> str:
    return str(job(DAILY + text)["command"])


# Lines


def test_a_line_keeps_crons_path_and_makes_up_for_nothing() -> None:
    (draft,) = read("30 2 * * * /srv/backup.sh --all").drafts
    assert draft.name == "backup"
    assert draft.keys == {
        "command": "/srv/backup.sh --all",
        "schedule": "30 2 * * *",
        "catch_up": "none",
        "env": PLAIN,
    }


def test_a_job_has_crons_shell_in_its_environment_whatever_that_of_its_user_is() -> None:
    (draft,) = read("* * * * * www-data flock /run/x -c 'a; b' >> /x", system=True).drafts
    assert draft.keys["env"] == PLAIN  # flock asks $SHELL, which is /usr/sbin/nologin for www-data


def test_variables_hold_for_the_lines_below_them() -> None:
    first, second = read(f"{DAILY}a\nPATH = /opt/bin:/bin\nLANG='de_DE.UTF-8 '\n{DAILY}b").drafts
    assert first.keys["env"] == PLAIN
    assert second.keys["env"] == {"PATH": "/opt/bin:/bin", "SHELL": "/bin/sh", "LANG": "de_DE.UTF-8 "}


def test_the_variables_that_are_crons_own_become_keys() -> None:
    keys = job(f"SHELL=/bin/bash\nHOME=/srv/app\nCRON_TZ=Europe/Berlin\nLOGNAME=x\nRANDOM_DELAY=5\n{DAILY}a")
    assert keys == {"command": "a", "timezone": "Europe/Berlin", "spread": "5m", "cwd": "/srv/app",
                    "shell": ["/bin/bash", "-c"]}  # fmt: skip


def test_tz_is_for_the_command_alone() -> None:
    (draft,) = read(f"TZ=Asia/Tokyo\n{DAILY}a").drafts
    assert draft.keys["env"] == PLAIN | {"TZ": "Asia/Tokyo"}
    assert "timezone" not in draft.keys


def test_an_empty_zone_is_that_of_the_machine() -> None:
    first, second = read(f"CRON_TZ=Asia/Tokyo\n{DAILY}a\nCRON_TZ=\n{DAILY}b").drafts
    assert first.keys["timezone"] == "Asia/Tokyo"
    assert "timezone" not in second.keys


def test_a_zone_that_does_not_exist_is_told_at_its_own_line_and_its_lines_stay_as_they_are() -> None:
    found = read(f"CRON_TZ=Mars/Olympus\n{DAILY}cd /x && a\nCRON_TZ=UTC\n{DAILY}b")
    assert [draft.name for draft in found.drafts] == ["b"]
    assert [piece.text for piece in found.left_out] == [f"{DAILY}cd /x && a"]
    naming = [finding for finding in found.findings if "Mars/Olympus" in finding.message]
    assert [(finding.place.line, finding.fate) for finding in naming] == [(1, Fate.LOST)]


def test_an_address_for_mail_is_told_with_what_to_write() -> None:
    (told,) = said("MAILTO=ops@example.org\n" + DAILY + "a")
    assert told.startswith("1 changed: MAILTO")
    assert 'to = ["ops@example.org"]' in told


def test_jobs_below_an_empty_mailto_tell_nobody_and_those_below_an_address_do() -> None:
    text = f'{DAILY}a\nMAILTO=""\n{DAILY}b\n{DAILY}c || true\nMAILTO=ops@example.org\n{DAILY}d'
    assert [draft.keys.get("alert") for draft in read(text).drafts] == [None, {"on": []}, {"on": []}, None]
    assert 'MAILTO = "" became alert = { on = [] } of the jobs below' in said(text)[0]


def test_the_system_format_names_users_and_groups() -> None:
    assert job("@daily www-data:adm /x", system=True) == {"command": "/x", "user": "www-data", "group_name": "adm"}


def test_a_column_of_users_is_suspected_where_none_was_announced() -> None:
    assert "give --system" in said("17 * * * * root cd / && run-parts --report /etc/cron.hourly")[0]


def test_seconds_are_suspected_where_there_are_six_fields() -> None:
    assert "none for seconds" in said("0 */5 * * * * /x")[0]


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("@reboot", {"on_boot": True}),
        ("@HOURLY", {"schedule": "@hourly", "catch_up": "none"}),
        ("@every_minute", {"schedule": "* * * * *", "catch_up": "none"}),
        ("@every 1h30m", {"every": "1h30m"}),
        ("@600", {"every_after": "10m"}),
    ],
)
def test_macros_become_keys(word: str, keys: dict[str, object]) -> None:
    (draft,) = read(f"{word} /x").drafts
    assert draft.keys == {"command": "/x", **keys, "env": PLAIN}


def test_the_run_of_a_reboot_line_that_the_first_daemon_makes_is_told() -> None:
    (sentence,) = said("@reboot /x")
    assert sentence.startswith("1 changed: @reboot became on_boot = true: it also runs when the daemon starts")


def test_a_line_that_is_none_is_left_out_and_everything_else_is_there() -> None:
    imported = read(f"{DAILY}a\nrubbish\n61 * * * * b\n{DAILY}c")
    assert [draft.keys["command"] for draft in imported.drafts] == ["a", "c"]
    assert [(piece.place.line, piece.text) for piece in imported.left_out] == [(2, "rubbish"), (3, "61 * * * * b")]
    assert [finding.place.line for finding in imported.findings if finding.fate is Fate.LOST] == [2, 3]


# Comments


@pytest.mark.parametrize(
    ("above", "description"),
    [
        ("# Dump the\n# database\n", "Dump the database"),
        ("# far away\n\n", None),
        ("# m h  dom mon dow   command\n", None),
        ("# Edit this file to introduce tasks\n# m h  dom mon dow   command\n# The dump\n", "The dump"),
        ("# ------\n# The dump\n# ------\n", "The dump"),
        ("# 0 4 * * * /old/dump\n# The dump\n", "The dump"),
        ("# the table of root\n#\n# The dump\n#\n# of the database\n", "of the database"),
        ("# mn hr  dom mon dow  cmd\n", None),
        ("#MIN HOUR      DAY MON DOW COMMAND\n", None),
        ("# ESGF cronjob BEGIN ###\n", None),
        ("# Begin Whenever generated tasks for: app\n# The dump\n", "The dump"),
        ("#!/usr/bin/env bash\n", None),
        ("# -*- conf -*-\n", None),
        ("# == The dump ==\n", "The dump"),
        ("# Example of job definition:\n# .-- minute (0 - 59)\n# | .-- hour (0 - 23)\n# * * * * * user a\n", None),
    ],
)
def test_comments_directly_above_are_the_description(above: str, description: str | None) -> None:
    assert job(f"{above}{DAILY}a").get("description") == description


def test_a_long_comment_is_cut_behind_a_sentence_or_a_word() -> None:
    first = "Notices that the registry sends are read here, and nowhere else but here, day and night."
    assert job(f"# {first}\n# {'It goes on. ' * 20}\n{DAILY}a")["description"].endswith("It goes on.")
    words = job(f"# {'word ' * 60}\n{DAILY}a")["description"]
    assert words.endswith("word …")
    assert len(words) <= 202


@pytest.mark.parametrize("comment", ["#Ansible: Nightly clean-up", "# Puppet Name: Nightly clean-up"])
def test_names_that_tools_leave_in_comments_are_taken(comment: str) -> None:
    (draft,) = read(f"{comment}\n{DAILY}find /tmp -delete").drafts
    assert draft.name == "Nightly-clean-up"


def test_the_name_of_a_line_that_was_taken_out_is_not_that_of_the_next() -> None:
    (draft,) = read(f"#Ansible: old\n#*/5 * * * * /old\n{DAILY}/new").drafts
    assert draft.name == "new"


def test_a_line_of_the_system_format_without_a_user_is_not_kept() -> None:
    (piece,) = read("@hourly /srv/x.sh 2>&1 | logger", system=True).left_out
    assert piece.reason == "`/srv/x.sh` is no user; does the crontab have a column of users?"


def test_a_comment_behind_the_command_is_the_description() -> None:
    assert job(DAILY + "a 'b # c' # nightly") == {"command": "a 'b # c'", "description": "nightly"}


# Percent


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("date +\\%F", ("date +%F", None)),
        ("mail ada%Dear Ada,%bye", ("mail ada", "Dear Ada,\nbye\n")),
        ("a % b \\% c %", ("a ", " b % c \n")),
        (r"a \\% \n", ("a \\", " \\n\n")),
        (r"a \\\% \\ \n", (r"a \% \ \n", None)),
        (r"a%b \\% c", ("a", "b \\% c\n")),
        ("a%", ("a", "")),
    ],
)
def test_percent_ends_the_command_and_begins_its_input(written: str, read_as: tuple[str, str | None]) -> None:
    assert split_percent(written) == read_as


def test_two_backslashes_are_told_because_crons_differ() -> None:
    assert "1 changed: two backslashes are one in Debian's cron, and two in cronie: one here" in said(DAILY + r"a \\d")
    assert not said(DAILY + r"a \d")


@pytest.mark.parametrize(
    ("written", "told"),
    [(r"a \\d", True), (r"a \%b \\c", True), (r"a \\% b", True), (r"a \d", False), (r"a % \\b", False), ("a\\", False)],
)
def test_they_are_told_wherever_they_stand_in_the_command(written: str, told: bool) -> None:
    assert loses_backslashes(written) is told


def test_a_percent_in_the_middle_of_a_word_is_suspected() -> None:
    assert "was `\\%` meant?" in said(DAILY + "sleep $(( RANDOM % 600 )) && a")[0]


def test_a_backslash_at_the_end_of_a_line_is_suspected() -> None:
    assert "cron has no lines that go on" in said(DAILY + "a \\\n | b\n")[0]


def test_input_is_a_here_document_with_a_mark_of_its_own() -> None:
    assert command("mail ada%EOF%bye") == "{ mail ada\n} <<'EOF_'\nEOF\nbye\nEOF_\n"


def test_input_for_a_shell_without_here_documents_is_not_kept() -> None:
    assert "here-document" in said(f"SHELL=/usr/bin/fish\n{DAILY}mail ada%bye")[0]


# Habits


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("flock -n /run/a.lock a b", {"command": "a b", "overlap": "skip"}),
        ("/usr/bin/flock -xn /a.lock -c 'cd /x && ./y | z'", {"command": "./y | z", "overlap": "skip", "cwd": "/x"}),
        ("flock --nonblock /run/a.lock a >> /var/log/a 2>&1", {"command": "a >> /var/log/a 2>&1", "overlap": "skip"}),
        ("flock /run/a.lock a", {"command": "a", "overlap": "queue"}),
        ("flock -w0 /run/a.lock a", {"command": "a", "overlap": "skip"}),
        ("timeout 90 a", {"command": "a", "timeout": "1m30s"}),
        ("timeout -k 10s 1.5h a", {"command": "a", "timeout": "1h30m", "grace": "10s"}),
        ("timeout --kill-after 10 20 a", {"command": "a", "timeout": "20s", "grace": "10s"}),
        ("nice a", {"command": "a", "nice": 10}),
        ("nice -19 a", {"command": "a", "nice": 19}),
        ("nice -n -5 a", {"command": "a", "nice": -5}),
        ("ionice -c3 nice -n 19 a", {"command": "ionice -c3 a", "nice": 19}),
        ("chronic a", {"command": "a"}),
        ("run-one a b", {"command": "a b", "overlap": "skip"}),
        ("setlock -n /run/a.lock a", {"command": "a", "overlap": "skip"}),
        ("setlock /run/a.lock a", {"command": "a", "overlap": "queue"}),
        ("lockf -s -t 0 /run/a.lock a b", {"command": "a b", "overlap": "skip"}),
        ("lockf -k /run/a.lock a", {"command": "a", "overlap": "queue"}),
        ("lckdo /run/a.lock a", {"command": "a", "overlap": "skip"}),
        ("lckdo -w /run/a.lock a", {"command": "a", "overlap": "queue"}),
        ("-nsq a", {"command": "a", "overlap": "skip"}),
        ("-n -q a", {"command": "a"}),
        ("cd /srv/app && php artisan x", {"command": "php artisan x", "cwd": "/srv/app"}),
        ("cd '/srv/my app' && a && b", {"command": "a && b", "cwd": "/srv/my app"}),
        ("a >/dev/null 2>&1", {"command": "a"}),
        ("a | b &>/dev/null", {"command": "a | b"}),
        ("( cd / && a ) > /dev/null", {"command": "( cd / && a )"}),
        ("a || true", {"command": "a", "alert": {"on": []}}),
        ("a >/dev/null 2>&1 || :", {"command": "a", "alert": {"on": []}}),
        ("a; exit 0", {"command": "a", "alert": {"on": []}}),
        ("sleep $((RANDOM \\% 300)) && a", {"command": "a", "spread": "5m"}),
        ("sleep $(( RANDOM \\% 10 ))m; a", {"command": "a", "spread": "10m"}),
        ("bash -c 'sleep $((RANDOM \\% 240))' && a", {"command": "a", "spread": "4m"}),
        ("perl -e 'sleep int(rand(3600))' && certbot -q renew", {"command": "certbot -q renew", "spread": "1h"}),
        ("test -x /a -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(3600))' && a",
         {"command": "if test -x /a -a \\! -d /run/systemd/system; then a; fi", "spread": "1h"}),
        ("[ -f /a ] && /bin/sleep $((RANDOM \\% 60)) && a", {"command": "if [ -f /a ]; then a; fi", "spread": "1m"}),
        ("test -x /x && [ -f /y ] && /x a && b | c",
         {"command": "if test -x /x && [ -f /y ]; then /x a && b | c; fi"}),
        ("command -v a > /dev/null && a 1 1", {"command": "if command -v a > /dev/null; then a 1 1; fi"}),
        ("[ -x /x ] && if [ ! -d /y ]; then /x; fi", {"command": "if [ -x /x ]; then if [ ! -d /y ]; then /x; fi; fi"}),
        ("[ -x /x ] && /x > /dev/null", {"command": "if [ -x /x ]; then /x; fi"}),
        ("[ -x /x ] && /x || true", {"command": "if [ -x /x ]; then /x; fi", "alert": {"on": []}}),
        ("python3 -c 'import random; import time; time.sleep(random.random() * 3600)' && a",
         {"command": "a", "spread": "1h"}),
    ],
)  # fmt: skip
def test_a_habit_becomes_a_key(written: str, keys: dict[str, object]) -> None:
    assert job(DAILY + written) == keys


@pytest.mark.parametrize(
    "written",
    [
        "flock -w 60 /run/a.lock a",
        "flock -n /run/a.lock a || echo still running",
        "flock -n 9 a",
        "flock -n /run/a.lock -c 'a; b' >> /var/log/a",
        "timeout -s KILL 60 a",
        "timeout 60 a | b",
        "A=1 timeout 60 a",
        "cd /srv/app; a",
        "cd /srv/app && a || b",
        'cd "$HOME/app" && a',
        "cd ~/app && a",
        "a 2>&1 >/dev/null | mail root",
        "a > /var/log/a 2>/dev/null",
        "if a; then b || true; fi",
        "sleep 60 && a",
        "sleep $(( (RANDOM \\% 27) + 5 )) && a",
        "test -x /x && a || b",
        "[ -x /x ] && a; b",
        "[ -x /x ] && if a; then b; fi; c",
        "test -x /x && perl -e 'sleep int(rand(3600))'; a",
        "pgrep x && perl -e 'sleep int(rand(3600))' && a",
        "lockf -t 30 /run/a.lock a",
        "lckdo -W 30 /run/a.lock a",
        "-x a",
        "ionice -c3 a",
        "echo 'a || true'",
        "echo 'not closed",
        "a `b",
        "cat <<x",
    ],
)
def test_what_is_doubtful_stays_in_the_command(written: str) -> None:
    assert job(DAILY + written) == {"command": written.replace("\\%", "%")}


@pytest.mark.parametrize(
    ("written", "name", "bare"),
    [
        ("jobctl exec --name dump -- /srv/dump.sh --all", "dump", "/srv/dump.sh --all"),
        ("/usr/local/bin/jobctl -c /etc/j.toml exec -n db.dump /srv/dump.sh", "db.dump", "/srv/dump.sh"),
        ("jobctl exec --name=dump -- /srv/dump.sh | gzip > /b.gz", "dump", "/srv/dump.sh | gzip > /b.gz"),
        ("[ -x /d ] && jobctl exec --name dump -- /d", "dump", "if [ -x /d ]; then /d; fi"),
        ("cd ~/x && jobctl exec --name dump -- ./d", "dump", "cd ~/x && ./d"),
        ("sudo -u ada jobctl exec --name dump -- /d -x", "dump", "sudo -u ada /d -x"),
        ("ionice -c3 /usr/bin/jobctl exec -n dump /d", "dump", "ionice -c3 /d"),
        ("A=1 jobctl --state-dir /s exec -n dump -- /d | cat", "dump", "A=1 /d | cat"),
    ],
)
def test_a_command_in_jobctl_exec_becomes_the_job_of_that_name(written: str, name: str, bare: str) -> None:
    (draft,) = read(DAILY + written).drafts
    assert (draft.name, draft.keys["command"]) == (name, bare)
    assert any("is gone: the job keeps its runs itself" in sentence for sentence in said(DAILY + written))


def test_what_wraps_jobctl_exec_and_what_it_wraps_become_keys() -> None:
    wanted = {"command": "/d", "overlap": "skip", "timeout": "1m", "nice": 5}
    assert job(f"{DAILY}flock -n /l nice -n 5 jobctl exec --name dump -- timeout 60 /d") == wanted


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("jobctl exec --name a -- /a && jobctl exec --name b -- /b", "the line has several"),
        ("jobctl exec --name $X -- /a", "its options are not understood"),
        ("jobctl exec --odd --name a -- /a", "its options are not understood"),
        ("jobctl exec --name a", "its options are not understood"),
        ("sudo sh -c 'cd /srv; jobctl exec --name a -- /a'", "stays inside the word of a shell"),
        ("bash -lc 'jobctl exec -n a /a'", "stays inside the word of a shell"),
    ],
)
def test_a_jobctl_exec_that_is_not_read_for_certain_stays_and_is_told(written: str, why: str) -> None:
    assert command(written) == written
    assert any(why in sentence for sentence in said(DAILY + written))


def test_other_verbs_of_jobctl_are_commands_as_any() -> None:
    assert command("jobctl enqueue mail -- exec") == "jobctl enqueue mail -- exec"
    assert command("echo jobctl exec -n a /a") == "echo jobctl exec -n a /a"
    assert not said(DAILY + "jobctl prune")
    assert not said(DAILY + "sh -c 'echo jobctl exec'")


@pytest.mark.parametrize(("written", "status"), [("[ -x / ] && exit 3", 3), ("[ -x /nowhere ] && exit 3", 0)])
def test_a_test_before_a_command_is_no_failure_and_hides_none(written: str, status: int) -> None:
    assert subprocess.run(["/bin/sh", "-c", command(written)], check=False).returncode == status


def test_a_lock_that_lines_share_stays_in_all_of_them() -> None:
    imported = read(f"{DAILY}flock -n /run/a.lock a\n{DAILY}flock -n /run/a.lock b\n{DAILY}flock -n /run/c.lock c")
    assert [draft.keys["command"] for draft in imported.drafts] == [
        "flock -n /run/a.lock a",
        "flock -n /run/a.lock b",
        "c",
    ]


def test_a_command_that_lines_share_through_run_one_stays_in_all_of_them() -> None:
    imported = read("0 4 * * * run-one a b >> x\n0 6 * * * run-one a b >> y\n0 8 * * * run-one a c\n")
    commands = [draft.keys["command"] for draft in imported.drafts]
    assert commands == ["run-one a b >> x", "run-one a b >> y", "a c"]


def test_a_wait_by_chance_as_long_as_the_time_between_slots_is_a_second_shorter() -> None:
    keys = job("0 */12 * * * perl -e 'sleep int(rand(43200))' && certbot -q renew")
    assert keys == {"command": "certbot -q renew", "spread": "11h59m59s"}


def test_a_wait_by_chance_that_is_longer_than_the_time_between_slots_stays() -> None:
    keys = job("*/5 * * * * sleep $((RANDOM \\% 900)) && a")
    assert keys == {"command": "sleep $((RANDOM % 900)) && a"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("pgrep x && /x", "success_on = [0, 1]"),
        ('[ "$(date +\\%u)" = 1 ] && /x', '"0 3 * * 1#1" is a first Monday'),
        ("if [ -x /x ] && [ $(date +\\%d) -le 7 ]; then /x; fi", '"0 3 * * 1#1" is a first Monday'),
        ("[ -x /x ] && /x", "became `if …; then`"),
        ("test -x $X && perl -e 'sleep int(rand(60))' && /x", "became `if …; then`"),
        ("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", 'set catch_up = "once"'),
        ("test -e /run/systemd/system || /x", "where systemd runs"),
        ("/x &", "ends with `&`"),
        ("sudo -H -u ada /x", 'user = "ada" does the same'),
        ("su - ada -c '/x; /y'", 'user = "ada" does the same'),
        ("su-exec ada /x", 'user = "ada" does the same'),
        ("[ -x /x ] || exit; /x", "success_on = [0, 1]"),
        ("test ! -d /run/systemd/system && /x", "look for a timer"),
        ("/x 2>&1 | logger -t x", "a failure before it is not seen"),
        ("/x | /usr/bin/mail root", "a failure before it is not seen"),
        ("sleep $(($RANDOM \\% 60)) && /x", "the line failed here; now it runs"),
        ("sleep $(( ($RANDOM \\% 60) + 5 )) && /x", "$RANDOM is empty, and the line fails there"),
        ("source /etc/env && /x", "there is no `source`"),
        ("-ns /x", '`-ns` of the BSDs\' cron became overlap = "skip"'),
        ("/x >> /var/log/x.log 2>&1", "still goes into /var/log/x.log"),
        ("sleep $((RANDOM \\% 60)) && /x", "RANDOM is empty"),
        ("/x &> /dev/null", "`&>` puts the command into the background"),
    ],
)
def test_what_behaves_otherwise_is_told(written: str, told: str) -> None:
    assert any(told in sentence for sentence in said(DAILY + written))


@pytest.mark.parametrize(
    ("written", "untold"),
    [
        ("sudo -u ada /x; reboot", "does the same"),  # not with the reboot
        ("a && echo fine | mail ada || echo bad | mail ada", "is not seen"),
        ("[ -x /x ] || exit 0; /x", "success_on"),
    ],
)
def test_what_would_be_wrong_is_not_told(written: str, untold: str) -> None:
    assert not any(untold in sentence for sentence in said(DAILY + written))


def test_a_wait_within_the_minute_is_told_what_starts_more_often() -> None:
    assert any('every = "30s"' in sentence for sentence in said("* * * * * sleep 30; /x"))
    assert not any("every" in sentence for sentence in said("@reboot sleep 30; /x"))


def test_lines_behind_a_backslash_are_told_as_that() -> None:
    told = said(f"{DAILY}a \\\n    --all \\\n    >> /x")
    assert [sentence.partition(":")[0] for sentence in told] == ["1 changed", "2 not kept", "3 not kept"]
    assert all("backslash" in sentence for sentence in told)


@pytest.mark.parametrize("written", ["/x > >(cat)", "/x | tee >(cat)", "/x 2>&1 > >(logger -t x)"])
def test_a_process_that_takes_the_output_is_no_file(written: str) -> None:
    assert not any("still goes into" in told for told in said(f"SHELL=/bin/bash\n{DAILY}{written}"))


def test_bash_knows_random() -> None:
    assert not any(
        "RANDOM is empty" in told for told in said(f"SHELL=/bin/bash\n{DAILY}sleep $((RANDOM \\% 60)) && /x")
    )


# Names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("/usr/bin/python3 -u /srv/app/manage.py clearsessions", "manage-clearsessions"),
        ("python -m app.jobs.sync --fast", "sync"),
        ("cd / && run-parts --report /etc/cron.hourly", "run-parts-cron-hourly"),
        ("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "run-parts-cron-daily"),
        ("[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/x ]; then /usr/lib/php/sessionclean; fi", "sessionclean"),
        ("FOO=1 /usr/bin/env bash /opt/report.sh", "report"),
        ("flock -n /run/x.lock -c 'a; b' >> /x", "a"),
        ("flock /run/x.lock -c 'echo quoted c'", "echo"),
        ("flock /run/x.lock -c 'echo quoted c' | logger", "echo"),
        ("flock -w 10 /x/l sh -c 'cd /srv && ./sync.sh'", "sync"),
        ("flock -E 5 --wait 10 /x/l /srv/sync.sh", "sync"),
        ("flock -n /x/l sh -c './sync.sh; b' | logger -t sync", "sync"),
        ("source <(cat /etc/env); /srv/sync.sh", "sync"),
        (". /etc/env; /srv/sync.sh", "sync"),
        ("php /var/www/occ background:job", "occ-background-job"),
        ("test -x /x && perl -e 'sleep int(rand(3600))' && certbot -q renew", "certbot-renew"),
        ("curl -fsS -m 10 -o /dev/null https://hc.example.org/uuid", "curl-hc-example-org"),
        ('su - postgres -c "pg_dumpall | gzip > /b.gz"', "pg_dumpall"),
        ("bash -lc 'cd /srv && ./sync.sh --all'", "sync"),
        ("bash -l -i -c './sync.sh'", "sync"),
        ("bash -eo pipefail -c './sync.sh | x'", "sync"),
        ('sh -c "./sync.sh | logger -t X[$(cat /run/pid)]"', "sync"),
        ('su - ada -c "cd /srv && python3 sync.py" >> /x 2>&1', "sync"),
        ('su www-data -s /bin/sh -c "php -f /srv/sync.php"', "sync"),
        ("sudo -u ada /srv/sync.sh; reboot", "sync"),
        ("sudo -u ada bash -c 'cd /srv; ./sync.sh'", "sync"),
        ("runuser -u ada -- php /srv/sync.php", "sync"),
        ("su-exec ada /srv/sync --all", "sync"),
        ("node --import tsx server/sync.ts", "sync"),
        ("ionice -c 3 nice -n 5 /srv/sync.sh", "sync"),
        ("/bin/sleep $((1 + 2)) && /srv/sync.sh", "sync"),
        ("test -f /x && grep -q on /x && /srv/sync.sh", "sync"),
        ("[ -x /x ] || exit 0; /srv/sync.sh", "sync"),
        ("yes | /srv/sync.sh", "sync"),
        ("mispipe '/srv/sync.sh' 'logger -st x'", "sync"),
        ("echo begins; /srv/sync.sh", "sync"),
        (r"/bin/bash -l -c 'cd /srv && bin/rails runner -e production '\''Post.x'\'", "rails-runner"),
        ("cd /srv && nohup ruby sync.rb &", "sync"),
        ("systemd-cat -t x /srv/sync.sh", "sync"),
        ("python3 -c 'print(1)'", "python3"),
        ("/srv/été.sh", "ete"),
        ("'", "job"),
    ],
)
def test_a_name_is_made_of_the_command(written: str, name: str) -> None:
    assert [draft.name for draft in read(DAILY + written).drafts] == [name]


def test_names_that_would_be_equal_take_arguments_in_and_then_numbers() -> None:
    lines = ("backup daily", "backup weekly", "sync", "sync", "SYNC")
    names = [draft.name for draft in read("\n".join(DAILY + line for line in lines)).drafts]
    assert names == ["backup-daily", "backup-weekly", "sync", "sync-2", "SYNC-3"]


def test_two_thousand_equal_lines_have_names_of_their_own() -> None:
    names = [draft.name for draft in read((DAILY + "sync\n") * 1_998 + DAILY + "sync-2\n" + DAILY + "sync 7").drafts]
    assert len({name.lower() for name in names}) == 2_000
    assert names[:2] == ["sync", "sync-3"]


# Whatever comes


@pytest.mark.parametrize("text", ["$(" * 5_000, '"$(' * 3_000, "(" * 50 + ")" * 50, "a" * 100_000, "`" * 9_001])
def test_no_nesting_is_too_deep_and_no_line_too_long(text: str) -> None:
    assert len(read(DAILY + text).drafts) == (len(text) < 10_000)


@settings(max_examples=200)
@given(st.text(alphabet="*/5-,@ %\\'\"$()`&|;<>#=\n\tabflockn cd\udc80\0", max_size=80), st.booleans())
def test_no_text_is_too_odd(text: str, system: bool) -> None:
    read(text, system=system)
    read(DAILY + text, system=system)
