"""Examples for `--help` and the man page: a call, and what it is for. Read only where help is shown."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "run": (
        ("jobctl run backup", "run it now, watch it, exit as it does"),
        ("jobctl run --detach --group reports", "start all jobs of a group and return"),
        ("jobctl run send-email --param to=ada@example.org", "with a value that the job declares"),
    ),
    "enqueue": (
        ("jobctl enqueue send-email --param to=ada@example.org --id welcome-42", "once, however often it is called"),
        ("jobctl enqueue send-email --from list.jsonl", "a run for each line, all or none"),
        ("jobctl enqueue report --at 'tomorrow 06:00' --priority 8", "later, and before others"),
    ),
    "exec": (("jobctl exec --name backup -- /usr/local/bin/backup.sh", "record what cron still starts"),),
    "wait": (("jobctl wait 0t6y962xjgpr --timeout 15m", "exit as the run did, or with 124"),),
    "cancel": (
        ("jobctl cancel 0t6y962xjgpr", "one run"),
        ("jobctl cancel --job send-email --queued", "what waits of a job; what runs is left alone"),
    ),
    "retry": (
        ("jobctl retry 0t6y85qrt8ck", "the same run again, with a fresh budget"),
        ("jobctl retry --dead --since yesterday --dry-run", "which dead letters that would be"),
    ),
    "progress": (("jobctl progress 3/10 --message indexing", "in the command of a job"),),
    "dismiss": (
        ("jobctl dismiss 0t6y85qrt8ck", "seen to: a dead letter no more"),
        ("jobctl dismiss --job 'report-*' --dry-run", "which dead letters that would be"),
    ),
    "delete": (
        ("jobctl delete 0t6y85qrt8ck", "with its logs, for good"),
        ("jobctl delete --job import --status failed", "all failed runs of a job"),
    ),
    "status": (
        ("jobctl status", "the whole at a glance"),
        ("jobctl status backup", "one job"),
    ),
    "list": (
        ("jobctl list --failing", "what fails first"),
        ("jobctl list 'report-*' --json", "some jobs, for a program"),
    ),
    "show": (
        ("jobctl show backup", "a job, with all defaults resolved"),
        ("jobctl show 0t6y85qrt8ck", "a run with its attempts"),
    ),
    "history": (
        ("jobctl history backup --last 7d", "a week of one job"),
        ("jobctl history --status failed,timed_out,lost", "all that went wrong"),
        ("jobctl history -f", "go on with each run that ends"),
    ),
    "logs": (
        ("jobctl logs backup", "what its newest run wrote"),
        ("jobctl logs -f backup", "and go on until it has ended"),
        ("jobctl logs 0t6y85qrt8ck --attempt 1", "an earlier attempt"),
    ),
    "dead": (("jobctl dead --group system", "dead letters of a group"),),
    "alerts": (
        ("jobctl alerts", "what is wrong now"),
        ("jobctl alerts ack 12", "take note of it: nobody is told again"),
        ("jobctl alerts test ops", "send a message through a channel"),
    ),
    "stats": (
        ("jobctl stats --last 30d --by time", "the longest first"),
        ("jobctl stats backup", "all about one job"),
    ),
    "next": (
        ("jobctl next -n 20", "the next starts of all jobs"),
        ("jobctl next backup --until 'in 7d'", "a week of one job"),
    ),
    "why": (
        ("jobctl why backup", "why it did or did not run"),
        ("jobctl why backup --at 02:30", "in that minute"),
    ),
    "explain": (("jobctl explain '30 2 * * 1-5' --tz Europe/Berlin", "in words, with its next times"),),
    "top": (
        ("jobctl top", "live; q leaves"),
        ("jobctl top --once", "one screen, for a log"),
    ),
    "enable": (("jobctl enable backup", "nothing is caught up"),),
    "disable": (("jobctl disable backup --for 4h --reason 'disk is being replaced'", "by itself again after that"),),
    "pause": (
        ("jobctl pause --for 30m --reason 'kernel update'", "hold all starts"),
        ("jobctl pause --queue reports", "only of one queue"),
    ),
    "resume": (("jobctl resume", "let starts go on"),),
    "prune": (("jobctl prune --older-than 60d --dry-run", "what would go"),),
    "backup": (("jobctl backup /backup/jobctl.db", "while everything runs"),),
    "init": (("jobctl init", "write the jobs file that is in use"),),
    "check": (("jobctl check", "every mistake, each with its place"),),
    "schema": (("jobctl schema > jobs.schema.json", "for an editor"),),
    "add": (("jobctl add backup --command 'pg_dump app > /backup/app.sql' --schedule '30 2 * * *'", "from flags"),),
    "remove": (("jobctl remove backup", "out of the jobs file"),),
    "edit": (("jobctl edit backup", "in your editor; checked before it is taken"),),
    "import": (
        ("crontab -l | jobctl import crontab - > jobs.toml", "your crontab as a jobs file"),
        ("jobctl import systemd /etc/systemd/system", "timers and their services"),
    ),
    "env": (("jobctl env backup --diff", "what differs from your own environment"),),
    "shell": (("jobctl shell backup", "a shell as the job has it"),),
    "completion": (("jobctl completion bash", "to be sourced in ~/.bashrc"),),
    "daemon": (
        ("jobctl daemon", "in the foreground"),
        ("jobctl daemon --log-format json", "its own log for machines"),
    ),
    "reload": (("jobctl reload --plan", "what would change"),),
    "health": (("jobctl health || mail -s jobctl root", "for a monitoring system"),),
    "doctor": (
        ("jobctl doctor", "what is wrong with this installation, and what to do"),
        ("jobctl doctor --pressure", "when most jobs start"),
    ),
    "service": (
        ("jobctl service show", "the unit that would be installed"),
        ("sudo jobctl service install", "the daemon of the machine"),
        ("jobctl service install --user", "a daemon of your own"),
    ),
    "metrics": (("jobctl metrics --output /var/lib/prometheus/node-exporter/jobctl.prom", "replaced in one stroke"),),
}
