-- A run that is retried by hand has attempts of before: which was the first since then says how often it was tried anew
-- by itself, and whether `due_at` is still that of its first start.
DROP VIEW run_rows;
-- In the order of jobctl.domain.run.Run.
CREATE VIEW run_rows AS
SELECT runs.id, jobs.name AS job, runs.status, runs.origin,
       coalesce(runs.reason || '; ' || runs.made_reason, runs.reason, runs.made_reason) AS reason,
       runs.slot, runs.created_at, runs.due_at,
       runs.started_at, runs.finished_at, runs.exit_code, runs.signal, runs.attempt, runs.max_attempts,
       runs.priority, queues.name AS queue, runs.params, runs.key, runs.result, runs.progress, runs.message,
       runs.parent_id, runs.cpu_seconds, runs.max_rss_bytes, runs.log_bytes, runs.dead_letter, runs.keep,
       runs.cancel_signal, runs.read_bytes, runs.written_bytes, runs.blamed, runs.first_attempt
FROM runs LEFT JOIN jobs ON jobs.id = runs.job_id LEFT JOIN queues ON queues.id = runs.queue_id;
