-- Who asked a running run to stop: its reason if it stops, and nothing to a run that ended otherwise.
ALTER TABLE runs ADD COLUMN cancel_reason TEXT CHECK (cancel_reason IS NULL OR cancel_signal IS NOT NULL);
