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

-- Orders that are void in this file. What the file says of the number in another row too is left to people.
-- SQLite takes what is joined by CROSS JOIN in its order: without void orders nothing is looked through.
CREATE SCRATCH TABLE work_voided AS
SELECT o.order_no, c.vin, c.plate, v.id AS visit_id, MIN(d.row_no) AS row_no, FALSE AS is_told_else
FROM stage_void d
CROSS JOIN stage_order o
CROSS JOIN stage_car c
LEFT JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no
WHERE o.row_no = d.row_no AND o.order_no <> '' AND c.facts = d.car_facts AND (c.vin <> '' OR c.plate <> '')
GROUP BY o.order_no, c.vin, c.plate, v.id;
ANALYZE work_voided;

UPDATE work_voided SET is_told_else = TRUE
WHERE order_no IN (
    SELECT order_no FROM stage_order
    WHERE order_no IN (SELECT order_no FROM work_voided) AND row_no NOT IN (SELECT row_no FROM stage_void)
    UNION ALL SELECT target_no FROM work_reversal
);

-- Those that were visits of ours: all that was paid goes back on the day of the visit, unless something did already.
CREATE SCRATCH TABLE work_void AS
SELECT v.id AS visit_id, v.order_no, v.visited_on AS reversed_on, v.paid_fen AS amount_fen, MIN(d.row_no) AS row_no
FROM work_voided d
JOIN customers_visit v ON v.id = d.visit_id AND v.source = 'dms' AND NOT v.voided
JOIN customers_vehicle k
    ON k.id = v.vehicle_id AND (d.vin <> '' AND k.vin = d.vin OR d.plate <> '' AND k.plate = d.plate)
WHERE NOT d.is_told_else AND NOT EXISTS (SELECT 1 FROM customers_reversal x WHERE x.visit_id = v.id)
GROUP BY v.id, v.order_no, v.visited_on, v.paid_fen;

CREATE SCRATCH TABLE new_pending AS
SELECT NEXT_ID(customers_pendingreversal) AS id, n.*
FROM (
    SELECT r.vehicle_id, '' AS vin, '' AS plate, r.target_no, r.order_no, r.reversed_on, r.amount_fen,
        MIN(r.row_no) AS row_no
    FROM work_reversal r
    WHERE r.visit_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM customers_pendingreversal x WHERE x.store_id = :store AND x.target_no = r.target_no
            AND x.vehicle_id = r.vehicle_id AND x.order_no = r.order_no AND x.reversed_on = r.reversed_on
            AND x.amount_fen = r.amount_fen
    )
    GROUP BY r.vehicle_id, r.target_no, r.order_no, r.reversed_on, r.amount_fen
    UNION ALL
    SELECT CAST(NULL AS bigint), d.vin, d.plate, d.order_no, d.order_no, CAST(NULL AS date), CAST(NULL AS bigint),
        d.row_no
    FROM work_voided d
    WHERE d.visit_id IS NULL AND NOT d.is_told_else AND NOT EXISTS (
        SELECT 1 FROM customers_pendingreversal x WHERE x.store_id = :store AND x.target_no = d.order_no
            AND x.amount_fen IS NULL AND (x.vin <> '' AND x.vin = d.vin OR x.plate <> '' AND x.plate = d.plate)
    ) AND NOT EXISTS (
        SELECT 1 FROM work_voided e WHERE e.order_no = d.order_no AND e.row_no < d.row_no
            AND (e.vin <> '' AND e.vin = d.vin OR e.plate <> '' AND e.plate = d.plate)
    )
    ORDER BY row_no
) n;

-- What waited for orders of this file. That an order is void is meant for the visit that is made of it now, of a car
-- known by what its card or the file says.
CREATE SCRATCH TABLE work_due AS
SELECT w.id AS visit_id, p.id AS pending_id, p.order_no, p.amount_fen IS NULL AS is_void, w.gross_fen,
    COALESCE(p.reversed_on, w.visited_on) AS reversed_on, COALESCE(p.amount_fen, w.gross_fen) AS amount_fen
FROM (SELECT id FROM customers_pendingreversal WHERE store_id = :store LIMIT 1) anything
CROSS JOIN work_visit w
CROSS JOIN customers_pendingreversal p
CROSS JOIN stage_settled s
CROSS JOIN work_car f
LEFT JOIN customers_vehicle k ON k.id = w.vehicle_id
LEFT JOIN customers_visit v ON v.id = w.id
WHERE p.store_id = :store AND p.target_no = w.order_no AND s.row_no = w.row_no AND f.car = s.car
    AND NOT w.rejected AND NOT COALESCE(v.voided, FALSE)
    AND (
        p.vehicle_id = w.vehicle_id
        OR p.amount_fen IS NULL AND COALESCE(v.source, 'desk') = 'desk'
            AND (p.vin <> '' AND p.vin IN (f.vin, k.vin) OR p.plate <> '' AND p.plate IN (f.plate, k.plate))
    );

-- After a full reversal there is nothing left to give back. Where money was given back first, a void order is left to
-- people, as it is where this file has it beside the void one.
CREATE SCRATCH TABLE work_pending AS
SELECT d.visit_id, d.pending_id, d.order_no, d.reversed_on, d.amount_fen, d.amount_fen = d.gross_fen AS is_full
FROM work_due d
WHERE NOT EXISTS (
        SELECT 1 FROM work_reversal r
        WHERE r.visit_id = d.visit_id AND NOT r.rejected AND (
            d.is_void OR r.amount_fen = d.gross_fen
            OR r.order_no = d.order_no AND r.reversed_on = d.reversed_on AND r.amount_fen = d.amount_fen
        )
    )
    AND NOT (d.is_void AND (
        EXISTS (SELECT 1 FROM work_due e WHERE e.visit_id = d.visit_id AND e.pending_id < d.pending_id)
        OR d.order_no IN (SELECT order_no FROM work_voided)
    ));

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
