-- Heartbeats (jobctl.domain.heartbeat): the jobs that have one, and pings that are still to be sent. Addresses are
-- secrets and not in here.

-- job_id 0: the daemon's own. failing_since: since when the address takes no pings, and what was said last.
CREATE TABLE heartbeats (
    job_id INTEGER PRIMARY KEY,
    failing_since INTEGER,
    error TEXT,
    CHECK ((failing_since IS NULL) = (error IS NULL))
) STRICT;

CREATE TABLE pings (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    status INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    CHECK ((kind = 2) = (status IS NOT NULL))
) STRICT;
CREATE INDEX pings_by_run ON pings (run_id);

-- By triggers, so that no way of starting or ending a run can forget them; a job without a heartbeat costs a look.
CREATE TRIGGER attempts_begin_is_told AFTER INSERT ON attempts
WHEN EXISTS (SELECT 1 FROM heartbeats WHERE job_id = (SELECT job_id FROM runs WHERE id = new.run_id))
BEGIN
    INSERT INTO pings (job_id, run_id, attempt, kind, made_at, due_at)
    SELECT job_id, id, new.number, 1, new.started_at, new.started_at FROM runs WHERE id = new.run_id;
END;

-- What never began is no start.
CREATE TRIGGER attempts_withdrawn_is_not_told AFTER DELETE ON attempts WHEN old.state <> 4
BEGIN
    DELETE FROM pings WHERE run_id = old.run_id AND attempt = old.number AND kind = 1;
END;

CREATE TRIGGER runs_end_is_told AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10 AND new.attempt > 0
     AND EXISTS (SELECT 1 FROM heartbeats WHERE job_id = new.job_id)
BEGIN
    INSERT INTO pings (job_id, run_id, attempt, kind, status, exit_code, signal, made_at, due_at)
    VALUES (new.job_id, new.id, new.attempt, 2, new.status, new.exit_code, new.signal, new.finished_at,
            new.finished_at);
END;

-- Addresses stood in the definitions; they are read from their files again, which says who has a heartbeat.
UPDATE job_versions SET definition = json_set(definition, '$.heartbeat', '***')
WHERE json_extract(definition, '$.heartbeat') IS NOT NULL;
UPDATE jobs SET hash = ''
WHERE defined = 1 AND version_id IN (SELECT id FROM job_versions WHERE definition LIKE '%"heartbeat":"***"%');
DELETE FROM files WHERE EXISTS (SELECT 1 FROM jobs WHERE defined = 1 AND hash = '');

-- A new kind of alert, addresses that take no pings: the table is made anew, since a CHECK cannot be changed, with
-- room for more. Its notices are put aside meanwhile, or they would go with their alerts.
CREATE TABLE outbox_aside AS SELECT * FROM outbox;
DROP TABLE outbox;
CREATE TABLE alerts_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- people write it down: a number is never used twice
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7 OR kind BETWEEN 10 AND 15 OR kind BETWEEN 20 AND 22),
    job TEXT,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    opened_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    message TEXT NOT NULL,
    run_id INTEGER, -- no reference: an alert outlives its runs
    told_at INTEGER NOT NULL,
    closed_at INTEGER,
    acknowledged_by TEXT,
    CHECK ((state = 4) = (closed_at IS NOT NULL))
) STRICT;
INSERT INTO alerts_anew SELECT * FROM alerts;
INSERT INTO sqlite_sequence (name, seq)
SELECT 'alerts_anew', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'alerts_anew');
UPDATE sqlite_sequence
SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'alerts'), 0) WHERE name = 'alerts_anew';
DROP TABLE alerts;
ALTER TABLE alerts_anew RENAME TO alerts;
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE state < 4;
CREATE INDEX alerts_open_by_job ON alerts (job) WHERE state < 4 AND job IS NOT NULL;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    telling INTEGER NOT NULL CHECK (telling BETWEEN 1 AND 3),
    message TEXT NOT NULL, -- the alert's at that moment
    run_id INTEGER,
    made_at INTEGER NOT NULL,
    channel TEXT, -- NULL: a daemon will know where it goes
    state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 4),
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER,
    error TEXT,
    CHECK ((state = 1) = (done_at IS NULL))
) STRICT;
INSERT INTO outbox SELECT * FROM outbox_aside;
DROP TABLE outbox_aside;
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE state = 1;
CREATE INDEX outbox_sent ON outbox (channel, done_at) WHERE state = 2;
CREATE INDEX outbox_by_alert ON outbox (alert_id);
