-- Orders whose number belongs to another, and money given back on another car's, are refused: what they say of cars and
-- owners does not count either. Take them out, so that whose cars and owners are ours is found once more without them.
-- Who is one person in the file stays as all its rows tell.
INSERT INTO work_refused (row_no, is_order, kind, fen, visit_id, is_other_car)
SELECT w.row_no, TRUE, w.kind, w.gross_fen, v.id, v.vehicle_id <> w.vehicle_id
FROM work_visit w JOIN customers_visit v ON v.id = w.known
WHERE w.rejected
UNION ALL SELECT r.row_no, FALSE, o.kind, -r.amount_fen, v.id, COALESCE(v.vehicle_id <> k.id, FALSE)
FROM work_reversal r
JOIN stage_order o ON o.row_no = r.row_no
JOIN customers_visit v ON v.id = r.visit_id
JOIN stage_back b ON b.row_no = r.row_no
LEFT JOIN work_car k ON k.car = b.car
WHERE r.rejected;

-- The rows themselves, their doubles and their lines.
CREATE SCRATCH TABLE work_hushed AS
SELECT row_no, car_facts, owner_facts FROM stage_order
WHERE row_no IN (SELECT row_no FROM work_refused)
    OR row_no IN (
        SELECT p.row_no FROM stage_problem p
        WHERE p.outcome = 'duplicate' AND p.of_row IN (SELECT row_no FROM work_refused)
    )
    OR row_no IN (SELECT line_row FROM stage_line_of WHERE row_no IN (SELECT row_no FROM work_refused));

DELETE FROM stage_settled WHERE row_no IN (SELECT row_no FROM work_hushed);
DELETE FROM stage_tie WHERE row_no IN (SELECT row_no FROM work_hushed);
DELETE FROM stage_back WHERE row_no IN (SELECT row_no FROM work_hushed);
DELETE FROM stage_line_of WHERE line_row IN (SELECT row_no FROM work_hushed);

-- When it was said last by the others; or not at all.
CREATE SCRATCH TABLE work_said AS
SELECT o.car_facts, o.owner_facts, p.car, p.owner, AT_ROW(r.day, o.row_no) AS at
FROM (
    SELECT row_no, visited_on AS day FROM stage_settled
    UNION ALL SELECT row_no, day FROM stage_tie
    UNION ALL SELECT l.line_row, s.visited_on FROM stage_line_of l JOIN stage_settled s ON s.row_no = l.row_no
    WHERE l.line_row <> l.row_no
) r
JOIN stage_order o ON o.row_no = r.row_no
JOIN stage_pair p ON p.car_facts = o.car_facts AND p.owner_facts = o.owner_facts;

DELETE FROM stage_car_seen WHERE facts IN (SELECT car_facts FROM work_hushed);
INSERT INTO stage_car_seen (facts, car, at)
SELECT car_facts, car, MAX(at) FROM work_said
WHERE car > 0 AND car_facts IN (SELECT car_facts FROM work_hushed)
GROUP BY car_facts, car;

CREATE SCRATCH TABLE work_shared AS SELECT DISTINCT facts FROM stage_owner_seen WHERE is_shared;
DELETE FROM stage_owner_seen WHERE facts IN (SELECT owner_facts FROM work_hushed);
INSERT INTO stage_owner_seen (facts, owner, is_shared, has_car, at)
SELECT owner_facts, owner, owner_facts IN (SELECT facts FROM work_shared), car > 0, MAX(at) FROM work_said
WHERE owner_facts IN (SELECT owner_facts FROM work_hushed)
GROUP BY owner_facts, owner, car > 0;

DROP TABLE work_hushed;
DROP TABLE work_said;
DROP TABLE work_shared;
