-- What failed at a start of the daemon (origin 5) is made up for by a later start that went well, as a slot (1, 2) is by a
-- later slot: those who restart daily would collect a dead letter for each time that a job failed once.
DROP TRIGGER runs_outlive_dead_letters;
CREATE TRIGGER runs_outlive_dead_letters AFTER UPDATE OF status ON runs
WHEN new.status = 10 AND new.origin IN (1, 2, 5)
BEGIN
    UPDATE runs SET dead_letter = 0
    WHERE dead_letter = 1 AND job_id = new.job_id AND id < new.id AND origin IN (1, 2, 5)
      AND (origin = 5) = (new.origin = 5);
END;

UPDATE runs SET dead_letter = 0
WHERE dead_letter = 1 AND origin = 5 AND EXISTS (
    SELECT 1 FROM runs AS later
    WHERE later.job_id = runs.job_id AND later.id > runs.id AND later.origin = 5 AND later.status = 10
);
