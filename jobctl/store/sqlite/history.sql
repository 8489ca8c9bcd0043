-- Ids of runs for a history, newest first. One way in for each index that can lead, the same conditions for all.
-- Parameters: :low and :high bound the ids, :since and :until the making, :statuses, :origins and :jobs are JSON
-- lists of numbers or NULL. Each status and job that leads is named by :status and :job.

-- name: all
SELECT id FROM runs
WHERE id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- name: of_job
SELECT id FROM runs INDEXED BY runs_by_job
WHERE job_id = :job AND id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
ORDER BY id DESC LIMIT :limit;

-- name: ended_otherwise
SELECT id FROM runs INDEXED BY runs_ended_otherwise
WHERE status > 10 AND status = :status AND id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- name: busy
SELECT id FROM runs INDEXED BY runs_busy
WHERE status IN (3, 4) AND status = :status AND id >= :low AND id < :high
  AND created_at >= :since AND created_at < :until
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- name: queued
SELECT id FROM runs INDEXED BY runs_waiting
WHERE status = 2 AND :status = 2 AND id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- name: scheduled
SELECT id FROM runs INDEXED BY runs_to_release
WHERE status IN (1, 4) AND status = :status AND id >= :low AND id < :high
  AND created_at >= :since AND created_at < :until
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- name: dead
SELECT id FROM runs INDEXED BY runs_dead
WHERE dead_letter = 1 AND id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
ORDER BY id DESC LIMIT :limit;

-- For followers: few rows, and the id leads whatever else is asked.
-- name: following
SELECT id FROM runs NOT INDEXED
WHERE id >= :low AND id < :high AND created_at >= :since AND created_at < :until
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))
  AND (:jobs IS NULL OR job_id IN (SELECT value FROM json_each(:jobs)))
  AND (:dead = 0 OR dead_letter = 1)
ORDER BY id LIMIT :limit;
