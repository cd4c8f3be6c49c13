-- Other plates that a file of cars has for cars known by their VIN, and the first row that says so. A car that another row
-- knows by its plate alone keeps the plate: it would be found no more.
CREATE SCRATCH TABLE work_plate (
    vehicle_id bigint, plate text, row_no integer, is_taken boolean
);
INSERT INTO work_plate (vehicle_id, plate, row_no, is_taken)
SELECT t.id, k.plate, MIN(CAST(SUBSTR(s.at, 11) AS integer)), FALSE
FROM work_car k
JOIN customers_vehicle t ON t.id = k.id AND t.vin = k.vin AND t.plate <> '' AND t.plate <> k.plate
JOIN stage_car_seen s ON s.car = k.car
JOIN stage_car c ON c.facts = s.facts AND c.plate = k.plate
WHERE NOT k.is_new AND k.vin <> '' AND k.plate <> ''
    AND k.id IN (SELECT id FROM work_car GROUP BY id HAVING COUNT(*) = 1)
GROUP BY t.id, k.plate;
ANALYZE work_plate;
