-- What failed last is told by when it ended: a run that was made long ago may have failed just now. Successes are in
-- neither index.
CREATE INDEX runs_failed ON runs (finished_at) WHERE status IN (11, 12, 16);
DROP INDEX runs_dead;
CREATE INDEX runs_dead ON runs (job_id, finished_at) WHERE dead_letter = 1;
