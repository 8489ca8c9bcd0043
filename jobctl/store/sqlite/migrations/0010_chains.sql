-- Chains (jobctl.domain.chain): which jobs come after which, ends that nobody has followed yet, what joins wait with,
-- and what each run was started by.

-- As the definitions say, so that the end of a run knows whether anybody waits for it.
CREATE TABLE chain_links (
    parent_id INTEGER NOT NULL REFERENCES jobs (id),
    child_id INTEGER NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (parent_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chain_links_by_child ON chain_links (child_id);

-- Written with the end itself, so that no way of ending a run can forget it, and gone with the commit that holds what
-- it starts. The result is kept as it was: a run that is retried by hand loses it.
CREATE TABLE chain_ends (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    status INTEGER NOT NULL CHECK (status IN (10, 11, 12, 13, 16)),
    finished_at INTEGER NOT NULL,
    result TEXT
) STRICT;

-- The newest end of a parent that has not started this child, where it may have to wait for the ends of others.
CREATE TABLE chain_arrivals (
    child_id INTEGER NOT NULL REFERENCES jobs (id),
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    status INTEGER NOT NULL CHECK (status IN (10, 11, 12, 13, 16)),
    finished_at INTEGER NOT NULL,
    result TEXT,
    PRIMARY KEY (child_id, job_id)
) STRICT;

-- The ends that started a run; place 0 is the one that came last. Kept when the parent is deleted: a retry of the
-- child finds the same environment.
CREATE TABLE run_parents (
    child_run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    child_id INTEGER NOT NULL REFERENCES jobs (id),
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    status INTEGER NOT NULL CHECK (status IN (10, 11, 12, 13, 16)),
    finished_at INTEGER NOT NULL,
    result TEXT,
    PRIMARY KEY (child_run_id, place)
) STRICT;
-- An end starts at most one run of a job, whoever concludes what how often.
CREATE UNIQUE INDEX run_parents_once ON run_parents (run_id, attempt, child_id);

CREATE TRIGGER runs_end_before_others AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10 AND new.attempt > 0
     AND EXISTS (SELECT 1 FROM chain_links WHERE parent_id = new.job_id)
BEGIN
    INSERT INTO chain_ends (job_id, run_id, attempt, status, finished_at, result)
    VALUES (new.job_id, new.id, new.attempt, new.status, new.finished_at, new.result);
END;

-- Definitions with chains are read from their files again, which writes their links.
UPDATE jobs SET hash = ''
WHERE defined = 1 AND version_id IN (
    SELECT id FROM job_versions
    WHERE definition LIKE '%"after":["%' OR definition LIKE '%"after_failure":["%' OR definition LIKE '%"after_any":["%'
);
DELETE FROM files WHERE EXISTS (SELECT 1 FROM jobs WHERE defined = 1 AND hash = '');
