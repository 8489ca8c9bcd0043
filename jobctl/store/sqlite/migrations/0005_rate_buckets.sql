-- What is left of the rate limit of a queue: jobctl.domain.rate_limit.Bucket, in microseconds.
CREATE TABLE rate_buckets (
    queue_id INTEGER PRIMARY KEY REFERENCES queues (id),
    full_at_us INTEGER NOT NULL,
    interval_us INTEGER NOT NULL CHECK (interval_us > 0)
) STRICT;
