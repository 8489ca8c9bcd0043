-- Tallies of ended runs. Ends are staged by triggers and folded into hours and days many at a time, because a run's
-- end should cost one small insert and no more.

-- name: last_of_slice
SELECT max(number) FROM (SELECT number FROM run_ends ORDER BY number LIMIT ?);

-- name: ends
SELECT run_rows.id, run_rows.job, run_rows.status, run_rows.origin, run_rows.reason, run_rows.slot, run_rows.created_at,
       run_rows.due_at, run_rows.started_at, run_rows.finished_at, run_rows.exit_code, run_rows.signal,
       run_rows.attempt, run_rows.max_attempts, run_rows.priority, run_rows.queue, run_rows.params, run_rows.key,
       run_rows.result, run_rows.progress, run_rows.message, run_rows.parent_id, run_rows.cpu_seconds,
       run_rows.max_rss_bytes, run_rows.log_bytes, run_rows.dead_letter, run_rows.keep, run_rows.cancel_signal,
       run_rows.read_bytes, run_rows.written_bytes, run_rows.blamed
FROM run_ends JOIN run_rows ON run_rows.id = run_ends.run_id
WHERE run_ends.number <= ? AND run_rows.finished_at IS NOT NULL ORDER BY run_ends.number;

-- name: forget_ends
DELETE FROM run_ends WHERE number <= ?;

-- name: tally
SELECT succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms, max_wait_ms,
       duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM tallies WHERE job_id = ? AND span = ? AND start = ?;

-- name: keep
INSERT OR REPLACE INTO tallies (
    job_id, span, start, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms,
    max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- Every job has a short range of the primary key, so the rows of other times cost nothing.
-- name: of_job
SELECT tallies.start, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms,
       max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id
WHERE tallies.span = ?1 AND tallies.start >= ?2 AND tallies.start < ?3 AND jobs.name = ?4;

-- Added up here and not by the caller: ten thousand jobs have a row for each day.
-- name: totals_of_all
SELECT jobs.name,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' '), group_concat(waits, ' ')
FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id
WHERE tallies.span = ?1 AND tallies.start >= ?2 AND tallies.start < ?3
GROUP BY jobs.id;

-- name: totals_of_job
SELECT jobs.name,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' '), group_concat(waits, ' ')
FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id
WHERE tallies.span = ?1 AND tallies.start >= ?2 AND tallies.start < ?3 AND jobs.name = ?4
GROUP BY jobs.id;

-- Of all jobs together, by the span.
-- name: totals_by_start
SELECT tallies.start,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' '), group_concat(waits, ' ')
FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id
WHERE tallies.span = ?1 AND tallies.start >= ?2 AND tallies.start < ?3
GROUP BY tallies.start;

-- Hours are kept for weeks and days for years; one job at a time, so that no commit gets long.
-- name: forget_old
DELETE FROM tallies WHERE job_id = ? AND span = ? AND start < ?;

-- What goes with them stays as one sum of each job: a counter never falls.
-- name: old
SELECT succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms, max_wait_ms,
       duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM tallies WHERE job_id = ? AND span = ? AND start < ?;

-- name: past
SELECT succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms, max_wait_ms,
       duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM past_tallies WHERE job_id = ?;

-- name: keep_past
INSERT OR REPLACE INTO past_tallies (
    job_id, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms, max_wait_ms,
    duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: past_of_all
SELECT jobs.name, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms,
       max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM past_tallies JOIN jobs ON jobs.id = past_tallies.job_id;

-- name: add_minute
INSERT INTO minutes (start, ended, bad) VALUES (?, ?, ?)
ON CONFLICT (start) DO UPDATE SET ended = ended + excluded.ended, bad = bad + excluded.bad;

-- name: forget_minutes
DELETE FROM minutes WHERE start < ?;

-- Those that no tally counts yet are counted here: one question, so that an end is in one of the two.
-- name: minutes
SELECT start, sum(ended), sum(bad) FROM (
    SELECT start, ended, bad FROM minutes WHERE start >= ?1
    UNION ALL
    SELECT runs.finished_at - runs.finished_at % 60000, 1, runs.status IN (11, 12, 16)
    FROM run_ends JOIN runs ON runs.id = run_ends.run_id
    WHERE runs.finished_at >= ?1 AND runs.started_at IS NOT NULL
)
GROUP BY start ORDER BY start;
