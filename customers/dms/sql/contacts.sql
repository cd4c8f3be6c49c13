-- New customers, phones, DMS codes and the stores that may see them.
INSERT INTO customers_customer (
    id, uid, home_store_id, name, name_key, kind, gender, birthday, id_number, id_number_index, address, region, usage,
    channel, intention, preferred_time, preferred_channel, may_call, may_message, do_not_call, price_sensitive, version,
    created_at, updated_at
)
SELECT
    o.id, a.uid, :store, o.name, o.name_key, o.kind, o.gender, o.birthday, :nothing, '',
    a.address, o.region, o.usage, 'dms', '', '', '', TRUE, TRUE, FALSE, FALSE, 1, :now, :now
FROM work_owner o
JOIN seal_owner a ON a.owner = o.owner
WHERE o.is_new;

INSERT INTO customers_phone
    (id, uid, customer_id, number, number_index, last4_index, is_mobile, is_primary, created_at)
SELECT n.id, s.uid, n.customer_id, s.number, n.number_index, n.last4_index, n.is_mobile,
    n.rank = 1 AND NOT EXISTS (
        SELECT 1 FROM customers_phone p WHERE p.customer_id = n.customer_id AND p.is_primary
    ),
    :now
FROM new_phone n
JOIN seal_phone s ON s.id = n.id;

CREATE SCRATCH TABLE new_code AS
SELECT NEXT_ID(customers_customercode) AS id, n.code, n.customer_id
FROM (
    SELECT code, MIN(id) AS customer_id FROM work_owner WHERE code <> '' AND id IS NOT NULL
    GROUP BY code HAVING COUNT(DISTINCT id) = 1
) n
WHERE NOT EXISTS (SELECT 1 FROM customers_customercode c WHERE c.store_id = :store AND c.code = n.code);
INSERT INTO customers_customercode (id, customer_id, store_id, code)
SELECT id, customer_id, :store, code FROM new_code;

CREATE SCRATCH TABLE new_link AS
SELECT NEXT_ID(customers_storecustomer) AS id, n.customer_id
FROM (SELECT DISTINCT id AS customer_id FROM work_owner WHERE id IS NOT NULL) n
WHERE NOT EXISTS (
    SELECT 1 FROM customers_storecustomer l WHERE l.customer_id = n.customer_id AND l.store_id = :store
);
INSERT INTO customers_storecustomer (id, customer_id, store_id) SELECT id, customer_id, :store FROM new_link;
