-- The tallies of the cars seen in the window follow the cars of the run: what stands written of them goes out, what was
-- just counted comes in. Params: stores, first_day, spend_step.
INSERT INTO segmentation_segmenttally (store_id, figure, step, cars)
SELECT store_id, figure, step, SUM(cars)
FROM (
    SELECT
        seen.store_id,
        each.figure,
        CASE each.figure
            WHEN 'recent' THEN DAYS_BETWEEN(:first_day, seen.last_visit_on)
            WHEN 'often' THEN seen.counted
            ELSE seen.spend_fen / :spend_step
        END AS step,
        seen.cars
    FROM (
        SELECT store_id, counted, last_visit_on, spend_fen, 1 AS cars FROM segment_figures WHERE counted > 0
        UNION ALL
        SELECT store_id, visits_in_window, last_visit_on, spend_fen, -1
        FROM segmentation_vehiclesegment p
        WHERE visits_in_window > 0 /* WRITTEN */
    ) seen
    CROSS JOIN (SELECT 'recent' AS figure UNION ALL SELECT 'often' UNION ALL SELECT 'spend') each
) counted
GROUP BY store_id, figure, step
HAVING SUM(cars) <> 0
ON CONFLICT (store_id, figure, step) DO UPDATE SET cars = segmentation_segmenttally.cars + excluded.cars
