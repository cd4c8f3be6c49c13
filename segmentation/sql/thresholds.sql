-- Nearest rank in whole numbers: the smallest spend that at least so many percent of the cars seen do not exceed.
-- Params: spend_percentile, stores.
INSERT INTO segment_threshold
SELECT store.id, COALESCE(found.spend_fen, 1)
FROM staff_store store
LEFT JOIN (
    SELECT store_id, CASE WHEN MIN(spend_fen) < 1 THEN 1 ELSE MIN(spend_fen) END AS spend_fen
    FROM (
        SELECT
            store_id,
            spend_fen,
            ROW_NUMBER() OVER (PARTITION BY store_id ORDER BY spend_fen) AS place,
            COUNT(*) OVER (PARTITION BY store_id) AS places
        FROM segment_figures
        WHERE counted > 0
    ) ranked
    WHERE place * 100 >= places * :spend_percentile
    GROUP BY store_id
) found ON found.store_id = store.id
WHERE store.id IN :stores
