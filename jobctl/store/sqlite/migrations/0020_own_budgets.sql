-- Whoever gave a run retries of its own meant the run: they hold after `jobctl retry`, too, instead of those of the job.
ALTER TABLE runs ADD COLUMN own_budget INTEGER NOT NULL DEFAULT 0 CHECK (own_budget IN (0, 1));
