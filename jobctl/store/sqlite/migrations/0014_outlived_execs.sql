-- A command given to `exec` (origin 7) that failed is made up for by a later one of that name that went well: the cron
-- line that fires it is a schedule, and nobody can retry it.
DROP TRIGGER runs_outlive_dead_letters;
CREATE TRIGGER runs_outlive_dead_letters AFTER UPDATE OF status ON runs
WHEN new.status = 10 AND new.origin IN (1, 2, 5, 7)
BEGIN
    UPDATE runs SET dead_letter = 0
    WHERE dead_letter = 1 AND job_id = new.job_id AND id < new.id AND origin IN (1, 2, 5, 7)
      AND (origin = 5) = (new.origin = 5) AND (origin = 7) = (new.origin = 7);
END;
