-- What the daemon says of itself beyond being alive: why nothing may start although it works.
ALTER TABLE service ADD COLUMN scheduling INTEGER NOT NULL DEFAULT 1 CHECK (scheduling IN (0, 1));
ALTER TABLE service ADD COLUMN draining_at INTEGER;
ALTER TABLE service ADD COLUMN refused TEXT;
-- Fingerprints of the settings in force, by key, as a JSON object.
ALTER TABLE service ADD COLUMN settings TEXT;
