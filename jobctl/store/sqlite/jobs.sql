-- Jobs: their definitions as last loaded and what is kept beside them.

-- name: job_number
SELECT id FROM jobs WHERE name = ?;

-- name: make_job
INSERT INTO jobs (name) VALUES (?) RETURNING id;

-- name: make_job_state
INSERT INTO job_state (job_id) VALUES (?);

-- name: make_jobs
INSERT INTO jobs (name) VALUES (?);

-- Numbers rise: those behind the last one there was are those of the jobs just made.
-- name: make_job_states
INSERT INTO job_state (job_id, watermark) SELECT id, ?1 FROM jobs WHERE id > ?2;

-- name: jobs_made
SELECT name, id FROM jobs WHERE id > ?;

-- A job that is defined no more, or never was and has runs of `exec`, in the order of jobctl.store.records.JobRow, with
-- when it was removed and what it was.
-- name: removed
SELECT jobs.name, jobs.description, jobs.job_group, jobs.tags, 0, NULL, NULL, NULL, jobs.schedule, jobs.timezone, NULL,
       job_state.running, job_state.queued, job_state.last_run_id, job_state.last_status, job_state.last_started_at,
       job_state.last_finished_at, job_state.streak, jobs.command, jobs.queue, jobs.priority, coalesce(jobs.file, ''),
       coalesce(jobs.line, 0), 0, NULL,
       (SELECT max(valid_from) FROM job_versions WHERE job_id = jobs.id AND definition IS NULL),
       (SELECT definition FROM job_versions WHERE job_id = jobs.id AND definition IS NOT NULL
        ORDER BY valid_from DESC, id DESC LIMIT 1)
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.name = ? AND jobs.defined = 0
  AND (jobs.file IS NOT NULL OR EXISTS (SELECT 1 FROM runs WHERE runs.job_id = jobs.id));

-- name: definitions
SELECT jobs.name, jobs.hash, job_versions.definition, job_state.next_at
FROM jobs JOIN job_versions ON job_versions.id = jobs.version_id JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1;

-- name: digests
SELECT name, hash, schedule_hash, file, line FROM jobs WHERE defined = 1;

-- name: definition
SELECT job_versions.definition FROM jobs JOIN job_versions ON job_versions.id = jobs.version_id
WHERE jobs.name = ? AND jobs.defined = 1;

-- name: version_at
SELECT valid_from, definition FROM job_versions
WHERE job_id = (SELECT id FROM jobs WHERE name = ?) AND valid_from <= ? ORDER BY valid_from DESC, id DESC LIMIT 1;

-- name: version_after
SELECT min(valid_from) FROM job_versions WHERE job_id = (SELECT id FROM jobs WHERE name = ?) AND valid_from > ?;

-- name: retry_policy_of
SELECT job_versions.definition FROM attempts JOIN job_versions ON job_versions.id = attempts.version_id
WHERE attempts.run_id = ? AND attempts.number = ?;

-- name: files
SELECT path, stamp FROM files;

-- name: raise_generation
UPDATE service SET generation = generation + 1;

-- name: generation
SELECT generation FROM service;

-- name: timings
SELECT jobs.name, job_state.watermark, job_state.next_at, job_state.last_finished_at,
       job_state.disabled_at IS NOT NULL, job_state.disabled_until
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1;

-- name: decided
UPDATE job_state SET watermark = ?, next_at = ? WHERE job_id = ?;

-- name: plan_next
UPDATE job_state SET next_at = ?1 WHERE job_id = ?2 AND next_at IS NOT ?1;

-- name: rows
SELECT name, description, job_group, tags, enabled, disabled_by, disabled_reason, disabled_until, schedule, timezone,
       next_at, running, queued, last_run_id, last_status, last_started_at, last_finished_at, streak, command, queue,
       priority, file, line, missed, missed_since
FROM job_rows;

-- name: row
SELECT name, description, job_group, tags, enabled, disabled_by, disabled_reason, disabled_until, schedule, timezone,
       next_at, running, queued, last_run_id, last_status, last_started_at, last_finished_at, streak, command, queue,
       priority, file, line, missed, missed_since
FROM job_rows WHERE name = ?;

-- name: labels
SELECT name, job_group, tags FROM jobs WHERE defined = 1 ORDER BY name;

-- One row, a JSON array for each column of jobctl.store.records.JobListing: ten thousand rows of values take a third more.
-- The last three are what few jobs are: off, at work, or not started when they were due.
-- name: listing
SELECT json_group_array(jobs.name), json_group_array(jobs.schedule), json_group_array(job_state.next_at),
       json_group_array(job_state.last_status), json_group_array(job_state.last_finished_at),
       json_group_array(job_state.last_finished_at - job_state.last_started_at), json_group_array(job_state.streak),
       json_group_array(jobs.job_group), json_group_array(jobs.description),
       json_group_array(jobs.name) FILTER (WHERE jobs.enabled = 0 OR job_state.disabled_at IS NOT NULL),
       json_group_array(json_array(jobs.name, job_state.running, job_state.queued))
           FILTER (WHERE job_state.running > 0 OR job_state.queued > 0),
       json_group_array(json_array(jobs.name, job_state.missed))
           FILTER (WHERE job_state.missed > 0 AND jobs.enabled = 1 AND job_state.disabled_at IS NULL)
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1 AND (?1 IS NULL OR jobs.name IN (SELECT value FROM json_each(?1)));

-- name: names
SELECT name FROM jobs WHERE defined = 1 ORDER BY name;

-- name: count
SELECT count(*) FROM jobs WHERE defined = 1;

-- name: last_successes
SELECT jobs.name, job_state.last_success_at
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1 AND job_state.last_success_at IS NOT NULL;

-- Names of exec never had a place in a file.
-- name: tried
SELECT jobs.name, job_state.last_success_at IS NOT NULL
FROM jobs JOIN job_state ON job_state.job_id = jobs.id
WHERE job_state.last_status IS NOT NULL
  AND ((jobs.defined = 1 AND jobs.enabled = 1 AND job_state.disabled_at IS NULL)
       OR (jobs.defined = 0 AND jobs.file IS NULL))
ORDER BY jobs.name;

-- The soonest are read off an index that holds only what starts by itself, before anything is joined to them.
-- name: soonest
SELECT job_rows.name, job_rows.description, job_rows.job_group, job_rows.tags, job_rows.enabled, job_rows.disabled_by,
       job_rows.disabled_reason, job_rows.disabled_until, job_rows.schedule, job_rows.timezone, job_rows.next_at,
       job_rows.running, job_rows.queued, job_rows.last_run_id, job_rows.last_status, job_rows.last_started_at,
       job_rows.last_finished_at, job_rows.streak, job_rows.command, job_rows.queue, job_rows.priority, job_rows.file,
       job_rows.line, job_rows.missed, job_rows.missed_since
FROM job_rows JOIN (
    SELECT jobs.name, job_state.next_at
    FROM job_state INDEXED BY job_state_by_next JOIN jobs ON jobs.id = job_state.job_id
    WHERE job_state.next_at IS NOT NULL AND job_state.disabled_at IS NULL AND jobs.defined = 1 AND jobs.enabled = 1
    ORDER BY job_state.next_at LIMIT ?
) AS soonest ON soonest.name = job_rows.name
ORDER BY soonest.next_at, soonest.name;

-- See 0022_missed_in_a_row.sql.
-- name: missed
UPDATE job_state
SET missed = max(missed, 0) + ?1, missed_since = CASE WHEN missed > 0 THEN missed_since ELSE ?2 END
WHERE job_id = ?3;

-- A walk over the small table, as for `over`.
-- name: missed_in_a_row
SELECT jobs.name, job_state.missed, job_state.missed_since
FROM job_state CROSS JOIN jobs ON jobs.id = job_state.job_id
WHERE job_state.missed >= max(?, 1) AND jobs.defined = 1 AND jobs.enabled = 1 AND job_state.disabled_at IS NULL
ORDER BY job_state.missed_since, jobs.name;

-- What was decided stays so, also of slots that are to come: a clock that was set back, a schedule that was changed.
-- name: enable
UPDATE job_state
SET disabled_at = NULL, disabled_by = NULL, disabled_until = NULL, disabled_reason = NULL,
    watermark = max(coalesce(watermark, 0), ?), missed = 0
WHERE job_id = ? AND disabled_at IS NOT NULL;

-- Only a disabling whose time has come: one that somebody renewed meanwhile goes on. It held up to its end and no
-- further: what was due at that instant or since is to be decided, whenever somebody looks, unless it was before.
-- name: end_disabled
UPDATE job_state
SET disabled_at = NULL, disabled_by = NULL, disabled_until = NULL, disabled_reason = NULL,
    watermark = max(coalesce(watermark, 0), (disabled_until - 1) / 1000), missed = 0
WHERE job_id = ?2 AND disabled_at IS NOT NULL AND disabled_until <= ?1;

-- Only disablings have an end: one that is over and still there was seen by nobody yet.
-- Each look asks for it where no daemon lives: a walk over the small table (CROSS), and into the other one for the few.
-- name: over
SELECT jobs.name FROM job_state CROSS JOIN jobs ON jobs.id = job_state.job_id
WHERE job_state.disabled_until <= ? AND jobs.defined = 1;

-- Before it is ended: the trail tells when it was over, not when somebody looked.
-- name: record_end
INSERT INTO events (at, actor, action, job, detail)
SELECT job_state.disabled_until, 'jobctl', 'enable', jobs.name, 'its time was over'
FROM job_state JOIN jobs ON jobs.id = job_state.job_id
WHERE job_state.job_id = ?2 AND job_state.disabled_at IS NOT NULL AND job_state.disabled_until <= ?1;

-- name: disable
UPDATE job_state SET disabled_at = ?, disabled_by = ?, disabled_until = ?, disabled_reason = ?
WHERE job_id = (SELECT id FROM jobs WHERE name = ? AND defined = 1);
