-- Runs that ended and are not part of the tallies yet, in the order of their ends. A run that is retried after its end
-- comes here again.
CREATE TABLE run_ends (
    number INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL
) STRICT;
INSERT INTO run_ends (run_id) SELECT id FROM runs WHERE status >= 10 ORDER BY id;

CREATE TRIGGER runs_end_for_the_tallies AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10
BEGIN
    INSERT INTO run_ends (run_id) VALUES (new.id);
END;

CREATE TRIGGER runs_made_ended AFTER INSERT ON runs
WHEN new.status >= 10
BEGIN
    INSERT INTO run_ends (run_id) VALUES (new.id);
END;

-- What the runs of a job that ended within one hour or one day (UTC) amount to, see jobctl.domain.tally. They outlive
-- the runs themselves, and a million runs are told from a few hundred rows.
CREATE TABLE tallies (
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    span INTEGER NOT NULL CHECK (span IN (3600000, 86400000)), -- milliseconds
    start INTEGER NOT NULL CHECK (start % span = 0),
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    timed_out INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    started INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    max_wait_ms INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    max_duration_ms INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL,
    max_rss_bytes INTEGER NOT NULL,
    durations TEXT NOT NULL, -- histogram: bucket:runs, separated by spaces
    PRIMARY KEY (job_id, span, start)
) STRICT, WITHOUT ROWID;
