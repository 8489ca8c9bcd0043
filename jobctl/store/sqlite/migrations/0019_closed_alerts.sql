-- An alert may be over without a recovery: what it was about is gone. Both tables are made anew as 0013 does it, since a
-- CHECK cannot be changed; the notices are put aside meanwhile, or they would go with their alerts.
CREATE TABLE outbox_aside AS SELECT * FROM outbox;
DROP TABLE outbox;
CREATE TABLE alerts_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- people write it down: a number is never used twice
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7 OR kind BETWEEN 10 AND 15 OR kind BETWEEN 20 AND 22),
    job TEXT,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    opened_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    message TEXT NOT NULL,
    run_id INTEGER, -- no reference: an alert outlives its runs
    told_at INTEGER NOT NULL,
    closed_at INTEGER,
    acknowledged_by TEXT,
    CHECK ((state >= 4) = (closed_at IS NOT NULL))
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
    telling INTEGER NOT NULL CHECK (telling BETWEEN 1 AND 4),
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
