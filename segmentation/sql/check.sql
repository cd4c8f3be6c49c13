-- The cars on which what stands written is not what the visits say today, or which come, leave, or fall due: every car
-- is counted anew, in the order of its number, and nothing is kept of those that are as they were.
-- Params: those of checked and different.
INSERT INTO segment_touched
SELECT v.id, 0
FROM customers_vehicle v
LEFT JOIN (
    SELECT vehicle_id, /* CHECKED */
    FROM customers_visit
    WHERE NOT voided AND visited_on <= :as_of /* SCOPE */
    GROUP BY vehicle_id
) s ON s.vehicle_id = v.id
LEFT JOIN segmentation_vehiclesegment p ON p.vehicle_id = v.id
WHERE /* DIFFERENT */
ON CONFLICT (vehicle_id) DO UPDATE SET only_counted = 0
