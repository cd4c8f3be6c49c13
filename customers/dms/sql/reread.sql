-- The newest reading of cars with visits that have other days now, even if it is an older one than stood there.
DELETE FROM work_reading WHERE vehicle_id IN (SELECT vehicle_id FROM work_reread);
INSERT INTO work_reading (vehicle_id, odometer_km, visited_on, is_right)
SELECT vehicle_id, odometer_km, visited_on, TRUE
FROM (
    SELECT v.vehicle_id, v.odometer_km, v.visited_on,
        ROW_NUMBER() OVER (PARTITION BY v.vehicle_id ORDER BY v.visited_on DESC, v.odometer_km DESC) AS place
    FROM customers_visit v
    WHERE v.vehicle_id IN (SELECT vehicle_id FROM work_reread) AND v.odometer_km IS NOT NULL AND NOT v.voided
) r
WHERE place = 1;
