-- A closed queue costs nothing, however many lanes it has.
DROP INDEX lanes_by_head;
CREATE INDEX lanes_by_queue ON lanes (queue_id, head_rank) WHERE head_rank IS NOT NULL;
