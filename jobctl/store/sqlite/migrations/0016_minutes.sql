-- How many runs ended in each minute of the last hours, of all jobs together: what `top` draws. Filled when ends are
-- folded into the tallies, so that it costs a row for each minute and none for each run.
CREATE TABLE minutes (
    start INTEGER PRIMARY KEY CHECK (start % 60000 = 0), -- milliseconds
    ended INTEGER NOT NULL,
    bad INTEGER NOT NULL
) STRICT;
