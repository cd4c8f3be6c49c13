-- Of each store of the run: its threshold, its cars, and how many came, left or have another group or status.
SELECT t.store_id, t.spend_fen, COALESCE(cars.n, 0), COALESCE(moved.n, 0)
FROM segment_threshold t
LEFT JOIN (SELECT store_id, COUNT(*) AS n FROM segment_result GROUP BY store_id) cars ON cars.store_id = t.store_id
LEFT JOIN (
    SELECT store_id, COUNT(*) AS n
    FROM (
        SELECT store_id FROM segment_change WHERE c3_moved = 1 OR care_moved = 1
        UNION ALL
        SELECT p.store_id
        FROM segment_move m JOIN segmentation_vehiclesegment p ON p.vehicle_id = m.vehicle_id
        WHERE m.family = 'c3' AND m.value IS NULL
    ) each
    GROUP BY store_id
) moved ON moved.store_id = t.store_id
