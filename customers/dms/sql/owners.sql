-- The file's customers, each with the newest of what the file says, and the row of ours they are.
CREATE SCRATCH TABLE work_owner (
    owner KEY_OF_ROWS(), id bigint, is_new boolean, name text, name_key text, kind text, gender text,
    birthday date, usage text, region text, code text
);
INSERT INTO work_owner (owner, is_new, name, name_key, kind, gender, birthday, usage, region, code)
SELECT owner, FALSE, name, CASE WHEN kind = 'company' THEN name_key ELSE '' END, kind, gender, DAY(birthday),
    usage, region, code
FROM (
    SELECT
        f.owner,
        -- Once somebody has said their name, a title is no newer one.
        COALESCE(NULLIF(LATEST(full_name), ''), LATEST(name)) AS name,
        LATEST(name_key) AS name_key,
        -- Named as a company once, a company.
        MIN(f.kind) AS kind,
        LATEST_NEWS(gender) AS gender,
        LATEST_NEWS(birthday) AS birthday,
        LATEST_NEWS(usage) AS usage,
        LATEST_NEWS(region) AS region,
        LATEST(code) AS code
    FROM (SELECT o.*, s.owner, s.at, s.is_news FROM stage_owner_seen s JOIN stage_owner o ON o.facts = s.facts) f
    GROUP BY f.owner
) newest;
ANALYZE work_owner (owner, id, name, name_key, kind, code);

-- Their numbers. A stand-in's is the shop's or an insurer's: it says who is meant only where there is no car.
CREATE SCRATCH TABLE work_phone AS
SELECT s.owner, p.facts, p.place, p.number_index, p.last4_index, p.is_mobile,
    p.is_mobile AND p.place = 0 AND NOT s.is_shared AS identifies
FROM stage_phone p
JOIN stage_owner_seen s ON s.facts = p.facts
WHERE NOT (s.is_shared AND s.has_car AND p.place = 0);
ANALYZE work_phone;

-- 1. The number the store's DMS gives them; a number under several is nobody's.
UPDATE work_owner SET id = c.customer_id
FROM customers_customercode c
WHERE work_owner.code <> '' AND c.store_id = :store AND c.code = work_owner.code
    AND work_owner.code IN (SELECT code FROM work_owner GROUP BY code HAVING COUNT(*) = 1);

-- 2. Their mobile, unless three have it as their first: the primary one's first, then the one of that name.
UPDATE work_phone SET identifies = FALSE
WHERE identifies AND number_index IN (
    SELECT number_index FROM customers_phone
    WHERE is_primary AND number_index IN (SELECT number_index FROM work_phone WHERE identifies)
    GROUP BY number_index HAVING COUNT(*) >= 3
);

UPDATE work_owner SET id = best.customer_id
FROM (
    SELECT s.owner, p.customer_id, ROW_NUMBER() OVER (
        PARTITION BY s.owner ORDER BY p.is_primary DESC, (c.name = o.name) DESC, p.customer_id
    ) AS place
    FROM work_phone s
    JOIN work_owner o ON o.owner = s.owner
    JOIN customers_phone p ON p.number_index = s.number_index
    JOIN customers_customer c ON c.id = p.customer_id
    WHERE s.identifies AND o.id IS NULL AND o.kind = 'person' AND c.kind = 'person'
) best
WHERE best.place = 1 AND work_owner.owner = best.owner;

-- 3. A company by its name, however it was typed.
UPDATE work_owner SET id = c.id
FROM (SELECT name_key, MIN(id) AS id FROM customers_customer WHERE name_key <> '' GROUP BY name_key) c
WHERE work_owner.id IS NULL AND work_owner.name_key <> '' AND c.name_key = work_owner.name_key;

-- Each owner with each of their cars.
CREATE SCRATCH TABLE work_pair AS
SELECT DISTINCT t.car, t.owner
FROM (SELECT car, owner FROM stage_settled UNION ALL SELECT car, owner FROM stage_tie) t;

-- 4. The same name with the same car, or with any number of theirs. Of several with the car the one with a number of
-- theirs, then one whom nobody else in the file is: what made two of them once finds both again.
CREATE SCRATCH TABLE work_namesake AS
SELECT DISTINCT t.owner, c.id AS customer_id
FROM work_pair t
JOIN work_owner o ON o.owner = t.owner AND o.id IS NULL AND o.kind = 'person' AND o.name <> ''
JOIN work_car k ON k.car = t.car AND NOT k.is_new
JOIN customers_ownership w ON w.vehicle_id = k.id
JOIN customers_customer c ON c.id = w.customer_id AND REPLACE(c.name, ' ', '') = REPLACE(o.name, ' ', '');
ANALYZE work_namesake;

UPDATE work_owner SET id = best.customer_id
FROM (
    SELECT n.owner, n.customer_id, ROW_NUMBER() OVER (
        PARTITION BY n.owner
        ORDER BY b.owner IS NULL, n.customer_id IN (SELECT id FROM work_owner WHERE id IS NOT NULL), n.customer_id
    ) AS place
    FROM work_namesake n
    LEFT JOIN (
        SELECT DISTINCT m.owner, m.customer_id
        FROM work_namesake m
        JOIN work_phone s ON s.owner = m.owner
        JOIN customers_phone p ON p.customer_id = m.customer_id AND p.number_index = s.number_index
        WHERE m.owner IN (SELECT owner FROM work_namesake GROUP BY owner HAVING COUNT(*) > 1)
    ) b ON b.owner = n.owner AND b.customer_id = n.customer_id
) best
WHERE best.place = 1 AND work_owner.owner = best.owner;

UPDATE work_owner SET id = c.id
FROM (
    SELECT o.owner, MIN(c.id) AS id
    FROM work_owner o
    JOIN work_phone s ON s.owner = o.owner
    JOIN customers_phone p ON p.number_index = s.number_index
    JOIN customers_customer c ON c.id = p.customer_id AND c.name = o.name
    WHERE o.id IS NULL AND o.name <> ''
    GROUP BY o.owner
) c
WHERE work_owner.owner = c.owner;

-- 5. A known order's customer, where somebody wrote to it or them since: the name may have been corrected. Without that,
-- or with a mobile nobody has, it is somebody else; but a row that made the visit as it stands always meant them.
CREATE SCRATCH TABLE work_unknown AS
SELECT DISTINCT t.owner
FROM work_pair t
JOIN work_owner o ON o.owner = t.owner AND o.id IS NULL AND o.name <> ''
JOIN work_car k ON k.car = t.car AND NOT k.is_new;
ANALYZE work_unknown;

UPDATE work_owner SET id = best.customer_id
FROM (
    SELECT o.owner, v.customer_id, ROW_NUMBER() OVER (PARTITION BY o.owner ORDER BY v.visited_on, v.id) AS place
    FROM work_unknown u
    JOIN work_owner o ON o.owner = u.owner
    JOIN stage_settled s ON s.owner = u.owner
    JOIN stage_order r ON r.row_no = s.row_no
    JOIN customers_visit v ON v.store_id = :store AND v.order_no = r.order_no
    JOIN customers_customer c ON c.id = v.customer_id AND c.kind = o.kind
    WHERE s.row_no IN (SELECT row_no FROM work_again)
        OR (v.updated_at > v.created_at OR c.updated_at > v.created_at) AND (
            o.kind = 'company' OR o.owner NOT IN (SELECT owner FROM work_phone WHERE identifies)
        )
) best
WHERE best.place = 1 AND work_owner.owner = best.owner;

-- A number that tells nobody apart and has no name says nothing of a car that has an owner, here or in the file.
CREATE SCRATCH TABLE work_nameless AS
SELECT t.owner, t.car
FROM work_pair t
JOIN work_owner o ON o.owner = t.owner AND o.id IS NULL AND o.name = ''
WHERE t.owner IN (SELECT owner FROM work_phone)
    AND t.owner NOT IN (SELECT owner FROM work_phone WHERE identifies);
DELETE FROM work_phone WHERE owner IN (
    SELECT n.owner
    FROM work_nameless n
    JOIN work_car k ON k.car = n.car
    JOIN customers_vehicle v ON v.id = k.id
    WHERE v.owner_id IS NOT NULL
    UNION
    SELECT n.owner
    FROM work_nameless n
    JOIN work_pair t ON t.car = n.car AND t.owner <> n.owner
    JOIN work_owner o ON o.owner = t.owner
    WHERE o.id IS NOT NULL OR o.name <> '' OR o.owner IN (SELECT owner FROM work_phone)
);

-- Any other number without a name is kept under the name of the car it came with.
UPDATE work_owner SET name = k.name
FROM (
    SELECT t.owner, MIN(CASE WHEN k.plate <> '' THEN k.plate ELSE k.vin END) AS name
    FROM work_pair t
    JOIN work_owner o ON o.owner = t.owner AND o.id IS NULL AND o.name = ''
    JOIN work_car k ON k.car = t.car
    GROUP BY t.owner
) k
WHERE work_owner.owner = k.owner AND work_owner.owner IN (SELECT owner FROM work_phone);

-- A name on a line beside the order's own, with no number or code: nothing would find them again.
UPDATE work_owner SET id = n.id, is_new = TRUE
FROM (
    SELECT owner, NEXT_ID(customers_customer) AS id
    FROM work_owner
    WHERE id IS NULL AND name <> '' AND (
        owner IN (SELECT owner FROM work_pair)
        OR owner IN (SELECT owner FROM work_phone)
        OR code IN (SELECT code FROM work_owner WHERE code <> '' GROUP BY code HAVING COUNT(*) = 1)
    )
) n
WHERE work_owner.owner = n.owner;
ANALYZE work_owner (owner, id, is_new);

-- The address of each, the newest, by the facts that hold it.
CREATE SCRATCH TABLE work_address AS
SELECT owner, facts
FROM (
    SELECT s.owner, s.facts, ROW_NUMBER() OVER (PARTITION BY s.owner ORDER BY s.at DESC) AS place
    FROM stage_owner f JOIN stage_owner_seen s ON s.facts = f.facts
    JOIN work_owner o ON o.owner = s.owner
    WHERE f.has_address AND (s.is_news OR o.is_new)
) a
WHERE place = 1;
ANALYZE work_address;

-- The numbers they have not had. One of ours may stand under several of the file's owners.
CREATE SCRATCH TABLE new_phone AS
SELECT NEXT_ID(customers_phone) AS id, n.*
FROM (
    SELECT s.*, o.id AS customer_id,
        ROW_NUMBER() OVER (PARTITION BY o.id, s.number_index ORDER BY s.place, s.facts) AS copy,
        ROW_NUMBER() OVER (PARTITION BY o.id ORDER BY s.place, s.facts) AS rank
    FROM work_phone s JOIN work_owner o ON o.owner = s.owner
    WHERE o.id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM customers_phone p WHERE p.customer_id = o.id AND p.number_index = s.number_index
        )
) n
WHERE n.copy = 1;
ANALYZE new_phone;

-- What a row said when it made its visit was written down then: gone since, it was dropped by somebody.
DELETE FROM new_phone WHERE id IN (
    SELECT n.id
    FROM work_again a
    JOIN stage_order r ON r.row_no = a.row_no
    JOIN stage_phone p ON p.facts = r.owner_facts
    JOIN new_phone n ON n.number_index = p.number_index AND n.customer_id = a.customer_id
);

-- What only Python can seal, and only for the rows it is sealed for.
CREATE SCRATCH TABLE seal_owner (owner integer PRIMARY KEY, uid uuid, address bytea);
CREATE SCRATCH TABLE seal_phone (id bigint PRIMARY KEY, uid uuid, number bytea);
