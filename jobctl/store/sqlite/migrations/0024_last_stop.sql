-- When the daemon ended because it was told to (milliseconds); none while one is at work, and after one that was killed:
-- its last beat then says no more than when it still lived.
ALTER TABLE service ADD COLUMN stopped_at INTEGER;
