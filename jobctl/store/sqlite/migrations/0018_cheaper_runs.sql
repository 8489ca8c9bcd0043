-- What each run passes, made cheaper.

-- How often the daemon died while starting a run is asked before each start: with the run, no statement of its own.
DROP VIEW run_rows;
-- In the order of jobctl.domain.run.Run.
CREATE VIEW run_rows AS
SELECT runs.id, jobs.name AS job, runs.status, runs.origin,
       coalesce(runs.reason || '; ' || runs.made_reason, runs.reason, runs.made_reason) AS reason,
       runs.slot, runs.created_at, runs.due_at,
       runs.started_at, runs.finished_at, runs.exit_code, runs.signal, runs.attempt, runs.max_attempts,
       runs.priority, queues.name AS queue, runs.params, runs.key, runs.result, runs.progress, runs.message,
       runs.parent_id, runs.cpu_seconds, runs.max_rss_bytes, runs.log_bytes, runs.dead_letter, runs.keep,
       runs.cancel_signal, runs.read_bytes, runs.written_bytes, runs.blamed
FROM runs LEFT JOIN jobs ON jobs.id = runs.job_id LEFT JOIN queues ON queues.id = runs.queue_id;

-- Two counts by their keys: for `status IN (…)` of two values that it does not know yet SQLite builds a table each time,
-- which took a tenth of what a run costs the store.
DROP TRIGGER runs_moved;
CREATE TRIGGER runs_moved AFTER UPDATE OF status ON runs
WHEN old.status <> new.status
BEGIN
    UPDATE status_counts SET runs = runs - 1 WHERE status = old.status;
    UPDATE status_counts SET runs = runs + 1 WHERE status = new.status;
    UPDATE job_state
    SET queued = queued + (new.status = 2) - (old.status = 2), running = running + (new.status = 3) - (old.status = 3)
    WHERE job_id = new.job_id AND (new.status IN (2, 3) OR old.status IN (2, 3));
END;

-- While another run of the lane waits that is no later, its head stays as it is: of runs that were enqueued together
-- nearly every one.
DROP TRIGGER runs_wait_no_more;
CREATE TRIGGER runs_wait_no_more AFTER UPDATE OF status ON runs
WHEN old.status = 2 AND new.status <> 2
     AND NOT EXISTS (SELECT 1 FROM runs INDEXED BY runs_waiting
                     WHERE status = 2 AND job_id = old.job_id AND queue_id = old.queue_id AND rank <= old.rank)
BEGIN
    UPDATE lanes
    SET head_rank = (SELECT min(rank) FROM runs INDEXED BY runs_waiting
                     WHERE status = 2 AND job_id = old.job_id AND queue_id = old.queue_id)
    WHERE job_id = old.job_id AND queue_id = old.queue_id AND head_rank >= old.rank;
END;
