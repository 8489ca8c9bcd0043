-- Chains: what the end of a run starts. Statuses are the numbers of jobctl.domain.run.

-- name: has_ends
SELECT EXISTS (SELECT 1 FROM chain_ends);

-- name: first_ends
SELECT chain_ends.id, jobs.name, chain_ends.run_id, chain_ends.attempt, chain_ends.status, chain_ends.finished_at,
       chain_ends.result
FROM chain_ends JOIN jobs ON jobs.id = chain_ends.job_id
ORDER BY chain_ends.id LIMIT ?;

-- name: drop_ends
DELETE FROM chain_ends WHERE id <= ?;

-- name: followers
SELECT jobs.name FROM chain_links JOIN jobs ON jobs.id = chain_links.child_id
WHERE chain_links.parent_id = ? ORDER BY jobs.name;

-- name: unlink
DELETE FROM chain_links WHERE child_id = ?;

-- name: link
INSERT INTO chain_links (parent_id, child_id) VALUES (?, ?);

-- name: arrivals
SELECT jobs.name, chain_arrivals.run_id, chain_arrivals.attempt, chain_arrivals.status, chain_arrivals.finished_at,
       chain_arrivals.result
FROM chain_arrivals JOIN jobs ON jobs.id = chain_arrivals.job_id
WHERE chain_arrivals.child_id = ? ORDER BY jobs.name;

-- name: arrive
INSERT OR REPLACE INTO chain_arrivals (child_id, job_id, run_id, attempt, status, finished_at, result)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: depart
DELETE FROM chain_arrivals WHERE child_id = ? AND job_id = ?;

-- name: forget_arrivals
DELETE FROM chain_arrivals WHERE child_id = ?;

-- Of parents that the job does not come after any more.
-- name: forget_strangers
DELETE FROM chain_arrivals
WHERE child_id = ?1 AND job_id NOT IN (SELECT parent_id FROM chain_links WHERE child_id = ?1);

-- name: has_started
SELECT child_run_id FROM run_parents WHERE run_id = ? AND attempt = ? AND child_id = ?;

-- name: add_parent
INSERT INTO run_parents (child_run_id, place, child_id, job_id, run_id, attempt, status, finished_at, result)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: parents
SELECT jobs.name, run_parents.run_id, run_parents.attempt, run_parents.status, run_parents.finished_at,
       run_parents.result
FROM run_parents JOIN jobs ON jobs.id = run_parents.job_id
WHERE run_parents.child_run_id = ? ORDER BY run_parents.place;

-- name: children
SELECT child_run_id FROM run_parents WHERE run_id = ? ORDER BY child_run_id LIMIT ?;
