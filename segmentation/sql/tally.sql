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
        SELECT f.store_id, f.counted, f.last_visit_on, f.spend_fen, 1 AS cars
        FROM segment_figures f
        WHERE f.counted > 0 /* MOVING */
        UNION ALL
        SELECT p.store_id, p.visits_in_window, p.last_visit_on, p.spend_fen, -1
        FROM segment_touched t
        JOIN /* STORED */ p ON p.vehicle_id = t.vehicle_id
        LEFT JOIN segment_figures f ON f.vehicle_id = t.vehicle_id
        WHERE p.visits_in_window > 0 AND /* WRITTEN */ /* MOVING */
    ) seen
    CROSS JOIN (SELECT 'recent' AS figure UNION ALL SELECT 'often' UNION ALL SELECT 'spend') each
) counted
GROUP BY store_id, figure, step
HAVING SUM(cars) <> 0
-- Always in one order, so that two runs never wait for each other.
ORDER BY store_id, figure, step
ON CONFLICT (store_id, figure, step) DO UPDATE SET cars = segmentation_segmenttally.cars + excluded.cars
