-- Ended runs that have been kept long enough, found by walking the history from its beginning, page by page.

-- In the order of the table, which is that of the runs' making: what goes together lies together, so that a slice of
-- deletions rewrites few pages. The last field says that the run stays whatever its age: it has not ended, was made
-- to be kept, or is what a listing shows as the last run of its job.
-- name: page
SELECT runs.id, jobs.name, runs.status, runs.finished_at,
       CASE WHEN runs.attempt > 0 AND runs.log_bytes > 0
            THEN (SELECT sum(log_kept) FROM attempts WHERE run_id = runs.id) ELSE 0 END,
       runs.finished_at IS NULL OR runs.keep OR (jobs.defined AND runs.id IS job_state.last_run_id)
FROM runs NOT INDEXED
CROSS JOIN jobs ON jobs.id = runs.job_id CROSS JOIN job_state ON job_state.job_id = runs.job_id
WHERE runs.id > ? ORDER BY runs.id LIMIT ?;

-- name: page_of_job
SELECT runs.id, jobs.name, runs.status, runs.finished_at,
       CASE WHEN runs.attempt > 0 AND runs.log_bytes > 0
            THEN (SELECT sum(log_kept) FROM attempts WHERE run_id = runs.id) ELSE 0 END,
       runs.finished_at IS NULL OR runs.keep OR (jobs.defined AND runs.id IS job_state.last_run_id)
FROM jobs CROSS JOIN job_state ON job_state.job_id = jobs.id
CROSS JOIN runs INDEXED BY runs_by_job ON runs.job_id = jobs.id
WHERE jobs.name = ? AND runs.id > ? ORDER BY runs.id LIMIT ?;

-- name: crowded
SELECT jobs.name, job_state.ended FROM job_state JOIN jobs ON jobs.id = job_state.job_id
WHERE job_state.ended > ? ORDER BY jobs.name;

-- name: log_bytes
SELECT bytes FROM kept_logs;

-- What was read may have changed: a run that was retried since stays, also if it has ended again.
-- name: forget
DELETE FROM runs
WHERE id IN (SELECT value FROM json_each(?1)) AND status >= 10 AND keep = 0 AND finished_at <= ?2
  AND NOT EXISTS (SELECT 1 FROM job_state JOIN jobs ON jobs.id = job_state.job_id
                  WHERE job_state.job_id = runs.job_id AND job_state.last_run_id = runs.id AND jobs.defined = 1)
RETURNING id;

-- name: litter
SELECT run_id, number FROM litter ORDER BY run_id, number LIMIT ?;

-- name: cleared
DELETE FROM litter WHERE run_id = ? AND number = ?;
