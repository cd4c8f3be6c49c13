-- Rows that made a visit which nobody has touched since, nor its car nor its owner: the same again is no news.
CREATE SCRATCH TABLE work_known AS
SELECT s.row_no, s.car, s.owner
FROM stage_settled s
JOIN stage_order o ON o.row_no = s.row_no
JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no
JOIN customers_vehicle k ON k.id = v.vehicle_id
JOIN customers_customer c ON c.id = v.customer_id
WHERE v.said = s.said AND v.updated_at = v.created_at
    AND k.updated_at <= v.updated_at AND c.updated_at <= v.updated_at;
ANALYZE work_known;

CREATE SCRATCH TABLE work_other AS
SELECT row_no, car, owner FROM stage_settled WHERE row_no NOT IN (SELECT row_no FROM work_known)
UNION ALL SELECT row_no, car, owner FROM stage_tie
UNION ALL SELECT row_no, car, NULL FROM stage_back;
ANALYZE work_other;
