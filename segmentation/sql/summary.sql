-- How many cars of each store came, left, or have another group or status.
SELECT store_id, COUNT(*)
FROM (
    SELECT store_id FROM segment_result WHERE c3_moved = 1 OR care_moved = 1
    UNION ALL
    SELECT p.store_id
    FROM segment_move m JOIN segmentation_vehiclesegment p ON p.vehicle_id = m.vehicle_id
    WHERE m.family = 'c3' AND m.value IS NULL
) each
GROUP BY store_id
