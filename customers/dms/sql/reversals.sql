-- Money given back: on an order of this file, else on one we have. Without an order it waits in the report.
-- An order of this file that is refused has its number from one we have: that one is meant.
CREATE SCRATCH TABLE work_reversal AS
SELECT r.row_no, o.order_no, r.reversed_on, r.amount_fen, COALESCE(w.id, v.id) AS visit_id,
    COALESCE(
        w.id IS NULL AND (
            v.vehicle_id <> k.id
            OR v.voided AND NOT EXISTS (
                SELECT 1 FROM customers_reversal x WHERE x.visit_id = v.id AND x.order_no = o.order_no
                    AND x.reversed_on = r.reversed_on AND x.amount_fen = r.amount_fen
            )
        ),
        FALSE
    ) AS rejected,
    w.id IS NULL AS is_elsewhere
FROM stage_back r
JOIN stage_order o ON o.row_no = r.row_no
LEFT JOIN work_car k ON k.car = r.car
LEFT JOIN work_visit w ON w.row_no = r.of_row AND NOT w.rejected
LEFT JOIN customers_visit v
    ON w.id IS NULL AND v.store_id = :store AND v.order_no = COALESCE(NULLIF(o.target_no, ''), o.order_no);

CREATE SCRATCH TABLE new_reversal AS
SELECT NEXT_ID(customers_reversal) AS id, n.*
FROM (
    SELECT r.visit_id, r.order_no, r.reversed_on, r.amount_fen, MIN(r.row_no) AS row_no
    FROM work_reversal r
    WHERE r.visit_id IS NOT NULL AND NOT r.rejected
        AND NOT EXISTS (
            SELECT 1 FROM customers_reversal x WHERE x.visit_id = r.visit_id AND x.order_no = r.order_no
                AND x.reversed_on = r.reversed_on AND x.amount_fen = r.amount_fen
        )
    GROUP BY r.visit_id, r.order_no, r.reversed_on, r.amount_fen
) n;

ANALYZE new_reversal;

UPDATE work_visit SET net_fen = work_visit.gross_fen - r.total_fen, voided = r.greatest_fen = work_visit.gross_fen
FROM (
    SELECT visit_id, SUM(amount_fen) AS total_fen, MAX(amount_fen) AS greatest_fen
    FROM (
        SELECT visit_id, amount_fen FROM new_reversal
        UNION ALL
        SELECT x.visit_id, x.amount_fen FROM customers_reversal x
        WHERE x.visit_id IN (SELECT id FROM work_visit WHERE NOT is_new)
    ) u
    GROUP BY visit_id
) r
WHERE r.visit_id = work_visit.id;
