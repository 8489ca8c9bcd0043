-- Runs. Statuses are literal numbers where a partial index is to serve: SQLite only sees the match in the text.

-- name: queue_number
SELECT id FROM queues WHERE name = ?;

-- name: make_queue
INSERT INTO queues (name) VALUES (?) RETURNING id;

-- The largest id taken in a range, so that a block of new ids is known to be free before it is used.
-- name: last_taken
SELECT max(id) FROM runs WHERE id >= ? AND id < ?;

-- The conflict is that of the slot or the key: ids are free, see last_taken. Of a run that has its life before it the
-- reason says why it was made. Empty text is bound for nothing.
-- name: add
INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, slot, clock_epoch, created_at, due_at,
                  start_by, finished_at, max_attempts, keep, parent_id, key, reason, made_reason, params,
                  own_budget)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, ''), CASE WHEN ?8 <> '' THEN (SELECT clock_epoch FROM service) END,
        ?9, ?10, nullif(?11, ''), CASE WHEN ?4 >= 10 THEN ?9 END, ?12, ?13, nullif(?14, ''), nullif(?15, ''),
        CASE WHEN ?4 >= 10 THEN nullif(?16, '') END, CASE WHEN ?4 < 10 THEN nullif(?16, '') END, nullif(?17, ''), ?18)
ON CONFLICT DO NOTHING;

-- name: find_by_slot
SELECT id FROM runs
WHERE job_id = ? AND slot IS NOT NULL AND slot = ? AND clock_epoch = (SELECT clock_epoch FROM service);

-- name: answering
SELECT id FROM runs WHERE job_id = ? AND slot IS NOT NULL AND slot >= ? ORDER BY slot, clock_epoch DESC LIMIT 1;

-- name: find_by_key
SELECT id FROM runs WHERE job_id = ? AND key IS NOT NULL AND key = ?;

-- name: get
SELECT id, job, status, origin, reason, slot, created_at, due_at, started_at, finished_at, exit_code, signal, attempt,
       max_attempts, priority, queue, params, key, result, progress, message, parent_id, cpu_seconds, max_rss_bytes,
       log_bytes, dead_letter, keep, cancel_signal, read_bytes, written_bytes, blamed, first_attempt
FROM run_rows WHERE id = ?;

-- name: find
SELECT id, job, status, origin, reason, slot, created_at, due_at, started_at, finished_at, exit_code, signal, attempt,
       max_attempts, priority, queue, params, key, result, progress, message, parent_id, cpu_seconds, max_rss_bytes,
       log_bytes, dead_letter, keep, cancel_signal, read_bytes, written_bytes, blamed, first_attempt
FROM run_rows WHERE id >= ? AND id < ? ORDER BY id LIMIT ?;

-- name: counts
SELECT status, runs FROM status_counts;

-- name: queue_loads
SELECT queues.name, sum(load.waiting), sum(load.running)
FROM (SELECT queue_id, count(*) AS waiting, 0 AS running FROM runs INDEXED BY runs_waiting
      WHERE status = 2 GROUP BY job_id, queue_id
      UNION ALL
      SELECT queue_id, 0, 1 FROM runs INDEXED BY runs_busy WHERE status IN (3, 4) AND status = 3) AS load
JOIN queues ON queues.id = load.queue_id
GROUP BY queues.name ORDER BY queues.name;

-- The head of each lane and no other run: an index orders them by rank and not by time.
-- name: waiting_since
SELECT queues.name, min((
    SELECT due_at FROM runs INDEXED BY runs_waiting
    WHERE status = 2 AND job_id = lanes.job_id AND queue_id = lanes.queue_id ORDER BY rank, id LIMIT 1))
FROM lanes JOIN queues ON queues.id = lanes.queue_id
WHERE lanes.head_rank IS NOT NULL
GROUP BY queues.name;

-- name: dead_letters
SELECT count(*) FROM runs INDEXED BY runs_dead WHERE dead_letter = 1;

-- name: dead_letters_of
SELECT count(*) FROM runs INDEXED BY runs_dead WHERE dead_letter = 1 AND job_id = ?;

-- The index alone, a step for each dead letter; the newest of a job is at the end of its stretch.
-- name: failing
SELECT (SELECT id FROM runs INDEXED BY runs_dead
        WHERE dead_letter = 1 AND job_id = dead.job_id ORDER BY finished_at DESC, id DESC LIMIT 1), dead.letters
FROM (SELECT job_id, count(*) AS letters, max(finished_at) AS last_at
      FROM runs INDEXED BY runs_dead WHERE dead_letter = 1 GROUP BY job_id) AS dead
ORDER BY dead.last_at DESC, 1 DESC;

-- name: failed_last
SELECT id FROM runs INDEXED BY runs_failed WHERE (status IN (11, 12) OR status = 16) AND finished_at > 0
ORDER BY finished_at DESC, id DESC LIMIT ?;

-- Each part takes the first rows of an index and stops: a hundred thousand that wait cost no more than a hundred.
-- name: to_name
SELECT id FROM (SELECT id FROM runs WHERE id > 0 ORDER BY id DESC LIMIT :limit)
UNION SELECT id FROM (SELECT id FROM runs INDEXED BY runs_busy WHERE status IN (3, 4) AND status = 3 LIMIT :limit)
UNION SELECT id FROM (
    SELECT id FROM runs INDEXED BY runs_to_release WHERE status IN (1, 4) ORDER BY due_at LIMIT :limit
)
UNION SELECT id FROM (SELECT id FROM runs INDEXED BY runs_waiting WHERE status = 2 LIMIT :limit)
UNION SELECT id FROM (SELECT id FROM runs INDEXED BY runs_dead WHERE dead_letter = 1 LIMIT :limit)
UNION SELECT id FROM (
    SELECT id FROM runs INDEXED BY runs_failed WHERE (status IN (11, 12) OR status = 16) AND finished_at > 0
    ORDER BY finished_at DESC LIMIT :limit
)
ORDER BY id DESC;

-- name: release_due
UPDATE runs SET status = 2
WHERE id IN (SELECT id FROM runs WHERE status IN (1, 4) AND due_at <= ? ORDER BY due_at, id LIMIT ?);

-- name: next_release_at
SELECT min(due_at) FROM runs WHERE status IN (1, 4);

-- name: releases
SELECT id FROM runs WHERE status IN (1, 4) ORDER BY due_at, id LIMIT ?;

-- name: overdue
SELECT id, start_by FROM runs
WHERE start_by IS NOT NULL AND status = 2 AND attempt = 0 AND start_by < ? ORDER BY start_by LIMIT ?;

-- name: next_deadline
SELECT min(at) FROM (
    SELECT min(due_at) AS at FROM runs WHERE status IN (1, 4)
    UNION ALL
    SELECT min(start_by) FROM runs WHERE start_by IS NOT NULL AND status = 2 AND attempt = 0
);

-- From one queue to the next within the index: it costs a step for each queue in which something waits.
-- name: queue_heads
WITH RECURSIVE waiting (queue_id) AS (
    SELECT min(queue_id) FROM lanes WHERE head_rank IS NOT NULL
    UNION ALL
    SELECT (SELECT min(queue_id) FROM lanes WHERE head_rank IS NOT NULL AND queue_id > waiting.queue_id)
    FROM waiting WHERE waiting.queue_id IS NOT NULL
)
SELECT (SELECT min(head_rank) FROM lanes WHERE head_rank IS NOT NULL AND queue_id = waiting.queue_id), queue_id
FROM waiting WHERE queue_id IS NOT NULL ORDER BY 1;

-- name: lanes
SELECT head_rank, job_id, queue_id FROM lanes WHERE head_rank IS NOT NULL AND queue_id = ? ORDER BY head_rank;

-- name: waiting_in_lane
SELECT rank, id FROM runs INDEXED BY runs_waiting
WHERE status = 2 AND job_id = ? AND queue_id = ? AND rank <= ? ORDER BY rank, id LIMIT ?;

-- name: waiting_aside
SELECT id FROM runs INDEXED BY runs_waiting
WHERE status = 2 AND job_id = ? AND (origin = 3 OR due_at <= ?) ORDER BY rank, id LIMIT ?;

-- name: active
SELECT id FROM runs INDEXED BY runs_waiting WHERE status = 2 AND job_id = ?1
UNION ALL
SELECT id FROM runs INDEXED BY runs_busy WHERE status IN (3, 4) AND job_id = ?1;

-- name: move
UPDATE runs SET status = ?1, reason = ?2, finished_at = ?3, dead_letter = 0 WHERE id = ?4 AND status = ?5;

-- An ended run waits anew: lateness counts from now, and a start deadline of long ago no longer does. The command of
-- an `exec` (origin 7) is not kept. Of retries that somebody gave the run itself it has as many again.
-- name: retry
UPDATE runs
SET status = 2, due_at = ?1, rank = ?1 - priority * ?2, start_by = NULL, first_attempt = attempt + 1,
    max_attempts = attempt + CASE WHEN own_budget = 1 THEN max_attempts - first_attempt + 1 ELSE ?3 END,
    started_at = NULL, finished_at = NULL, exit_code = NULL, signal = NULL,
    reason = NULL, dead_letter = 0, progress = NULL, message = NULL, result = NULL, blamed = 0,
    params = coalesce(?5, params)
WHERE id = ?4 AND status IN (11, 12, 13, 16) AND origin <> 7;

-- name: rebase
UPDATE runs SET due_at = ?1, rank = ?1 - priority * ?2 WHERE status IN (1, 4) AND status = 4 AND due_at > ?1;

-- name: dismiss
UPDATE runs SET dead_letter = 0 WHERE id = ? AND dead_letter = 1;

-- name: delete
DELETE FROM runs WHERE id = ? AND status >= 10;

-- name: status_of
SELECT runs.status, jobs.name FROM runs JOIN jobs ON jobs.id = runs.job_id WHERE runs.id = ?;

-- name: ask_to_stop
UPDATE runs SET cancel_signal = ?, cancel_reason = ? WHERE id = ? AND status = 3;

-- name: cancel_requests
SELECT runs.id, runs.attempt, attempts.keeper, runs.cancel_signal
FROM runs INDEXED BY runs_to_stop
JOIN attempts ON attempts.run_id = runs.id AND attempts.number = runs.attempt
WHERE runs.cancel_signal IS NOT NULL
ORDER BY runs.id;
