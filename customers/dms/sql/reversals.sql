-- Money given back: on an order of this file, else on one we have. Without an order it waits for one.
-- An order of this file that is refused has its number from one we have: that one is meant.
CREATE SCRATCH TABLE work_reversal AS
SELECT r.row_no, k.id AS vehicle_id, COALESCE(NULLIF(o.target_no, ''), o.order_no) AS target_no, o.order_no,
    r.reversed_on, r.amount_fen, COALESCE(w.id, v.id) AS visit_id,
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

CREATE SCRATCH TABLE new_pending AS
SELECT NEXT_ID(customers_pendingreversal) AS id, n.*
FROM (
    SELECT r.vehicle_id, r.target_no, r.order_no, r.reversed_on, r.amount_fen, MIN(r.row_no) AS row_no
    FROM work_reversal r
    WHERE r.visit_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM customers_pendingreversal x WHERE x.store_id = :store AND x.target_no = r.target_no
            AND x.vehicle_id = r.vehicle_id AND x.order_no = r.order_no AND x.reversed_on = r.reversed_on
            AND x.amount_fen = r.amount_fen
    )
    GROUP BY r.vehicle_id, r.target_no, r.order_no, r.reversed_on, r.amount_fen
    ORDER BY MIN(r.row_no)
) n;

-- What waited for orders of this file. After a full reversal there is nothing left to give back.
CREATE SCRATCH TABLE work_pending AS
SELECT w.id AS visit_id, p.id AS pending_id, p.order_no, p.reversed_on, p.amount_fen,
    p.amount_fen = w.gross_fen AS is_full
FROM customers_pendingreversal p
JOIN work_visit w ON w.order_no = p.target_no AND w.vehicle_id = p.vehicle_id
LEFT JOIN customers_visit v ON v.id = w.id
WHERE p.store_id = :store AND NOT w.rejected AND NOT COALESCE(v.voided, FALSE)
    AND NOT EXISTS (
        SELECT 1 FROM work_reversal r
        WHERE r.visit_id = w.id AND NOT r.rejected AND (
            r.amount_fen = w.gross_fen
            OR r.order_no = p.order_no AND r.reversed_on = p.reversed_on AND r.amount_fen = p.amount_fen
        )
    );

-- Orders that were bills once and are void in this file: all that was paid goes back on the day of the visit. What the
-- file says of the number in another row too is left to people, as is an order of which something was given back.
CREATE SCRATCH TABLE work_void AS
SELECT v.id AS visit_id, v.order_no, v.visited_on AS reversed_on, v.paid_fen AS amount_fen, MIN(d.row_no) AS row_no
FROM stage_void d
JOIN stage_order o ON o.row_no = d.row_no AND o.order_no <> ''
JOIN stage_car c ON c.facts = d.car_facts
JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no AND v.source = 'dms' AND NOT v.voided
JOIN customers_vehicle k
    ON k.id = v.vehicle_id AND (c.vin <> '' AND k.vin = c.vin OR c.plate <> '' AND k.plate = c.plate)
WHERE NOT EXISTS (SELECT 1 FROM customers_reversal x WHERE x.visit_id = v.id)
    AND o.order_no NOT IN (
        SELECT order_no FROM stage_order WHERE row_no NOT IN (SELECT row_no FROM stage_void)
        UNION ALL SELECT target_no FROM work_reversal
    )
GROUP BY v.id, v.order_no, v.visited_on, v.paid_fen;

CREATE SCRATCH TABLE new_reversal AS
SELECT NEXT_ID(customers_reversal) AS id, n.*
FROM (
    SELECT b.visit_id, b.pending_id, b.order_no, b.reversed_on, b.amount_fen, CAST(NULL AS integer) AS row_no
    FROM work_pending b
    WHERE NOT EXISTS (
        SELECT 1 FROM work_pending f WHERE f.visit_id = b.visit_id AND f.is_full AND f.pending_id < b.pending_id
    ) AND NOT EXISTS (
        SELECT 1 FROM customers_reversal x WHERE x.visit_id = b.visit_id AND x.order_no = b.order_no
            AND x.reversed_on = b.reversed_on AND x.amount_fen = b.amount_fen
    )
    UNION ALL
    SELECT visit_id, CAST(NULL AS bigint), order_no, reversed_on, amount_fen, row_no FROM work_void
    UNION ALL
    SELECT r.visit_id, CAST(NULL AS bigint), r.order_no, r.reversed_on, r.amount_fen, MIN(r.row_no)
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
