-- What stands written of the cars of the run, kept from the one time it is looked up: each further look goes back to a
-- table of which little is in the server's buffers.
INSERT INTO segment_written
SELECT
    p.vehicle_id, p.store_id, p.rule_set_id, p.c3, p.care_status, p.value, p.visits_in_window, p.maintenance_count,
    p.repair_like_count, p.spend_fen, p.last_visit_on, p.first_seen_on, p.due_on
FROM /* KNOWN */ t
-- SQLite keeps the order of a CROSS JOIN: the few cars first.
CROSS JOIN segmentation_vehiclesegment p
WHERE p.vehicle_id = t.vehicle_id
