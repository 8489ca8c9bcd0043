-- What retention needs to know without looking at a million runs: how many ended runs a job has, how many bytes all
-- logs have together, and which logs are left of runs that are gone.

-- Without those that were made to be kept.
ALTER TABLE job_state ADD COLUMN ended INTEGER NOT NULL DEFAULT 0 CHECK (ended >= 0);
UPDATE job_state
SET ended = (SELECT count(*) FROM runs WHERE runs.job_id = job_state.job_id AND runs.status >= 10 AND runs.keep = 0);

-- What is left of a log on the disk: a job may have written more than its max_log_size, whose middle was cut out.
ALTER TABLE attempts ADD COLUMN log_kept INTEGER NOT NULL DEFAULT 0 CHECK (log_kept >= 0);
UPDATE attempts
SET log_kept = min(log_bytes, coalesce(
    (SELECT json_extract(definition, '$.max_log_size') FROM job_versions
     WHERE id = attempts.version_id AND json_valid(definition)), log_bytes))
WHERE log_bytes > 0;

CREATE TABLE kept_logs (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO kept_logs (id, bytes) SELECT 1, coalesce(sum(log_kept), 0) FROM attempts;

-- The logs of attempts whose rows are gone. Written with the commit that takes the rows, so that a process that dies
-- before it has removed the files leaves word of them.
CREATE TABLE litter (
    run_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- No max_log_size is below 1000 bytes: most attempts end without a look at their definition.
CREATE TRIGGER attempts_leave_logs AFTER UPDATE OF state ON attempts
WHEN new.state = 4 AND old.state <> 4 AND new.log_bytes > 0
BEGIN
    UPDATE attempts
    SET log_kept = min(log_bytes, coalesce(
        (SELECT json_extract(definition, '$.max_log_size') FROM job_versions
         WHERE new.log_bytes > 1000 AND id = new.version_id AND json_valid(definition)), log_bytes))
    WHERE run_id = new.run_id AND number = new.number;
END;

CREATE TRIGGER attempts_keep_logs AFTER UPDATE OF log_kept ON attempts
BEGIN
    UPDATE kept_logs SET bytes = bytes + new.log_kept - old.log_kept;
END;

-- A withdrawn attempt has not ended; its number is given again, and so is its log.
CREATE TRIGGER attempts_leave_litter AFTER DELETE ON attempts
WHEN old.state = 4
BEGIN
    INSERT OR IGNORE INTO litter (run_id, number) VALUES (old.run_id, old.number);
    UPDATE kept_logs SET bytes = bytes - old.log_kept WHERE old.log_kept > 0;
END;

CREATE TRIGGER runs_counted_when_made_ended AFTER INSERT ON runs
WHEN new.status >= 10 AND new.keep = 0
BEGIN
    UPDATE job_state SET ended = ended + 1 WHERE job_id = new.job_id;
END;

CREATE TRIGGER runs_counted_by_end AFTER UPDATE OF status, keep ON runs
WHEN (new.status >= 10 AND new.keep = 0) <> (old.status >= 10 AND old.keep = 0)
BEGIN
    UPDATE job_state SET ended = ended + CASE WHEN new.status >= 10 AND new.keep = 0 THEN 1 ELSE -1 END
    WHERE job_id = new.job_id;
END;

CREATE TRIGGER runs_uncounted AFTER DELETE ON runs
WHEN old.status >= 10 AND old.keep = 0
BEGIN
    UPDATE job_state SET ended = ended - 1 WHERE job_id = old.job_id;
END;
