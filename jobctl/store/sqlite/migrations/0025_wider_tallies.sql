-- Tallies of weeks and of four weeks beside those of hours and days (0008), so that a long period is told from a few
-- rows of each job. The table has another name, so that an older jobctl that is still at work folds no end into a part
-- of them: what it tries fails, is undone, and is done again by a newer one.
ALTER TABLE tallies RENAME TO span_tallies;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'CHECK (span IN (3600000, 86400000))',
                  'CHECK (span IN (3600000, 86400000, 604800000, 2419200000))')
WHERE type = 'table' AND name = 'span_tallies';
PRAGMA writable_schema = RESET;

-- Histograms stand one after the other here; whoever reads them adds them up.
INSERT INTO span_tallies (
    job_id, span, start, succeeded, failed, timed_out, lost, cancelled, skipped, missed, retries, started, wait_ms,
    max_wait_ms, duration_ms, max_duration_ms, cpu_ms, max_rss_bytes, read_bytes, written_bytes, durations, waits)
SELECT jobs.id, wide.span, day.start - day.start % wide.span AS begun, sum(succeeded), sum(failed), sum(timed_out),
       sum(lost), sum(cancelled), sum(skipped), sum(missed), sum(retries), sum(started), sum(wait_ms), max(max_wait_ms),
       sum(duration_ms), max(max_duration_ms), sum(cpu_ms), max(max_rss_bytes), sum(read_bytes), sum(written_bytes),
       trim(group_concat(durations, ' ')), trim(group_concat(waits, ' '))
FROM jobs CROSS JOIN (SELECT 604800000 AS span UNION ALL SELECT 2419200000) AS wide
CROSS JOIN span_tallies AS day ON day.job_id = jobs.id AND day.span = 86400000
GROUP BY jobs.id, wide.span, begun;

-- How many runs ended in each hour of the last weeks, of all jobs together: what a calendar draws. An hour in which
-- nothing but skipped, missed or cancelled runs ended is there with 0, so the newest one says until when anything ended.
CREATE TABLE hours (
    start INTEGER PRIMARY KEY CHECK (start % 3600000 = 0), -- milliseconds
    ended INTEGER NOT NULL,
    bad INTEGER NOT NULL
) STRICT;
INSERT INTO hours (start, ended, bad)
SELECT hour.start, sum(succeeded + failed + timed_out + lost), sum(failed + timed_out + lost)
FROM jobs CROSS JOIN span_tallies AS hour ON hour.job_id = jobs.id AND hour.span = 3600000
GROUP BY hour.start;
