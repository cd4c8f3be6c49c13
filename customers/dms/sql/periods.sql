-- Our visits that get another day.
CREATE SCRATCH TABLE work_moved AS
SELECT v.id, v.vehicle_id, v.customer_id, v.visited_on AS was_on, v.odometer_km AS was_km, w.visited_on AS moved_to
FROM work_visit w
JOIN customers_visit v ON v.id = w.id
WHERE w.is_moved;
ANALYZE work_moved;

-- Ownerships that began with such a visit, as far as it tells; not where somebody wrote down whose the car was.
CREATE SCRATCH TABLE work_begun AS
SELECT m.vehicle_id, m.customer_id, m.was_on, MIN(m.moved_to) AS moved_to
FROM work_moved m
JOIN customers_ownership o
    ON o.vehicle_id = m.vehicle_id AND o.customer_id = m.customer_id AND o.since_on = m.was_on
WHERE NOT EXISTS (
        SELECT 1 FROM customers_visit v
        WHERE v.vehicle_id = m.vehicle_id AND v.visited_on = m.was_on AND v.customer_id = m.customer_id
            AND NOT v.voided AND v.id NOT IN (SELECT id FROM work_moved)
    )
    AND NOT EXISTS (
        SELECT 1 FROM staff_auditentry a
        WHERE a.subject = 'customers.vehicle' AND a.subject_id = m.vehicle_id
            AND a.action IN ('vehicle.create', 'vehicle.owner')
    )
GROUP BY m.vehicle_id, m.customer_id, m.was_on;
ANALYZE work_begun;

-- Who owned which car when, from the file and from what was known. Only cars with news are looked at.
-- The DMS goes on naming an owner who left: that is no news.
CREATE SCRATCH TABLE work_news AS
SELECT DISTINCT k.id AS vehicle_id
FROM work_pair t
JOIN work_car k ON k.car = t.car
JOIN work_owner o ON o.owner = t.owner AND o.id IS NOT NULL
LEFT JOIN customers_vehicle v ON v.id = k.id
WHERE k.is_new OR v.owner_id IS DISTINCT FROM o.id AND NOT EXISTS (
    SELECT 1 FROM customers_ownership w
    WHERE w.vehicle_id = k.id AND w.customer_id = o.id AND w.until_on IS NOT NULL
);
INSERT INTO work_news (vehicle_id)
SELECT DISTINCT vehicle_id FROM work_begun WHERE vehicle_id NOT IN (SELECT vehicle_id FROM work_news);
ANALYZE work_news;

CREATE SCRATCH TABLE work_tie AS
SELECT k.id AS vehicle_id, o.id AS customer_id, t.day, t.row_no, k.is_new
FROM (
    SELECT row_no, car, owner, visited_on AS day FROM stage_settled
    UNION ALL SELECT row_no, car, owner, day FROM stage_tie
) t
JOIN work_car k ON k.car = t.car AND k.id IN (SELECT vehicle_id FROM work_news)
JOIN work_owner o ON o.owner = t.owner
WHERE o.id IS NOT NULL;
ANALYZE work_tie;

CREATE SCRATCH TABLE work_evidence (
    vehicle_id bigint, customer_id bigint, day date, rank integer
);
INSERT INTO work_evidence (vehicle_id, customer_id, day, rank)
SELECT t.vehicle_id, t.customer_id, t.day, t.row_no
FROM work_tie t
WHERE t.is_new OR NOT EXISTS (
    SELECT 1 FROM customers_ownership w
    WHERE w.vehicle_id = t.vehicle_id AND w.customer_id = t.customer_id AND w.until_on <= t.day
);

CREATE SCRATCH TABLE work_period AS
SELECT DISTINCT vehicle_id FROM work_evidence
WHERE vehicle_id NOT IN (SELECT id FROM work_car WHERE is_new);
ANALYZE work_evidence;
ANALYZE work_period;

-- What was known of these cars counts as it did: visits, days on which an ownership began or ended. What came of a
-- visit that gets another day goes with it: the file says whose the car was then.
INSERT INTO work_evidence (vehicle_id, customer_id, day, rank)
SELECT v.vehicle_id, v.customer_id, v.visited_on, 0
FROM customers_visit v
WHERE v.vehicle_id IN (SELECT vehicle_id FROM work_period) AND v.customer_id IS NOT NULL AND NOT v.voided
    AND v.id NOT IN (SELECT id FROM work_moved);

INSERT INTO work_evidence (vehicle_id, customer_id, day, rank)
SELECT w.vehicle_id, w.customer_id, w.since_on, 2000000000
FROM customers_ownership w
WHERE w.vehicle_id IN (SELECT vehicle_id FROM work_period) AND w.since_on IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM work_begun b
        WHERE b.vehicle_id = w.vehicle_id AND b.customer_id = w.customer_id AND b.was_on = w.since_on
    );

INSERT INTO work_evidence (vehicle_id, customer_id, day, rank)
SELECT w.vehicle_id, w.customer_id, DAY_BEFORE(CASE WHEN b.moved_to < w.until_on THEN b.moved_to ELSE w.until_on END), 0
FROM customers_ownership w
LEFT JOIN work_begun b ON b.vehicle_id = w.vehicle_id AND b.was_on = w.until_on
WHERE w.vehicle_id IN (SELECT vehicle_id FROM work_period) AND w.since_on IS NULL AND w.until_on IS NOT NULL;

-- A present owner without a day was the owner when the car was entered.
INSERT INTO work_evidence (vehicle_id, customer_id, day, rank)
SELECT v.id, v.owner_id, DATE(v.created_at), 2000000001
FROM customers_vehicle v
WHERE v.id IN (SELECT vehicle_id FROM work_period) AND v.owner_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM customers_ownership w
        WHERE w.vehicle_id = v.id AND w.until_on IS NULL AND w.since_on IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM customers_visit s WHERE s.vehicle_id = v.id AND s.customer_id = v.owner_id AND NOT s.voided
    );

DROP TABLE work_period;
CREATE SCRATCH TABLE work_period AS
SELECT
    b.vehicle_id, b.customer_id,
    CASE WHEN b.earlier IS NULL THEN NULL ELSE b.day END AS since_on,
    LEAD(b.day) OVER (PARTITION BY b.vehicle_id ORDER BY b.place) AS until_on,
    ROW_NUMBER() OVER (PARTITION BY b.vehicle_id, b.customer_id ORDER BY b.place) AS turn
FROM (
    SELECT e.*,
        LAG(e.customer_id) OVER (PARTITION BY e.vehicle_id ORDER BY e.day, e.rank, e.customer_id) AS earlier,
        ROW_NUMBER() OVER (PARTITION BY e.vehicle_id ORDER BY e.day, e.rank, e.customer_id) AS place
    FROM work_evidence e
) b
WHERE b.earlier IS DISTINCT FROM b.customer_id;
ANALYZE work_period;
