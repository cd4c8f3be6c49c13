DELETE FROM work_known WHERE row_no IN (SELECT row_no FROM work_other);
DELETE FROM stage_settled WHERE row_no IN (SELECT row_no FROM work_known);
DELETE FROM stage_car_seen WHERE car IN (SELECT car FROM work_known);
DELETE FROM stage_owner_seen WHERE owner IN (SELECT owner FROM work_known);

INSERT INTO work_again (row_no, customer_id)
SELECT s.row_no, v.customer_id
FROM stage_settled s
JOIN stage_order o ON o.row_no = s.row_no
JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no AND v.said = s.said;
ANALYZE work_again;
