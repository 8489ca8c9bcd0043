-- What each run passes, made cheaper once more. For `x IN (…)` of three or more constants SQLite fills a table each time
-- the statement runs, and each trigger is a program of its own, whether its WHEN holds or not: both together were half
-- of what a run cost the store.

-- No CHECK can be altered, and to make the table anew would rewrite a million runs with all their indexes. These say the
-- same of every row as before, so their text is changed where SQLite keeps it
-- (https://sqlite.org/lang_altertable.html#otheralter).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(replace(replace(sql,
    'CHECK (status IN (1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16))',
    'CHECK (status BETWEEN 1 AND 4 OR status BETWEEN 10 AND 16)'),
    'CHECK (status NOT IN (14, 15, 16) OR reason IS NOT NULL)',
    'CHECK (status < 14 OR reason IS NOT NULL)'),
    'CHECK (status NOT IN (3, 4, 10, 11, 12, 16) OR attempt >= 1)',
    'CHECK (attempt >= 1 OR status < 3 OR status BETWEEN 13 AND 15)'),
    'CHECK (dead_letter = 0 OR status IN (11, 12, 16))',
    'CHECK (dead_letter = 0 OR status IN (11, 12) OR status = 16)')
WHERE type = 'table' AND name = 'runs';
PRAGMA writable_schema = RESET;

DROP INDEX runs_failed;
CREATE INDEX runs_failed ON runs (finished_at) WHERE status IN (11, 12) OR status = 16;

-- A move is in the table, or is undone. It is counted; where an attempt has ended `runs_end` counts for the job.
DROP TRIGGER runs_move_by_the_table;
DROP TRIGGER runs_moved;
DROP TRIGGER runs_counted_by_end;
CREATE TRIGGER runs_moved AFTER UPDATE OF status ON runs
WHEN old.status <> new.status
BEGIN
    SELECT raise(ABORT, 'this move of a run is not in the table of moves')
    WHERE NOT EXISTS (SELECT 1 FROM moves WHERE source = old.status AND target = new.status);
    UPDATE status_counts SET runs = runs - 1 WHERE status = old.status;
    UPDATE status_counts SET runs = runs + 1 WHERE status = new.status;
    UPDATE job_state
    SET queued = queued + (new.status = 2) - (old.status = 2), running = running + (new.status = 3) - (old.status = 3),
        ended = ended + (new.status >= 10 AND new.keep = 0) - (old.status >= 10 AND old.keep = 0)
    WHERE job_id = new.job_id AND (new.status < 10 OR new.attempt = 0);
END;
CREATE TRIGGER runs_kept_or_not AFTER UPDATE OF keep ON runs
WHEN old.keep <> new.keep AND old.status = new.status AND new.status >= 10
BEGIN
    UPDATE job_state SET ended = ended + (new.keep = 0) - (old.keep = 0) WHERE job_id = new.job_id;
END;

-- The last run of a job is the one that ended last, among those that had an attempt. Successes lengthen a streak of
-- successes, failures one of failures; a cancelled run says nothing about the job. The tallies (0008) take all ends.
DROP TRIGGER runs_end;
DROP TRIGGER runs_end_for_the_tallies;
CREATE TRIGGER runs_end AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10
BEGIN
    INSERT INTO run_ends (run_id) VALUES (new.id);
    UPDATE job_state
    SET queued = queued - (old.status = 2), running = running - (old.status = 3), ended = ended + (new.keep = 0),
        last_run_id = new.id, last_status = new.status, last_started_at = new.started_at,
        last_finished_at = new.finished_at,
        last_success_at = CASE WHEN new.status = 10 THEN new.finished_at ELSE last_success_at END,
        streak = CASE WHEN new.status = 10 THEN max(streak, 0) + 1
                      WHEN new.status IN (11, 12) OR new.status = 16 THEN min(streak, 0) - 1
                      ELSE streak END
    WHERE job_id = new.job_id AND new.attempt > 0;
END;

-- Who is told of an end: the jobs that come after it (0010) and its heartbeat (0013). Nearly always nobody.
DROP TRIGGER runs_end_before_others;
DROP TRIGGER runs_end_is_told;
CREATE TRIGGER runs_end_is_told AFTER UPDATE OF status ON runs
WHEN new.status >= 10 AND old.status < 10 AND new.attempt > 0
     AND (EXISTS (SELECT 1 FROM chain_links WHERE parent_id = new.job_id)
          OR EXISTS (SELECT 1 FROM heartbeats WHERE job_id = new.job_id))
BEGIN
    INSERT INTO chain_ends (job_id, run_id, attempt, status, finished_at, result)
    SELECT new.job_id, new.id, new.attempt, new.status, new.finished_at, new.result
    WHERE EXISTS (SELECT 1 FROM chain_links WHERE parent_id = new.job_id);
    INSERT INTO pings (job_id, run_id, attempt, kind, status, exit_code, signal, made_at, due_at)
    SELECT new.job_id, new.id, new.attempt, 2, new.status, new.exit_code, new.signal, new.finished_at, new.finished_at
    WHERE EXISTS (SELECT 1 FROM heartbeats WHERE job_id = new.job_id);
END;

-- As in 0014, with what is true of most ends asked first.
DROP TRIGGER runs_outlive_dead_letters;
CREATE TRIGGER runs_outlive_dead_letters AFTER UPDATE OF status ON runs
WHEN new.status = 10 AND (new.origin IN (1, 2) OR new.origin IN (5, 7))
BEGIN
    UPDATE runs SET dead_letter = 0
    WHERE dead_letter = 1 AND job_id = new.job_id AND id < new.id AND origin IN (1, 2, 5, 7)
      AND (origin = 5) = (new.origin = 5) AND (origin = 7) = (new.origin = 7);
END;

DROP TRIGGER runs_begin_their_life;
CREATE TRIGGER runs_begin_their_life BEFORE INSERT ON runs
WHEN new.status BETWEEN 3 AND 13 OR new.status = 16
BEGIN
    SELECT raise(ABORT, 'a new run is scheduled, queued, skipped or missed');
END;
