-- Of each store: from which spend on it is high, and the four cuts between the fifths of its cars seen in the window,
-- by last visit, number of visits and spend. Params: spend_percentile (0: the amount instead), spend_amount_fen, stores,
-- first_day.
INSERT INTO segment_threshold
SELECT
    store.id,
    CASE
        WHEN :spend_percentile = 0 THEN CASE WHEN :spend_amount_fen < 1 THEN 1 ELSE :spend_amount_fen END
        WHEN cut.spend_0 > 1 THEN cut.spend_0
        ELSE 1
    END,
    CASE WHEN recent_1 IS NOT NULL THEN DAYS_AFTER(:first_day, recent_1) END,
    CASE WHEN recent_2 IS NOT NULL THEN DAYS_AFTER(:first_day, recent_2) END,
    CASE WHEN recent_3 IS NOT NULL THEN DAYS_AFTER(:first_day, recent_3) END,
    CASE WHEN recent_4 IS NOT NULL THEN DAYS_AFTER(:first_day, recent_4) END,
    often_1, often_2, often_3, often_4,
    spend_1, spend_2, spend_3, spend_4
FROM staff_store store
LEFT JOIN (
    SELECT
        store_id,
        MAX(CASE WHEN figure = 'recent' AND number = 1 THEN value END) AS recent_1,
        MAX(CASE WHEN figure = 'recent' AND number = 2 THEN value END) AS recent_2,
        MAX(CASE WHEN figure = 'recent' AND number = 3 THEN value END) AS recent_3,
        MAX(CASE WHEN figure = 'recent' AND number = 4 THEN value END) AS recent_4,
        MAX(CASE WHEN figure = 'often' AND number = 1 THEN value END) AS often_1,
        MAX(CASE WHEN figure = 'often' AND number = 2 THEN value END) AS often_2,
        MAX(CASE WHEN figure = 'often' AND number = 3 THEN value END) AS often_3,
        MAX(CASE WHEN figure = 'often' AND number = 4 THEN value END) AS often_4,
        MAX(CASE WHEN figure = 'spend' AND number = 0 THEN value END) AS spend_0,
        MAX(CASE WHEN figure = 'spend' AND number = 1 THEN value END) AS spend_1,
        MAX(CASE WHEN figure = 'spend' AND number = 2 THEN value END) AS spend_2,
        MAX(CASE WHEN figure = 'spend' AND number = 3 THEN value END) AS spend_3,
        MAX(CASE WHEN figure = 'spend' AND number = 4 THEN value END) AS spend_4
    FROM (
        SELECT store_id, figure, number, step AS value FROM segment_cut WHERE figure <> 'spend'
        UNION ALL
        -- Within its step a cut of the spend is the first car at which the percentage is reached.
        SELECT c.store_id, c.figure, c.number, (
            SELECT MIN(n.spend_fen)
            FROM (
                SELECT spend_fen, ROW_NUMBER() OVER (ORDER BY spend_fen) AS place
                FROM segmentation_nearcar
                WHERE store_id = c.store_id AND step = c.step
            ) n
            WHERE n.place = (c.places * c.percent + 99) / 100 - c.before
        )
        FROM segment_cut c
        WHERE c.figure = 'spend'
    ) valued
    GROUP BY store_id
) cut ON cut.store_id = store.id
WHERE store.id IN :stores
