-- What is left of the rate limits of queues.

-- name: buckets
SELECT queues.name, rate_buckets.full_at_us, rate_buckets.interval_us
FROM rate_buckets JOIN queues ON queues.id = rate_buckets.queue_id;

-- name: keep
INSERT INTO rate_buckets (queue_id, full_at_us, interval_us) VALUES (?, ?, ?)
ON CONFLICT (queue_id) DO UPDATE SET full_at_us = excluded.full_at_us, interval_us = excluded.interval_us;
