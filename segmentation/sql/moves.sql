-- Which groups and statuses changed, and which cars left. Params: stores.
INSERT INTO segment_move
SELECT vehicle_id, 'c3', store_id, c3 FROM segment_result WHERE c3_moved = 1
UNION ALL
SELECT vehicle_id, 'care_status', store_id, care_status FROM segment_result WHERE care_moved = 1
UNION ALL
SELECT gone.vehicle_id, family.key, NULL, NULL
FROM (
    SELECT p.vehicle_id
    FROM /* STORED */ p
    WHERE p.store_id IN :stores AND NOT EXISTS (SELECT 1 FROM segment_figures f WHERE f.vehicle_id = p.vehicle_id)
) gone
CROSS JOIN (SELECT 'c3' AS key UNION ALL SELECT 'care_status') family
