-- How many cars went from which group to which between two days. Who stayed throughout is told from the index alone;
-- only spells that cover one of the two days are looked at by car. NULL before: not in the base then; after: gone.
-- Params: stores, family, from_on, to_on (from_on < to_on).
SELECT was, became, SUM(cars)
FROM (
    SELECT value AS was, value AS became, COUNT(*) AS cars
    FROM segmentation_segmentspell
    WHERE store_id IN :stores AND family = :family
        AND since_on <= :from_on AND (until_on IS NULL OR until_on > :to_on)
    GROUP BY value
    UNION ALL
    SELECT was, became, COUNT(*) AS cars
    FROM (
        SELECT
            MAX(value) FILTER (WHERE since_on <= :from_on) AS was,
            MAX(value) FILTER (WHERE since_on > :from_on) AS became
        FROM segmentation_segmentspell
        WHERE store_id IN :stores AND family = :family
            AND (
                (since_on <= :from_on AND until_on > :from_on AND until_on <= :to_on)
                OR (since_on > :from_on AND since_on <= :to_on AND (until_on IS NULL OR until_on > :to_on))
            )
        GROUP BY vehicle_id
    ) moved
    GROUP BY was, became
) told
GROUP BY was, became
