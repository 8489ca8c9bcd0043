-- How late runs started, as a histogram like that of durations; nothing for runs that were counted before.
ALTER TABLE tallies ADD COLUMN waits TEXT NOT NULL DEFAULT '';

-- Days that are too old to be told apart, as one sum of each job: what counts everything never falls.
CREATE TABLE past_tallies (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
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
    durations TEXT NOT NULL,
    waits TEXT NOT NULL
) STRICT;
