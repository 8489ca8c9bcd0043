-- Why a run was made is true whatever becomes of it ("stands for 5 slots …"), so it is kept beside the reason of its
-- present state, which changes with every attempt.
ALTER TABLE runs ADD COLUMN made_reason TEXT;

UPDATE runs SET made_reason = reason, reason = NULL
WHERE origin = 2 AND reason IS NOT NULL AND status IN (1, 2, 3) AND attempt <= 1;

DROP VIEW run_rows;
-- In the order of jobctl.domain.run.Run.
CREATE VIEW run_rows AS
SELECT runs.id, jobs.name AS job, runs.status, runs.origin,
       coalesce(runs.reason || '; ' || runs.made_reason, runs.reason, runs.made_reason) AS reason,
       runs.slot, runs.created_at, runs.due_at,
       runs.started_at, runs.finished_at, runs.exit_code, runs.signal, runs.attempt, runs.max_attempts,
       runs.priority, queues.name AS queue, runs.params, runs.key, runs.result, runs.progress, runs.message,
       runs.parent_id, runs.cpu_seconds, runs.max_rss_bytes, runs.log_bytes, runs.dead_letter, runs.keep,
       runs.cancel_signal
FROM runs LEFT JOIN jobs ON jobs.id = runs.job_id LEFT JOIN queues ON queues.id = runs.queue_id;
