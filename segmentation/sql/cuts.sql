-- In which step of the tallies each cut stands, and how many cars stand before that step. By nearest rank in whole
-- numbers: the smallest value that at least so many percent do not exceed. Cut 0 is where high spend begins.
-- Params: stores, spend_percentile (0: an amount stands for it).
INSERT INTO segment_cut
SELECT placed.store_id, placed.figure, cut.number, cut.percent, placed.step, placed.place - placed.cars, placed.places
FROM (
    SELECT *
    FROM (
        SELECT
            t.store_id,
            t.figure,
            t.step,
            t.cars,
            SUM(t.cars) OVER (PARTITION BY t.store_id, t.figure ORDER BY t.step) AS place,
            total.places
        FROM (
            SELECT store_id, figure, SUM(cars) AS places
            FROM segmentation_segmenttally
            WHERE store_id IN :stores AND figure IN ('recent', 'often', 'spend') AND cars > 0
            GROUP BY store_id, figure
        ) total
        CROSS JOIN segmentation_segmenttally t
        WHERE t.store_id = total.store_id AND t.figure = total.figure AND t.cars > 0
    ) counted
    -- Only the few steps in which some cut stands meet the five.
    WHERE place * 5 / places > (place - cars) * 5 / places
        OR (place * 100 >= places * :spend_percentile AND (place - cars) * 100 < places * :spend_percentile)
) placed
-- SQLite keeps the order of a CROSS JOIN: the other way round it would place all anew for each cut.
CROSS JOIN (
    SELECT 0 AS number, :spend_percentile AS percent
    UNION ALL SELECT 1, 20 UNION ALL SELECT 2, 40 UNION ALL SELECT 3, 60 UNION ALL SELECT 4, 80
) cut
WHERE placed.place * 100 >= placed.places * cut.percent
    AND (placed.place - placed.cars) * 100 < placed.places * cut.percent
    AND cut.percent > 0 AND (cut.number > 0 OR placed.figure = 'spend');

-- The steps in which a cut of the spend stands, and all between which a cut moved: only cars there can be judged
-- otherwise than before. Who stands in a step of the spend may be known from the run before. A place is store and step
-- in one number, which is found sooner than two.
INSERT INTO segment_step
SELECT met.figure, met.store_id * 1000000 + met.step
FROM (
    SELECT figure, store_id, step FROM segment_cut WHERE figure = 'spend'
    UNION
    SELECT t.figure, t.store_id, t.step
    FROM segment_cut_before b
    JOIN segment_cut c ON c.store_id = b.store_id AND c.figure = b.figure AND c.number = b.number AND c.step <> b.step
    JOIN segmentation_segmenttally t ON t.store_id = c.store_id AND t.figure = c.figure
        AND t.step >= EARLIEST(b.step, c.step) AND t.step <= LATEST(b.step, c.step)
) met
WHERE met.figure <> 'spend' OR NOT EXISTS (
    SELECT 1 FROM segmentation_nearcar n WHERE n.store_id = met.store_id AND n.step = met.step
)
