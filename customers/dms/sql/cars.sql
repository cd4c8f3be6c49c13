-- What was written down when its row made a visit, and is gone from the card since, somebody took away.
UPDATE stage_car_seen SET is_news = FALSE
WHERE EXISTS (SELECT 1 FROM work_again)
    AND facts NOT IN (SELECT car_facts FROM stage_order WHERE row_no NOT IN (SELECT row_no FROM work_again));
UPDATE stage_owner_seen SET is_news = FALSE
WHERE EXISTS (SELECT 1 FROM work_again)
    AND facts NOT IN (SELECT owner_facts FROM stage_order WHERE row_no NOT IN (SELECT row_no FROM work_again));

-- The file's cars, each with the newest of what the file says, and the row of ours it is.
CREATE SCRATCH TABLE work_car (
    car KEY_OF_ROWS(), id bigint, is_new boolean, vin text, told_vin text, plate text, brand text, model text,
    purchased_on date, insurance_until date, inspection_until date, known_on date
);
INSERT INTO work_car (
    car, is_new, vin, told_vin, plate, brand, model, purchased_on, insurance_until, inspection_until, known_on
)
SELECT
    car, FALSE, vin, told_vin, plate, brand, model,
    DAY(purchased_on), DAY(insurance_until), DAY(inspection_until), DAY(known_on)
FROM (
    SELECT
        f.car,
        LATEST(vin) AS vin,
        LATEST_NEWS(vin) AS told_vin,
        LATEST(plate) AS plate,
        LATEST_NEWS(brand) AS brand,
        LATEST_NEWS(model) AS model,
        LATEST_NEWS(purchased_on) AS purchased_on,
        LATEST_NEWS(insurance_until) AS insurance_until,
        LATEST_NEWS(inspection_until) AS inspection_until,
        SUBSTR(MAX(f.at), 1, 10) AS known_on
    FROM (SELECT c.*, s.car, s.at, s.is_news FROM stage_car_seen s JOIN stage_car c ON c.facts = s.facts) f
    GROUP BY f.car
) newest;
ANALYZE work_car (car, id, vin, plate);

UPDATE work_car SET id = v.id FROM customers_vehicle v WHERE work_car.vin <> '' AND v.vin = work_car.vin;

-- Known by its plate alone until now; not where the file has two cars that could be it.
UPDATE work_car SET id = v.id
FROM customers_vehicle v
WHERE work_car.id IS NULL AND work_car.vin <> '' AND work_car.plate <> ''
    AND v.vin = '' AND v.plate = work_car.plate
    AND work_car.plate IN (
        SELECT plate FROM work_car WHERE id IS NULL AND vin <> '' GROUP BY plate HAVING COUNT(*) = 1
    );

UPDATE work_car SET id = v.id
FROM customers_vehicle v
WHERE work_car.id IS NULL AND work_car.vin = '' AND v.vin = '' AND v.plate = work_car.plate;

UPDATE work_car SET id = v.id
FROM (SELECT plate, MIN(id) AS id FROM customers_vehicle WHERE plate IN (SELECT plate FROM work_car WHERE vin = '')
    GROUP BY plate HAVING COUNT(*) = 1) v
WHERE work_car.id IS NULL AND work_car.vin = '' AND v.plate = work_car.plate;

UPDATE work_car SET id = n.id, is_new = TRUE
FROM (SELECT car, NEXT_ID(customers_vehicle) AS id FROM work_car WHERE id IS NULL) n
WHERE work_car.car = n.car;
ANALYZE work_car (car, id, is_new);
