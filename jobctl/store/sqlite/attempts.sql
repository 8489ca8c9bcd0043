-- Attempts: single executions of runs.

-- name: claim
UPDATE runs
SET status = 3, attempt = attempt + 1, started_at = coalesce(started_at, ?1), exit_code = NULL, signal = NULL,
    reason = NULL, progress = NULL, message = NULL, result = NULL
WHERE id = ?2 AND status = 2
RETURNING attempt, start_by;

-- name: begin
INSERT INTO attempts (run_id, number, state, token, keeper, started_at, version_id)
VALUES (?1, ?2, 1, ?3, ?4, ?5,
        (SELECT jobs.version_id FROM runs JOIN jobs ON jobs.id = runs.job_id WHERE runs.id = ?1 AND jobs.defined = 1));

-- A number is given again after a withdrawal, so every move of an attempt is fenced by its token.
-- name: started
UPDATE attempts SET state = CASE state WHEN 1 THEN 2 ELSE state END, pid = ?
WHERE run_id = ? AND number = ? AND state IN (1, 3) AND token = ?;

-- name: unsupervised
UPDATE attempts SET state = 3 WHERE run_id = ? AND number = ? AND state IN (1, 2) AND token = ?;

-- The token fences: only the end of this very attempt ends it.
-- name: end
UPDATE attempts
SET state = 4, status = ?, started_at = coalesce(?, started_at), finished_at = ?, exit_code = ?, signal = ?,
    error = ?, pid = coalesce(?, pid), cpu_seconds = ?, max_rss_bytes = ?, log_bytes = ?,
    read_bytes = ?, written_bytes = ?
WHERE run_id = ? AND number = ? AND state <> 4 AND token = ?;

-- A run that somebody cancelled in the meantime does not wait for another attempt: then nothing changes here. Who asked
-- it to stop is told of a run that stopped. An attempt that came to an end was survived by the daemon that started it:
-- what it was blamed for before is over. By number, not by name: SQLite tells names one by one, for each end anew.
-- ?1 status, ?2 reason, ?3 due_at, ?4 milliseconds of aging, ?5 started_at, ?6 finished_at, ?7 exit_code, ?8 signal,
-- ?9 cpu_seconds, ?10 max_rss_bytes, ?11 log_bytes, ?12 read_bytes, ?13 written_bytes, ?14 dead_letter, ?15 result,
-- ?16 progress, ?17 message, ?18 id, ?19 number
-- name: conclude
UPDATE runs
SET status = ?1,
    reason = coalesce(?2, CASE WHEN ?1 = 13 THEN coalesce(cancel_reason, reason, CASE WHEN cancel_signal IS NULL
                      THEN 'stopped without a request, as by a shutdown of the machine' END) END),
    due_at = coalesce(?3, due_at),
    rank = coalesce(?3 - priority * ?4, rank),
    started_at = CASE WHEN attempt = first_attempt THEN coalesce(?5, started_at) ELSE started_at END,
    finished_at = ?6,
    exit_code = ?7,
    signal = ?8,
    cpu_seconds = CASE WHEN ?9 IS NULL THEN cpu_seconds
                       ELSE coalesce(cpu_seconds, 0) + ?9 END,
    max_rss_bytes = CASE WHEN ?10 IS NULL THEN max_rss_bytes
                         ELSE max(coalesce(max_rss_bytes, 0), ?10) END,
    log_bytes = CASE WHEN ?11 IS NULL THEN log_bytes ELSE coalesce(log_bytes, 0) + ?11 END,
    read_bytes = CASE WHEN ?12 IS NULL THEN read_bytes ELSE coalesce(read_bytes, 0) + ?12 END,
    written_bytes = CASE WHEN ?13 IS NULL THEN written_bytes
                         ELSE coalesce(written_bytes, 0) + ?13 END,
    dead_letter = ?14,
    result = coalesce(?15, result),
    progress = ?16,
    message = ?17,
    cancel_signal = NULL,
    cancel_reason = NULL,
    blamed = 0
WHERE id = ?18 AND status = 3 AND attempt = ?19 AND (?1 <> 4 OR cancel_signal IS NULL);

-- A number is given again. Whoever found out too late that the one before never began must not take back its successor.
-- name: forget
DELETE FROM attempts WHERE run_id = ? AND number = ? AND state <> 4 AND token = ?;

-- A command that `exec` (origin 7) was given is nobody else's to start.
-- name: withdraw
UPDATE runs
SET status = CASE WHEN cancel_signal IS NULL AND origin <> 7 THEN 2 ELSE 13 END,
    finished_at = CASE WHEN cancel_signal IS NULL AND origin <> 7 THEN NULL ELSE ?1 END,
    reason = coalesce(cancel_reason,
                      CASE WHEN origin = 7 THEN 'no keeper began it; what became of the command, `jobctl exec` has said' END, reason),
    attempt = attempt - 1,
    started_at = CASE WHEN attempt = first_attempt THEN NULL ELSE started_at END,
    blamed = blamed + ?4,
    cancel_signal = NULL,
    cancel_reason = NULL
WHERE id = ?2 AND status = 3 AND attempt = ?3;

-- What never began is no start: see jobctl.domain.rate_limit.give_back.
-- name: give_token_back
UPDATE rate_buckets SET full_at_us = full_at_us - interval_us
WHERE queue_id = (SELECT queue_id FROM runs WHERE id = ?);

-- name: blamed
SELECT blamed FROM runs WHERE id = ?;

-- name: unfinished
SELECT attempts.run_id, attempts.number, attempts.state, attempts.status, attempts.token, attempts.keeper,
       attempts.started_at, attempts.finished_at, attempts.exit_code, attempts.signal, attempts.error, attempts.pid,
       attempts.cpu_seconds, attempts.max_rss_bytes, attempts.log_bytes, attempts.read_bytes, attempts.written_bytes
FROM runs INDEXED BY runs_busy JOIN attempts ON attempts.run_id = runs.id AND attempts.number = runs.attempt
WHERE runs.status IN (3, 4) AND runs.status = 3 AND attempts.state <> 4
ORDER BY attempts.started_at, attempts.run_id;

-- name: of_run
SELECT run_id, number, state, status, token, keeper, started_at, finished_at, exit_code, signal, error, pid,
       cpu_seconds, max_rss_bytes, log_bytes, read_bytes, written_bytes
FROM attempts WHERE run_id = ? ORDER BY number;
