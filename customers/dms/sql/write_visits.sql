INSERT INTO customers_visit (
    id, store_id, vehicle_id, customer_id, order_no, visited_on, arrived_at, settled_on, kind, is_rework, charge_type,
    odometer_km, labour_fen, parts_fen, discount_fen, paid_fen, voided, advisor_id, advisor_name, team, customer_words,
    source, said, created_by_id, created_at, updated_at
)
SELECT
    w.id, :store, w.vehicle_id,
    COALESCE(w.customer_id, (
        SELECT MIN(o.customer_id) FROM customers_ownership o
        WHERE o.vehicle_id = w.vehicle_id AND (o.since_on IS NULL OR o.since_on <= w.visited_on)
            AND (o.until_on IS NULL OR o.until_on > w.visited_on)
    )),
    w.order_no, w.visited_on, w.arrived_at, w.settled_on, w.kind, w.is_rework, w.charge_type, w.odometer_km,
    COALESCE(w.labour_fen, 0), COALESCE(w.parts_fen, 0), COALESCE(w.discount_fen, 0), w.net_fen, w.voided,
    w.advisor_id, w.advisor_name, w.team, w.customer_words, 'dms', w.said, :by, :now, :now
FROM work_visit w
WHERE w.is_new;

INSERT INTO customers_pendingreversal (
    id, store_id, vehicle_id, vin, plate, target_no, order_no, reversed_on, amount_fen
)
SELECT id, :store, vehicle_id, vin, plate, target_no, order_no, reversed_on, amount_fen FROM new_pending;
INSERT INTO customers_reversal (id, visit_id, pending_id, order_no, reversed_on, amount_fen)
SELECT id, visit_id, pending_id, order_no, reversed_on, amount_fen FROM new_reversal;

CREATE SCRATCH TABLE new_line AS
SELECT NEXT_ID(customers_visitline) AS id, n.*
FROM (
    SELECT w.id AS visit_id, w.row_no, o.position, l.name, o.amount_fen, w.is_new
    FROM stage_line_of o
    JOIN stage_line l ON l.row_no = o.line_row
    JOIN work_visit w ON w.row_no = o.row_no
    WHERE NOT EXISTS (SELECT 1 FROM customers_visitline x WHERE x.visit_id = w.id)
) n;
INSERT INTO customers_visitline (id, visit_id, position, name, amount_fen)
SELECT id, visit_id, position, name, amount_fen FROM new_line;

-- A new owner's card also opens to the store that counts the car as its own.
CREATE SCRATCH TABLE new_home_link AS
SELECT NEXT_ID(customers_storecustomer) AS id, n.customer_id, n.store_id
FROM (
    SELECT DISTINCT p.customer_id, v.home_store_id AS store_id
    FROM work_period p JOIN customers_vehicle v ON v.id = p.vehicle_id
    WHERE p.until_on IS NULL AND v.home_store_id <> :store
) n
WHERE NOT EXISTS (
    SELECT 1 FROM customers_storecustomer l WHERE l.customer_id = n.customer_id AND l.store_id = n.store_id
);
INSERT INTO customers_storecustomer (id, customer_id, store_id)
SELECT id, customer_id, store_id FROM new_home_link;
