-- Phones, DMS codes and the stores that may see them. One of ours may stand under several of the file's numbers.
CREATE TEMPORARY TABLE new_phone AS
SELECT NEXT_ID(customers_phone) AS id, n.*
FROM (
    SELECT s.*, o.id AS customer_id,
        ROW_NUMBER() OVER (PARTITION BY o.id, s.number_index ORDER BY s.place) AS copy,
        ROW_NUMBER() OVER (PARTITION BY o.id ORDER BY s.place) AS rank
    FROM stage_phone s JOIN work_owner o ON o.owner = s.owner
    WHERE o.id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM customers_phone p WHERE p.customer_id = o.id AND p.number_index = s.number_index
        )
) n
WHERE n.copy = 1;
INSERT INTO customers_phone
    (id, uid, customer_id, number, number_index, last4_index, is_mobile, is_primary, created_at)
SELECT n.id, n.uid, n.customer_id, n.number, n.number_index, n.last4_index, n.is_mobile,
    n.rank = 1 AND NOT EXISTS (
        SELECT 1 FROM customers_phone p WHERE p.customer_id = n.customer_id AND p.is_primary
    ),
    :now
FROM new_phone n;

CREATE TEMPORARY TABLE new_code AS
SELECT NEXT_ID(customers_customercode) AS id, n.code, n.customer_id
FROM (
    SELECT code, MIN(id) AS customer_id FROM work_owner WHERE code <> '' AND id IS NOT NULL
    GROUP BY code HAVING COUNT(DISTINCT id) = 1
) n
WHERE NOT EXISTS (SELECT 1 FROM customers_customercode c WHERE c.store_id = :store AND c.code = n.code);
INSERT INTO customers_customercode (id, customer_id, store_id, code)
SELECT id, customer_id, :store, code FROM new_code;

CREATE TEMPORARY TABLE new_link AS
SELECT NEXT_ID(customers_storecustomer) AS id, n.customer_id
FROM (SELECT DISTINCT id AS customer_id FROM work_owner WHERE id IS NOT NULL) n
WHERE NOT EXISTS (
    SELECT 1 FROM customers_storecustomer l WHERE l.customer_id = n.customer_id AND l.store_id = :store
);
INSERT INTO customers_storecustomer (id, customer_id, store_id) SELECT id, customer_id, :store FROM new_link;
