-- What storage had to read and to write for the runs of a tally; NULL where it is known of none of them, as of all that
-- were counted before.
ALTER TABLE tallies ADD COLUMN read_bytes INTEGER;
ALTER TABLE tallies ADD COLUMN written_bytes INTEGER;
ALTER TABLE past_tallies ADD COLUMN read_bytes INTEGER;
ALTER TABLE past_tallies ADD COLUMN written_bytes INTEGER;
