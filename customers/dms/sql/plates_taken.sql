-- Another car stands with the plate and does not give it up in this file, or the file has it for two. To be run until it
-- changes nothing: a car that keeps its plate may stand in another's way.
UPDATE work_plate SET is_taken = TRUE
WHERE NOT is_taken AND (
    plate IN (SELECT plate FROM work_car GROUP BY plate HAVING COUNT(*) > 1)
    OR EXISTS (
        SELECT 1 FROM customers_vehicle v
        WHERE v.plate = work_plate.plate
            AND v.id NOT IN (SELECT o.vehicle_id FROM work_plate o WHERE NOT o.is_taken)
    )
);
