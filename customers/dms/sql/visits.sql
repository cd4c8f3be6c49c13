-- The file's orders as visits: which are ours already, which are new, which numbers belong to another order.
CREATE TEMPORARY TABLE work_visit AS
SELECT s.row_no, COALESCE(v.id, NEXT_ID(customers_visit)) AS id, v.id IS NULL AS is_new, FALSE AS rejected,
    k.id AS vehicle_id, o.id AS customer_id, s.paid_fen AS gross_fen, s.paid_fen AS net_fen, FALSE AS voided
FROM stage_order s
JOIN work_car k ON k.car = s.car
LEFT JOIN work_owner o ON o.owner = s.owner
LEFT JOIN customers_visit v ON v.store_id = :store AND v.order_no = s.order_no;
ANALYZE work_visit;

-- A number typed at the desk is the DMS's to correct, but not to move to another car.
UPDATE work_visit SET rejected = TRUE
FROM customers_visit v
JOIN stage_order s ON s.order_no = v.order_no
WHERE v.store_id = :store AND work_visit.row_no = s.row_no AND v.id = work_visit.id AND NOT work_visit.is_new
    AND (
        v.vehicle_id <> work_visit.vehicle_id
        OR v.source <> 'desk' AND (
            v.visited_on <> s.visited_on
            OR NOT :amount_may_change AND s.paid_fen <> v.paid_fen + COALESCE(
                (SELECT SUM(r.amount_fen) FROM customers_reversal r WHERE r.visit_id = v.id), 0
            )
        )
    );

-- Logged at the desk before the DMS had it: the same car, day and kind is the same visit.
UPDATE work_visit SET id = d.id, is_new = FALSE
FROM (
    SELECT w.row_no, w.vehicle_id, s.visited_on, s.kind,
        ROW_NUMBER() OVER (PARTITION BY w.vehicle_id, s.visited_on, s.kind ORDER BY w.row_no) AS place
    FROM work_visit w JOIN stage_order s ON s.row_no = w.row_no
    WHERE w.is_new
) s
JOIN (
    SELECT v.id, v.vehicle_id, v.visited_on, v.kind,
        ROW_NUMBER() OVER (PARTITION BY v.vehicle_id, v.visited_on, v.kind ORDER BY v.id) AS place
    FROM customers_visit v
    WHERE v.store_id = :store AND v.source = 'desk' AND NOT v.voided AND v.id NOT IN (SELECT id FROM work_visit)
) d ON d.vehicle_id = s.vehicle_id AND d.visited_on = s.visited_on AND d.kind = s.kind AND d.place = s.place
WHERE work_visit.row_no = s.row_no;

-- The only visit of the day on both sides is one visit, whatever each called it.
UPDATE work_visit SET id = d.id, is_new = FALSE
FROM (
    SELECT MIN(w.row_no) AS row_no, w.vehicle_id, s.visited_on
    FROM work_visit w JOIN stage_order s ON s.row_no = w.row_no
    GROUP BY w.vehicle_id, s.visited_on
    HAVING COUNT(*) = 1 AND MIN(CASE WHEN w.is_new THEN 1 ELSE 0 END) = 1
) s
JOIN (
    SELECT MIN(v.id) AS id, v.vehicle_id, v.visited_on
    FROM customers_visit v
    WHERE v.store_id = :store AND v.source = 'desk' AND NOT v.voided AND v.id NOT IN (SELECT id FROM work_visit)
    GROUP BY v.vehicle_id, v.visited_on
    HAVING COUNT(*) = 1
) d ON d.vehicle_id = s.vehicle_id AND d.visited_on = s.visited_on
WHERE work_visit.row_no = s.row_no;
