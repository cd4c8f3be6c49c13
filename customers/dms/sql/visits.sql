-- The file's orders as visits: which are ours already, which are new, which numbers belong to another order.
-- Numbered by car: the foreign keys' checks then find each car and its owner where they left off (a quarter less).
-- A number typed at the desk is the DMS's to correct, but not to move to another car.
CREATE SCRATCH TABLE work_visit AS
SELECT n.*, COALESCE(known, NEXT_ID(customers_visit)) AS id, known IS NULL AS is_new,
    paid_fen AS gross_fen, paid_fen AS net_fen, FALSE AS voided
FROM (
    SELECT s.row_no, s.visited_on, o.arrived_at, o.kind, o.odometer_km, o.paid_fen, s.said, o.order_no,
        DAY(o.settled_on) AS settled_on, o.is_rework, o.charge_type, o.labour_fen, o.parts_fen, o.discount_fen,
        o.advisor_id, o.advisor_name, o.team, o.customer_words, v.id AS known, k.id AS vehicle_id, w.id AS customer_id,
        v.id IS NOT NULL AND (
            v.vehicle_id <> k.id
            OR v.source <> 'desk' AND (
                NOT :day_may_change AND v.visited_on <> s.visited_on
                OR NOT :amount_may_change AND o.paid_fen <> v.paid_fen + COALESCE(b.total_fen, 0)
            )
        ) AS rejected,
        COALESCE(v.visited_on <> s.visited_on, FALSE) AS is_moved
    FROM stage_settled s
    JOIN stage_order o ON o.row_no = s.row_no
    JOIN work_car k ON k.car = s.car
    JOIN work_owner w ON w.owner = s.owner
    LEFT JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no
    LEFT JOIN (
        SELECT visit_id, SUM(amount_fen) AS total_fen FROM customers_reversal GROUP BY visit_id
    ) b ON b.visit_id = v.id
    ORDER BY k.id, s.row_no
) n;
ANALYZE work_visit (row_no, id, is_new, is_moved, vehicle_id, customer_id, visited_on);

-- Logged at the desk before the DMS had it: the same car, day and kind is the same visit.
CREATE SCRATCH TABLE work_desk AS
SELECT v.id, v.vehicle_id, v.visited_on, v.kind
FROM customers_visit v
WHERE v.store_id = :store AND v.source = 'desk' AND NOT v.voided
    AND v.vehicle_id IN (SELECT vehicle_id FROM work_visit WHERE is_new)
    AND v.id NOT IN (SELECT id FROM work_visit WHERE NOT is_new);
ANALYZE work_desk;

UPDATE work_visit SET id = d.id, is_new = FALSE
FROM (
    SELECT w.row_no, w.vehicle_id, w.visited_on, w.kind,
        ROW_NUMBER() OVER (PARTITION BY w.vehicle_id, w.visited_on, w.kind ORDER BY w.row_no) AS place
    FROM work_visit w
    WHERE w.is_new AND w.vehicle_id IN (SELECT vehicle_id FROM work_desk)
) s
JOIN (
    SELECT v.id, v.vehicle_id, v.visited_on, v.kind,
        ROW_NUMBER() OVER (PARTITION BY v.vehicle_id, v.visited_on, v.kind ORDER BY v.id) AS place
    FROM work_desk v
) d ON d.vehicle_id = s.vehicle_id AND d.visited_on = s.visited_on AND d.kind = s.kind AND d.place = s.place
WHERE work_visit.row_no = s.row_no;

-- The only visit of the day on both sides is one visit, whatever each called it.
UPDATE work_visit SET id = d.id, is_new = FALSE
FROM (
    SELECT MIN(w.row_no) AS row_no, w.vehicle_id, w.visited_on
    FROM work_visit w
    WHERE w.vehicle_id IN (SELECT vehicle_id FROM work_desk)
    GROUP BY w.vehicle_id, w.visited_on
    HAVING COUNT(*) = 1 AND MIN(CASE WHEN w.is_new THEN 1 ELSE 0 END) = 1
) s
JOIN (
    SELECT MIN(v.id) AS id, v.vehicle_id, v.visited_on
    FROM work_desk v
    WHERE v.id NOT IN (SELECT id FROM work_visit WHERE NOT is_new)
    GROUP BY v.vehicle_id, v.visited_on
    HAVING COUNT(*) = 1
) d ON d.vehicle_id = s.vehicle_id AND d.visited_on = s.visited_on
WHERE work_visit.row_no = s.row_no;
