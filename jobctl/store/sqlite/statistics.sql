-- Tallies of ended runs. Ends are staged by triggers and folded into hours, days and weeks many at a time, because a run's
-- end should cost one small insert and no more.

-- name: last_of_slice
SELECT max(number) FROM (SELECT number FROM run_ends ORDER BY number LIMIT ?);

-- name: ends
SELECT run_rows.id, run_rows.job, run_rows.status, run_rows.origin, run_rows.reason, run_rows.slot, run_rows.created_at,
       run_rows.due_at, run_rows.started_at, run_rows.finished_at, run_rows.exit_code, run_rows.signal,
       run_rows.attempt, run_rows.max_attempts, run_rows.priority, run_rows.queue, run_rows.params, run_rows.key,
       run_rows.result, run_rows.progress, run_rows.message, run_rows.parent_id, run_rows.cpu_seconds,
       run_rows.max_rss_bytes, run_rows.log_bytes, run_rows.dead_letter, run_rows.keep, run_rows.cancel_signal,
       run_rows.read_bytes, run_rows.written_bytes, run_rows.blamed, run_rows.first_attempt
FROM run_ends JOIN run_rows ON run_rows.id = run_ends.run_id
WHERE run_ends.number <= ? AND run_rows.finished_at IS NOT NULL ORDER BY run_ends.number;

-- name: forget_ends
DELETE FROM run_ends WHERE number <= ?;

-- Adds to what is known of the span. The histograms are written one after the other, which costs less than to read and
-- add them up each time.
-- name: add
INSERT INTO span_tallies AS known (
    job_id, span, start, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms,
    max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (job_id, span, start) DO UPDATE
SET succeeded = known.succeeded + excluded.succeeded, failed = known.failed + excluded.failed,
    timed_out = known.timed_out + excluded.timed_out, lost = known.lost + excluded.lost,
    cancelled = known.cancelled + excluded.cancelled, skipped = known.skipped + excluded.skipped,
    missed = known.missed + excluded.missed, retries = known.retries + excluded.retries,
    started = known.started + excluded.started, wait_ms = known.wait_ms + excluded.wait_ms,
    max_wait_ms = max(known.max_wait_ms, excluded.max_wait_ms), duration_ms = known.duration_ms + excluded.duration_ms,
    max_duration_ms = max(known.max_duration_ms, excluded.max_duration_ms), cpu_ms = known.cpu_ms + excluded.cpu_ms,
    max_rss_bytes = max(known.max_rss_bytes, excluded.max_rss_bytes),
    read_bytes = coalesce(known.read_bytes + excluded.read_bytes, known.read_bytes, excluded.read_bytes),
    written_bytes = coalesce(known.written_bytes + excluded.written_bytes, known.written_bytes, excluded.written_bytes),
    durations = trim(known.durations || ' ' || excluded.durations),
    waits = trim(known.waits || ' ' || excluded.waits)
RETURNING started;

-- name: histograms
SELECT durations, waits FROM span_tallies WHERE job_id = ? AND span = ? AND start = ?;

-- name: keep_histograms
UPDATE span_tallies SET durations = ?, waits = ? WHERE job_id = ? AND span = ? AND start = ?;

-- The numbers of jobs by their names, as an array.
-- name: numbers
SELECT json_group_array(jobs.id) FROM jobs WHERE jobs.name IN (SELECT value FROM json_each(?));

-- Added up here and not by the caller: ten thousand jobs have a row for each span. The jobs come first, since each has
-- short ranges of the primary key, so that the rows of other times cost nothing. ?1 has the stretches: span, since, until.
-- name: totals_of_all
WITH stretches (span, since, until) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?1)
)
SELECT jobs.name,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' ')
FROM jobs CROSS JOIN stretches
CROSS JOIN span_tallies AS tally
ON tally.job_id = jobs.id AND tally.span = stretches.span AND tally.start >= stretches.since
   AND tally.start < stretches.until
GROUP BY jobs.id;

-- name: totals_of_jobs
WITH stretches (span, since, until) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?1)
)
SELECT jobs.name,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' ')
FROM jobs CROSS JOIN stretches
CROSS JOIN span_tallies AS tally
ON tally.job_id = jobs.id AND tally.span = stretches.span AND tally.start >= stretches.since
   AND tally.start < stretches.until
WHERE jobs.id IN (SELECT value FROM json_each(?2))
GROUP BY jobs.id;

-- name: course_of_jobs
SELECT jobs.name, tally.start, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started,
       wait_ms, max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations
FROM jobs CROSS JOIN span_tallies AS tally ON tally.job_id = jobs.id
WHERE tally.span = ?1 AND tally.start >= ?2 AND tally.start < ?3 AND jobs.id IN (SELECT value FROM json_each(?4));

-- Hours are kept for weeks, what is longer for years; one job at a time, so that no commit gets long.
-- name: forget_old
DELETE FROM span_tallies WHERE job_id = ? AND span = ? AND start < ?;

-- What goes with them stays as one sum of each job: a counter never falls.
-- name: old
SELECT succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms, max_wait_ms,
       duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits
FROM span_tallies WHERE job_id = ? AND span = ? AND start < ?;

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

-- name: all_of
SELECT jobs.name,
       sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries),
       sum(started), sum(wait_ms), max(max_wait_ms), sum(duration_ms), max(max_duration_ms), sum(cpu_ms),
       max(max_rss_bytes), sum(read_bytes), sum(written_bytes), group_concat(durations, ' '), group_concat(waits, ' ')
FROM jobs CROSS JOIN span_tallies AS tally ON tally.job_id = jobs.id AND tally.span = ?1
GROUP BY jobs.id;

-- name: add_hour
INSERT INTO hours (start, ended, bad) VALUES (?, ?, ?)
ON CONFLICT (start) DO UPDATE SET ended = ended + excluded.ended, bad = bad + excluded.bad;

-- The newest stays, whatever its age.
-- name: forget_hours
DELETE FROM hours WHERE start < ? AND start < (SELECT max(start) FROM hours);

-- name: newest_hour
SELECT max(start) FROM hours;

-- Those that no tally counts yet are counted here, as in `minutes` below.
-- name: hours_of_all
SELECT start, sum(ended), sum(bad) FROM (
    SELECT start, ended, bad FROM hours WHERE start >= ?1 AND start < ?2
    UNION ALL
    SELECT runs.finished_at - runs.finished_at % 3600000, runs.status NOT BETWEEN 13 AND 15, runs.status IN (11, 12, 16)
    FROM run_ends JOIN runs ON runs.id = run_ends.run_id
    WHERE runs.finished_at >= ?1 AND runs.finished_at < ?2
)
GROUP BY start ORDER BY start;

-- name: hours_of_jobs
SELECT start, sum(ended), sum(bad) FROM (
    SELECT tally.start, succeeded + failed + timed_out + lost AS ended, failed + timed_out + lost AS bad
    FROM json_each(?3) AS job CROSS JOIN span_tallies AS tally ON tally.job_id = job.value
    WHERE tally.span = 3600000 AND tally.start >= ?1 AND tally.start < ?2
    UNION ALL
    SELECT runs.finished_at - runs.finished_at % 3600000, runs.status NOT BETWEEN 13 AND 15, runs.status IN (11, 12, 16)
    FROM run_ends JOIN runs ON runs.id = run_ends.run_id
    WHERE runs.finished_at >= ?1 AND runs.finished_at < ?2
          AND runs.job_id IN (SELECT value FROM json_each(?3))
)
GROUP BY start ORDER BY start;

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
