-- The tallies of the groups and statuses follow the moves; read before the rows are written.
INSERT INTO segmentation_segmenttally (store_id, figure, step, cars)
SELECT store_id, value, 0, SUM(cars)
FROM (
    SELECT store_id, value, 1 AS cars FROM segment_move WHERE value IS NOT NULL
    UNION ALL
    SELECT p.store_id, CASE m.family WHEN 'c3' THEN p.c3 ELSE p.care_status END, -1
    FROM segment_move m JOIN segmentation_vehiclesegment p ON p.vehicle_id = m.vehicle_id
) moved
GROUP BY store_id, value
HAVING SUM(cars) <> 0
ORDER BY store_id, value
ON CONFLICT (store_id, figure, step) DO UPDATE SET cars = segmentation_segmenttally.cars + excluded.cars
