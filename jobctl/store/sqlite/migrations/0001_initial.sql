-- The first schema. Instants are milliseconds since the epoch, slots and watermarks seconds, statuses the numbers
-- of jobctl.domain.run. Integers wherever possible: a million runs with text columns take four times the space.

-- Names are stored once and never forgotten: a removed job keeps its runs.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    defined INTEGER NOT NULL DEFAULT 0 CHECK (defined IN (0, 1)),
    version_id INTEGER REFERENCES job_versions (id),
    hash TEXT,
    schedule_hash TEXT,
    file TEXT,
    line INTEGER,
    description TEXT NOT NULL DEFAULT '',
    job_group TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '', -- one a line
    schedule TEXT NOT NULL DEFAULT '',
    timezone TEXT,
    command TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 5,
    queue TEXT NOT NULL DEFAULT 'default',
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    CHECK (defined = 0 OR (version_id IS NOT NULL AND hash IS NOT NULL AND schedule_hash IS NOT NULL
                           AND file IS NOT NULL AND line IS NOT NULL))
) STRICT;

CREATE INDEX jobs_defined ON jobs (name) WHERE defined = 1;

-- What a job was at any time: a row for each change; definition NULL from its removal on.
CREATE TABLE job_versions (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    valid_from INTEGER NOT NULL,
    hash TEXT,
    definition TEXT,
    CHECK ((hash IS NULL) = (definition IS NULL))
) STRICT;
CREATE INDEX job_versions_by_job ON job_versions (job_id, valid_from);

-- What changes often about a job, beside the definition so that a run's end rewrites forty bytes and no text.
CREATE TABLE job_state (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
    watermark INTEGER,
    next_at INTEGER,
    disabled_at INTEGER,
    disabled_by TEXT,
    disabled_until INTEGER,
    disabled_reason TEXT,
    queued INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
    running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
    streak INTEGER NOT NULL DEFAULT 0,
    last_run_id INTEGER,
    last_status INTEGER,
    last_started_at INTEGER,
    last_finished_at INTEGER,
    last_success_at INTEGER,
    CHECK ((disabled_at IS NULL) = (disabled_by IS NULL))
) STRICT;

CREATE INDEX job_state_by_next ON job_state (next_at) WHERE next_at IS NOT NULL AND disabled_at IS NULL;

CREATE TABLE queues (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE files (
    path TEXT PRIMARY KEY,
    stamp TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- jobctl.domain.run.MOVES once more: no program, not even a wrong one, can move a run otherwise.
CREATE TABLE moves (
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    PRIMARY KEY (source, target)
) STRICT, WITHOUT ROWID;
INSERT INTO moves (source, target) VALUES
    (1, 2), (1, 13), (1, 14), (1, 15),
    (2, 3), (2, 13), (2, 14), (2, 15),
    (3, 10), (3, 11), (3, 12), (3, 13), (3, 16), (3, 4), (3, 2),
    (4, 2), (4, 13),
    (11, 2), (12, 2), (13, 2), (16, 2);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    queue_id INTEGER NOT NULL REFERENCES queues (id),
    status INTEGER NOT NULL CHECK (status IN (1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16)),
    origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 7),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    rank INTEGER NOT NULL, -- jobctl.domain.admission.rank
    slot INTEGER,
    clock_epoch INTEGER,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    start_by INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0), -- number of the newest attempt
    first_attempt INTEGER NOT NULL DEFAULT 1, -- number of the first attempt of the present retry budget
    max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
    blamed INTEGER NOT NULL DEFAULT 0, -- how often the daemon died while starting it
    cancel_signal INTEGER,
    dead_letter INTEGER NOT NULL DEFAULT 0 CHECK (dead_letter IN (0, 1)),
    keep INTEGER NOT NULL DEFAULT 0 CHECK (keep IN (0, 1)),
    parent_id INTEGER,
    cpu_seconds REAL,
    max_rss_bytes INTEGER,
    log_bytes INTEGER,
    progress REAL,
    message TEXT,
    key TEXT,
    reason TEXT,
    params TEXT,
    result TEXT,
    CHECK ((slot IS NULL) = (clock_epoch IS NULL)),
    CHECK ((status >= 10) = (finished_at IS NOT NULL)), -- ended if and only if it has an end
    CHECK (status NOT IN (14, 15, 16) OR reason IS NOT NULL), -- skipped, missed and lost say why
    CHECK (status NOT IN (3, 4, 10, 11, 12, 16) OR attempt >= 1), -- how it ran needs an attempt that did
    CHECK (dead_letter = 0 OR status IN (11, 12, 16)),
    CHECK (cancel_signal IS NULL OR status = 3)
) STRICT;

CREATE INDEX runs_by_job ON runs (job_id, id);
-- A slot of a job is one run, an idempotency key of a job is one run.
CREATE UNIQUE INDEX runs_by_slot ON runs (job_id, slot, clock_epoch) WHERE slot IS NOT NULL;
CREATE UNIQUE INDEX runs_by_key ON runs (job_id, key) WHERE key IS NOT NULL;
-- The rest is partial: a run that has ended well is in none of them, so a million of those slow nothing down.
CREATE INDEX runs_waiting ON runs (job_id, queue_id, rank) WHERE status = 2;
CREATE INDEX runs_busy ON runs (job_id, status) WHERE status IN (3, 4);
CREATE INDEX runs_to_release ON runs (due_at) WHERE status IN (1, 4);
CREATE INDEX runs_to_start_by ON runs (start_by) WHERE start_by IS NOT NULL AND status = 2 AND attempt = 0;
CREATE INDEX runs_to_stop ON runs (cancel_signal) WHERE cancel_signal IS NOT NULL;
CREATE INDEX runs_dead ON runs (job_id) WHERE dead_letter = 1;
CREATE INDEX runs_ended_otherwise ON runs (status) WHERE status > 10;

CREATE TABLE attempts (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    status INTEGER CHECK (status >= 10),
    token BLOB NOT NULL CHECK (length(token) = 16),
    keeper TEXT NOT NULL,
    version_id INTEGER REFERENCES job_versions (id), -- the definition in force when it was begun
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    pid INTEGER,
    cpu_seconds REAL,
    max_rss_bytes INTEGER,
    log_bytes INTEGER,
    error TEXT,
    PRIMARY KEY (run_id, number),
    CHECK ((state = 4) = (finished_at IS NOT NULL)),
    CHECK ((state = 4) = (status IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- How many runs are kept in each status; the triggers below keep it true.
CREATE TABLE status_counts (
    status INTEGER PRIMARY KEY,
    runs INTEGER NOT NULL CHECK (runs >= 0)
) STRICT;
INSERT INTO status_counts (status, runs)
VALUES (1, 0), (2, 0), (3, 0), (4, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0), (16, 0);

-- The queued runs of one job in one queue, with the rank of the first. Who may start next is found by walking the
-- heads, however many runs wait behind them and whichever jobs and queues are held.
CREATE TABLE lanes (
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    queue_id INTEGER NOT NULL REFERENCES queues (id),
    head_rank INTEGER, -- NULL: nothing waits
    PRIMARY KEY (job_id, queue_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_by_head ON lanes (head_rank) WHERE head_rank IS NOT NULL;

CREATE TRIGGER runs_begin_their_life BEFORE INSERT ON runs
WHEN new.status NOT IN (1, 2, 14, 15)
BEGIN
    SELECT raise(ABORT, 'a new run is scheduled, queued, skipped or missed');
END;

CREATE TRIGGER runs_move_by_the_table BEFORE UPDATE OF status ON runs
WHEN old.status <> new.status AND NOT EXISTS (SELECT 1 FROM moves WHERE source = old.status AND target = new.status)
BEGIN
    SELECT raise(ABORT, 'this move of a run is not in the table of moves');
END;

CREATE TRIGGER runs_made AFTER INSERT ON runs
BEGIN
    UPDATE status_counts SET runs = runs + 1 WHERE status = new.status;
END;

CREATE TRIGGER runs_made_waiting AFTER INSERT ON runs
WHEN new.status = 2
BEGIN
    UPDATE job_state SET queued = queued + 1 WHERE job_id = new.job_id;
    INSERT INTO lanes (job_id, queue_id, head_rank) VALUES (new.job_id, new.queue_id, new.rank)
    ON CONFLICT (job_id, queue_id) DO UPDATE SET head_rank = excluded.head_rank
    WHERE head_rank IS NULL OR head_rank > excluded.head_rank;
END;

CREATE TRIGGER runs_moved AFTER UPDATE OF status ON runs
WHEN old.status <> new.status
BEGIN
    UPDATE status_counts SET runs = runs + CASE status WHEN new.status THEN 1 ELSE -1 END
    WHERE status IN (old.status, new.status);
    UPDATE job_state
    SET queued = queued + (new.status = 2) - (old.status = 2), running = running + (new.status = 3) - (old.status = 3)
    WHERE job_id = new.job_id AND (new.status IN (2, 3) OR old.status IN (2, 3));
END;

CREATE TRIGGER runs_wait AFTER UPDATE OF status ON runs
WHEN new.status = 2 AND old.status <> 2
BEGIN
    INSERT INTO lanes (job_id, queue_id, head_rank) VALUES (new.job_id, new.queue_id, new.rank)
    ON CONFLICT (job_id, queue_id) DO UPDATE SET head_rank = excluded.head_rank
    WHERE head_rank IS NULL OR head_rank > excluded.head_rank;
END;

CREATE TRIGGER runs_wait_no_more AFTER UPDATE OF status ON runs
WHEN old.status = 2 AND new.status <> 2
BEGIN
    UPDATE lanes
    SET head_rank = (SELECT min(rank) FROM runs INDEXED BY runs_waiting
                     WHERE status = 2 AND job_id = old.job_id AND queue_id = old.queue_id)
    WHERE job_id = old.job_id AND queue_id = old.queue_id AND head_rank >= old.rank;
END;

-- The last run of a job is the one that ended last, among those that had an attempt. Successes lengthen a streak of
-- successes, failures one of failures; a cancelled run says nothing about the job.
CREATE TRIGGER runs_end AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10 AND new.attempt > 0
BEGIN
    UPDATE job_state
    SET last_run_id = new.id, last_status = new.status, last_started_at = new.started_at,
        last_finished_at = new.finished_at,
        last_success_at = CASE WHEN new.status = 10 THEN new.finished_at ELSE last_success_at END,
        streak = CASE WHEN new.status = 10 THEN max(streak, 0) + 1
                      WHEN new.status IN (11, 12, 16) THEN min(streak, 0) - 1
                      ELSE streak END
    WHERE job_id = new.job_id;
END;

-- A dead slot of a schedule is outlived by a later success of the schedule.
CREATE TRIGGER runs_outlive_dead_letters AFTER UPDATE OF status ON runs
WHEN new.status = 10 AND new.origin IN (1, 2)
BEGIN
    UPDATE runs SET dead_letter = 0
    WHERE dead_letter = 1 AND job_id = new.job_id AND id < new.id AND origin IN (1, 2);
END;

CREATE TRIGGER runs_deleted AFTER DELETE ON runs
BEGIN
    UPDATE status_counts SET runs = runs - 1 WHERE status = old.status;
    UPDATE job_state SET queued = queued - (old.status = 2), running = running - (old.status = 3)
    WHERE job_id = old.job_id AND old.status IN (2, 3);
    UPDATE lanes
    SET head_rank = (SELECT min(rank) FROM runs INDEXED BY runs_waiting
                     WHERE status = 2 AND job_id = old.job_id AND queue_id = old.queue_id)
    WHERE old.status = 2 AND job_id = old.job_id AND queue_id = old.queue_id;
END;

-- In the order of jobctl.domain.run.Run.
CREATE VIEW run_rows AS
SELECT runs.id, jobs.name AS job, runs.status, runs.origin, runs.reason, runs.slot, runs.created_at, runs.due_at,
       runs.started_at, runs.finished_at, runs.exit_code, runs.signal, runs.attempt, runs.max_attempts,
       runs.priority, queues.name AS queue, runs.params, runs.key, runs.result, runs.progress, runs.message,
       runs.parent_id, runs.cpu_seconds, runs.max_rss_bytes, runs.log_bytes, runs.dead_letter, runs.keep,
       runs.cancel_signal
FROM runs LEFT JOIN jobs ON jobs.id = runs.job_id LEFT JOIN queues ON queues.id = runs.queue_id;

-- In the order of jobctl.store.records.JobRow.
CREATE VIEW job_rows AS
SELECT jobs.name, jobs.description, jobs.job_group, jobs.tags,
       jobs.enabled AND job_state.disabled_at IS NULL AS enabled, job_state.disabled_by, job_state.disabled_reason,
       job_state.disabled_until, jobs.schedule, jobs.timezone, job_state.next_at, job_state.running,
       job_state.queued, job_state.last_run_id, job_state.last_status, job_state.last_started_at,
       job_state.last_finished_at, job_state.streak, jobs.command, jobs.queue, jobs.priority, jobs.file, jobs.line
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1;

CREATE TABLE pauses (
    queue TEXT PRIMARY KEY, -- empty: everything
    since INTEGER NOT NULL,
    until INTEGER,
    paused_by TEXT NOT NULL,
    reason TEXT
) STRICT, WITHOUT ROWID;

-- One row: what the daemon last said of itself, and the counters that outlive it.
CREATE TABLE service (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pid INTEGER,
    version TEXT,
    started_at INTEGER,
    config TEXT,
    reloaded_at INTEGER,
    boot_id TEXT,
    clock_epoch INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0,
    beat_at INTEGER
) STRICT;
INSERT INTO service (id) VALUES (1);

CREATE TABLE reloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    requested_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    done_at INTEGER,
    error TEXT
) STRICT;
CREATE INDEX reloads_open ON reloads (id) WHERE done_at IS NULL;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    job TEXT,
    run_id INTEGER,
    detail TEXT
) STRICT;
CREATE INDEX events_by_job ON events (job, id) WHERE job IS NOT NULL;
