-- What was staged while the file was read, in the light of the whole of it.
UPDATE stage_order SET visited_on = d.day FROM stage_day d WHERE d.said = stage_order.visited_on;
UPDATE stage_order SET settled_on = d.day FROM stage_day d WHERE d.said = stage_order.settled_on;
UPDATE stage_car SET purchased_on = d.day FROM stage_day d WHERE d.said = stage_car.purchased_on;
UPDATE stage_car SET insurance_until = d.day FROM stage_day d WHERE d.said = stage_car.insurance_until;
UPDATE stage_car SET inspection_until = d.day FROM stage_day d WHERE d.said = stage_car.inspection_until;
UPDATE stage_owner SET birthday = d.day FROM stage_day d WHERE d.said = stage_owner.birthday;

UPDATE stage_order SET arrived_at = m.arrived_at FROM stage_moment m WHERE m.row_no = stage_order.row_no;

UPDATE stage_order
SET labour_fen = s.labour_fen, parts_fen = s.parts_fen, discount_fen = s.discount_fen, paid_fen = s.paid_fen
FROM stage_sum s
WHERE s.row_no = stage_order.row_no;

-- An order without a number: what happened to a car on a day for an amount is one order.
UPDATE stage_order SET order_no = SUBSTR(
    n.day || '-' || CASE WHEN c.plate <> '' THEN c.plate ELSE c.vin END || '-' || n.amount_fen, 1, 40
)
FROM stage_unnumbered n
JOIN stage_car c ON c.facts = n.facts
WHERE n.row_no = stage_order.row_no;

INSERT INTO stage_settled (row_no, car, owner, visited_on, said)
SELECT o.row_no, p.car, p.owner, DAY(o.visited_on), XOR(o.said, :salt)
FROM stage_order o
JOIN stage_pair p ON p.car_facts = o.car_facts AND p.owner_facts = o.owner_facts
WHERE NOT EXISTS (SELECT 1 FROM stage_apart a WHERE a.row_no = o.row_no);
