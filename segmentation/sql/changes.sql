-- Which cars differ from what stands written, and which left. Params: stores, rule_set.
INSERT INTO segment_change
SELECT
    r.vehicle_id,
    r.store_id,
    CASE WHEN p.c3 = r.c3 AND p.store_id = r.store_id THEN 0 ELSE 1 END,
    CASE WHEN p.care_status = r.care_status AND p.store_id = r.store_id THEN 0 ELSE 1 END
FROM segment_result r
LEFT JOIN segmentation_vehiclesegment p ON p.vehicle_id = r.vehicle_id
WHERE r.store_id IN :stores AND (
    p.vehicle_id IS NULL
    OR p.c3 <> r.c3
    OR p.care_status <> r.care_status
    OR p.store_id <> r.store_id
    OR p.rule_set_id <> :rule_set
    OR p.maintenance_count <> r.maintenance_count
    OR p.repair_like_count <> r.repair_like_count
    OR p.spend_fen <> r.spend_fen
    OR DIFFERS(p.last_visit_on, r.last_visit_on)
    OR DIFFERS(p.first_seen_on, r.first_seen_on)
    OR DIFFERS(p.due_on, r.due_on)
);

INSERT INTO segment_move
SELECT r.vehicle_id, 'c3', r.store_id, r.c3
FROM segment_change x JOIN segment_result r ON r.vehicle_id = x.vehicle_id WHERE x.c3_moved = 1
UNION ALL
SELECT r.vehicle_id, 'care_status', r.store_id, r.care_status
FROM segment_change x JOIN segment_result r ON r.vehicle_id = x.vehicle_id WHERE x.care_moved = 1
UNION ALL
SELECT p.vehicle_id, family.key, NULL, NULL
FROM segmentation_vehiclesegment p
CROSS JOIN (SELECT 'c3' AS key UNION ALL SELECT 'care_status') family
WHERE p.store_id IN :stores
    AND NOT EXISTS (SELECT 1 FROM segment_result r WHERE r.vehicle_id = p.vehicle_id)
