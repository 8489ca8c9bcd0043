-- How many starts of a job in a row were missed since a run of it last began, and when the first of them was due
-- (milliseconds). Counted where they are missed, since one row may stand for many of them and rows are pruned; set back
-- by statements that write the row of the job anyway, so that a run costs no more. A start that may still be withdrawn
-- makes the count negative: withdrawn it is positive again, and what began for good makes it 0. Other runs of the job
-- that go on meanwhile, or end, count for that only if they have begun since the first of these starts was due.
ALTER TABLE job_state ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_state ADD COLUMN missed_since INTEGER;

DROP TRIGGER runs_moved;
CREATE TRIGGER runs_moved AFTER UPDATE OF status ON runs
WHEN old.status <> new.status
BEGIN
    SELECT raise(ABORT, 'this move of a run is not in the table of moves')
    WHERE NOT EXISTS (SELECT 1 FROM moves WHERE source = old.status AND target = new.status);
    UPDATE status_counts SET runs = runs - 1 WHERE status = old.status;
    UPDATE status_counts SET runs = runs + 1 WHERE status = new.status;
    UPDATE job_state
    SET queued = queued + (new.status = 2) - (old.status = 2), running = running + (new.status = 3) - (old.status = 3),
        ended = ended + (new.status >= 10 AND new.keep = 0) - (old.status >= 10 AND old.keep = 0),
        missed = CASE WHEN new.status = 3 THEN -abs(missed)
                      WHEN old.status <> 3 OR missed >= 0 THEN missed
                      WHEN new.status = 4 THEN CASE WHEN new.started_at < missed_since THEN missed ELSE 0 END
                      WHEN EXISTS (SELECT 1 FROM runs INDEXED BY runs_busy
                                   WHERE status IN (3, 4) AND status = 3 AND job_id = new.job_id
                                     AND started_at >= missed_since) THEN missed
                      ELSE -missed END
    WHERE job_id = new.job_id AND (new.status < 10 OR new.attempt = 0);
END;

DROP TRIGGER runs_end;
CREATE TRIGGER runs_end AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10
BEGIN
    INSERT INTO run_ends (run_id) VALUES (new.id);
    UPDATE job_state
    SET queued = queued - (old.status = 2), running = running - (old.status = 3), ended = ended + (new.keep = 0),
        last_run_id = new.id, last_status = new.status, last_started_at = new.started_at,
        last_finished_at = new.finished_at,
        last_success_at = CASE WHEN new.status = 10 THEN new.finished_at ELSE last_success_at END,
        streak = CASE WHEN new.status = 10 THEN max(streak, 0) + 1
                      WHEN new.status IN (11, 12) OR new.status = 16 THEN min(streak, 0) - 1
                      ELSE streak END,
        missed = CASE WHEN missed < 0 AND new.started_at < missed_since THEN missed ELSE max(missed, 0) END
    WHERE job_id = new.job_id AND new.attempt > 0;
END;

-- In the order of jobctl.store.records.JobRow. Who has ordered that a job does not start is not told that it does not.
DROP VIEW job_rows;
CREATE VIEW job_rows AS
SELECT jobs.name, jobs.description, jobs.job_group, jobs.tags,
       jobs.enabled AND job_state.disabled_at IS NULL AS enabled, job_state.disabled_by, job_state.disabled_reason,
       job_state.disabled_until, jobs.schedule, jobs.timezone, job_state.next_at, job_state.running,
       job_state.queued, job_state.last_run_id, job_state.last_status, job_state.last_started_at,
       job_state.last_finished_at, job_state.streak, jobs.command, jobs.queue, jobs.priority, jobs.file, jobs.line,
       max(job_state.missed, 0) * (jobs.enabled AND job_state.disabled_at IS NULL) AS missed,
       CASE WHEN job_state.missed > 0 AND jobs.enabled AND job_state.disabled_at IS NULL
            THEN job_state.missed_since END AS missed_since
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1;
