"""Jobs files that are right."""

from __future__ import annotations

COMPLETE = """\
include = ["conf.d/*.toml"]

[daemon]
timezone = "Europe/Berlin"
max_concurrent = 8
grace = "12s"
enabled = true
log_format = "json"
state_dir = "state"
heartbeat = "https://hc.example/daemon"

[retention]
succeeded = "30d"
failed = "90d"
max_runs_per_job = 10000
max_log_bytes = "2GB"

[queues.reports]
max_concurrent = 2
rate_limit = "30/m"

[defaults]
timeout = "1h"
env = { LANG = "C.UTF-8", LEVEL = "info" }
limits = { open_files = 1024 }

[jobs.nightly-backup]
command = "pg_dump app | zstd > /backup/app.zst"
description = "Dump the application database"
group = "system"
tags = ["db", "critical"]
enabled = true
schedule = "30 2 * * *"
on_start = true
on_boot = true
spread = "5m"
calendar_exclude = ["2026-12-25", 2026-12-26, "holidays"]
priority = 6
queue = "reports"
max_concurrent = 2
overlap = "queue"
catch_up = "all"
catch_up_window = "12h"
catch_up_limit = 5
start_deadline = "15m"
timeout = "30m"
grace = "30s"
retries = 3
retry_delay = "10s"
retry_backoff = "linear"
retry_max_delay = "10m"
retry_never_on = [2, 64]
success_on = [0, 3]
on_lost = "retry"
cwd = "/srv/app"
shell = ["/bin/bash", "-euo", "pipefail", "-c"]
env = { LEVEL = "debug", PGPASSWORD = { file = "secrets/pg" }, TOKEN = { env = "DAEMON_TOKEN" } }
env_file = ".env"
user = "postgres"
group_name = "postgres"
umask = "027"
nice = 10
limits = { memory = "2GB", cpu = "30m", processes = 200 }
max_log_size = "5MB"
after = ["dump-users"]
after_failure = ["send-email"]
after_any = ["interval"]
wait_for_idle = { load_below = 2.0, memory_free = "1GB", latest = "2h" }
heartbeat = "https://hc.example/uuid"
secrets = ["TOKEN"]
retention = { succeeded = "7d", failed = "14d", max_runs = 50 }

[jobs.nightly-backup.alert]
on = ["failed", "recovered", "late", "overrun", "too_fast", "no_success"]
severity = "high"
after_failures = 2
late = "10m"
overrun = "auto"
too_fast = "10s"
no_success = "26h"
repeat = "1d"
channels = ["ops"]

[jobs.send-email]
command = ["python3", "send.py", "--to", "{to}"]
stdin = "params"

[jobs.send-email.params]
to = { type = "string", required = true, pattern = "^[^@]+@[^@]+$", min_length = 3, max_length = 200 }
template = { type = "string", choices = ["welcome", "promo"], default = "welcome", description = "Which letter" }
copies = { type = "integer", minimum = 1, maximum = 5, default = 1 }
extra = { type = "list", default = ["a", 1] }

[jobs.dump-users]
command = ["/bin/true"]
schedule = ["0 6 * * 1-5", "@weekly"]
timezone = "America/New_York"

[jobs.interval]
command = "true"
every = "90s"

[jobs.following]
command = "true"
every_after = "10m"

[jobs.once]
command = "true"
at = 2030-12-24T18:00:00+01:00

[jobs."with.dot"]
command = "true"
shell = "/bin/bash"

[calendars.holidays]
dates = ["2026-12-31", 2027-01-01]

[channels.ops]
type = "email"
url = { file = "/etc/jobctl/smtp-url" }
to = ["ops@example.org"]
from = "jobctl@example.org"

[channels.hook]
type = "webhook"
url = { env = "HOOK" }
headers = { Authorization = { env = "HOOK_TOKEN" } }
secret = { file = "secrets/hook" }

[channels.script]
type = "command"
command = ["/usr/local/bin/tell"]

[channels.chat]
type = "apprise"
url = "mailto://ops"

[severity]
high = ["ops"]
medium = []

[monitor]
cpu_above = 95
memory_above = 90.5
disk_free_below = "2GB"
"""
