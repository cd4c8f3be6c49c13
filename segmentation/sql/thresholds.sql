-- Of each store: from which spend on it is high, and the four cuts between the fifths of its cars seen in the window,
-- by last visit, number of visits and spend. All by nearest rank in whole numbers: the smallest value that at least
-- so many percent do not exceed. Params: spend_percentile (0: the amount instead), spend_amount_fen, stores.
INSERT INTO segment_threshold
SELECT
    store.id,
    CASE
        WHEN :spend_percentile = 0 THEN CASE WHEN :spend_amount_fen < 1 THEN 1 ELSE :spend_amount_fen END
        WHEN spend.threshold > 1 THEN spend.threshold
        ELSE 1
    END,
    recent.cut_1, recent.cut_2, recent.cut_3, recent.cut_4,
    often.cut_1, often.cut_2, often.cut_3, often.cut_4,
    spend.cut_1, spend.cut_2, spend.cut_3, spend.cut_4
FROM staff_store store
LEFT JOIN (
    SELECT
        store_id,
        MIN(spend_fen) FILTER (WHERE place * 100 >= places * :spend_percentile) AS threshold,
        MIN(spend_fen) FILTER (WHERE place * 100 >= places * 20) AS cut_1,
        MIN(spend_fen) FILTER (WHERE place * 100 >= places * 40) AS cut_2,
        MIN(spend_fen) FILTER (WHERE place * 100 >= places * 60) AS cut_3,
        MIN(spend_fen) FILTER (WHERE place * 100 >= places * 80) AS cut_4
    FROM (
        SELECT placed.store_id, spend_fen, place, places
        FROM (
            SELECT store_id, spend_fen, ROW_NUMBER() OVER (PARTITION BY store_id ORDER BY spend_fen) AS place
            FROM /* SEEN */ seen
        ) placed
        JOIN (SELECT store_id, COUNT(*) AS places FROM /* SEEN */ seen GROUP BY store_id) every
            ON every.store_id = placed.store_id
    ) ranked
    GROUP BY store_id
) spend ON spend.store_id = store.id
LEFT JOIN (
    SELECT
        store_id,
        MIN(last_visit_on) FILTER (WHERE place * 100 >= places * 20) AS cut_1,
        MIN(last_visit_on) FILTER (WHERE place * 100 >= places * 40) AS cut_2,
        MIN(last_visit_on) FILTER (WHERE place * 100 >= places * 60) AS cut_3,
        MIN(last_visit_on) FILTER (WHERE place * 100 >= places * 80) AS cut_4
    FROM (
        SELECT
            store_id,
            last_visit_on,
            SUM(n) OVER (PARTITION BY store_id ORDER BY last_visit_on) AS place,
            SUM(n) OVER (PARTITION BY store_id) AS places
        FROM (SELECT store_id, last_visit_on, COUNT(*) AS n FROM /* SEEN */ seen GROUP BY store_id, last_visit_on) days
    ) ranked
    GROUP BY store_id
) recent ON recent.store_id = store.id
LEFT JOIN (
    SELECT
        store_id,
        MIN(counted) FILTER (WHERE place * 100 >= places * 20) AS cut_1,
        MIN(counted) FILTER (WHERE place * 100 >= places * 40) AS cut_2,
        MIN(counted) FILTER (WHERE place * 100 >= places * 60) AS cut_3,
        MIN(counted) FILTER (WHERE place * 100 >= places * 80) AS cut_4
    FROM (
        SELECT
            store_id,
            counted,
            SUM(n) OVER (PARTITION BY store_id ORDER BY counted) AS place,
            SUM(n) OVER (PARTITION BY store_id) AS places
        FROM (SELECT store_id, counted, COUNT(*) AS n FROM /* SEEN */ seen GROUP BY store_id, counted) times
    ) ranked
    GROUP BY store_id
) often ON often.store_id = store.id
WHERE store.id IN :stores
