-- The new rows, cars first so that each stands before what points to it.
-- A reading that is there already is no news of its car's: somebody may have put the car's right since.
CREATE SCRATCH TABLE work_reading AS
SELECT vehicle_id, odometer_km, visited_on, FALSE AS is_right
FROM (
    SELECT w.vehicle_id, w.odometer_km, w.visited_on,
        ROW_NUMBER() OVER (PARTITION BY w.vehicle_id ORDER BY w.visited_on DESC, w.odometer_km DESC) AS place
    FROM work_visit w
    WHERE w.odometer_km IS NOT NULL AND NOT w.voided AND (
        w.is_new OR w.odometer_km IS DISTINCT FROM (SELECT v.odometer_km FROM customers_visit v WHERE v.id = w.id)
    )
) r
WHERE place = 1;

ANALYZE work_reading;

-- Cars whose newest reading may be another once visits have other days. One that is none of a visit of its day was put
-- right by somebody, and stays.
CREATE SCRATCH TABLE work_reread AS
SELECT DISTINCT m.vehicle_id
FROM work_moved m
JOIN customers_vehicle k ON k.id = m.vehicle_id
WHERE m.was_km IS NOT NULL AND (
    m.was_on <> k.odometer_on AND m.moved_to > k.odometer_on
    OR m.was_on = k.odometer_on AND EXISTS (
        SELECT 1 FROM customers_visit v
        WHERE v.vehicle_id = k.id AND v.visited_on = k.odometer_on AND v.odometer_km = k.odometer_km
    )
);

INSERT INTO customers_vehicle (
    id, home_store_id, owner_id, plate, vin, brand, series, model, purchased_on, insurance_until, inspection_until,
    odometer_km, odometer_on, state, version, created_at, updated_at
)
SELECT
    k.id, :store, p.customer_id, k.plate, k.vin, k.brand, '', k.model, k.purchased_on, k.insurance_until,
    k.inspection_until, r.odometer_km, r.visited_on, 'in_use', 1, :now, :now
FROM work_car k
LEFT JOIN work_period p ON p.vehicle_id = k.id AND p.until_on IS NULL
LEFT JOIN work_reading r ON r.vehicle_id = k.id
WHERE k.is_new;

CREATE SCRATCH TABLE known_period AS
SELECT w.id, w.vehicle_id, w.customer_id, ROW_NUMBER() OVER (
        PARTITION BY w.vehicle_id, w.customer_id ORDER BY COALESCE(w.since_on, DAY_FIRST()), w.id
    ) AS turn
FROM customers_ownership w
WHERE w.vehicle_id IN (SELECT vehicle_id FROM work_period);

-- What was written down and does not come out again of all evidence is left to people.
DELETE FROM work_period
WHERE vehicle_id IN (
    SELECT w.vehicle_id FROM known_period w
    WHERE NOT EXISTS (
        SELECT 1 FROM work_period p
        WHERE p.vehicle_id = w.vehicle_id AND p.customer_id = w.customer_id AND p.turn = w.turn
    )
);

CREATE SCRATCH TABLE new_period AS
SELECT NEXT_ID(customers_ownership) AS id, p.vehicle_id, p.customer_id, p.since_on, p.until_on
FROM work_period p
WHERE NOT EXISTS (
    SELECT 1 FROM known_period w
    WHERE w.vehicle_id = p.vehicle_id AND w.customer_id = p.customer_id AND w.turn = p.turn
);
