-- Cars on whose figures nothing changed, but which the moved thresholds judge anew. Within a step the cuts of the spend
-- move over few cars. Params: value_high, value_mid, stores.
INSERT INTO segment_near
SELECT p.vehicle_id, p.store_id, p.spend_fen, p.visits_in_window, p.last_visit_on, p.value
FROM (
    SELECT n.vehicle_id
    FROM (
        SELECT store_id, EARLIEST(was, is_now) AS low, LATEST(was, is_now) AS high
        FROM (
            -- Where high spend begins is in it; a cut is what the points begin after.
            SELECT t.store_id, b.spend_fen - 1 AS was, t.spend_fen - 1 AS is_now
            FROM segment_threshold t JOIN segment_threshold_before b ON b.store_id = t.store_id
            UNION ALL
            SELECT t.store_id, b.spend_1, t.spend_1
            FROM segment_threshold t JOIN segment_threshold_before b ON b.store_id = t.store_id
            UNION ALL
            SELECT t.store_id, b.spend_2, t.spend_2
            FROM segment_threshold t JOIN segment_threshold_before b ON b.store_id = t.store_id
            UNION ALL
            SELECT t.store_id, b.spend_3, t.spend_3
            FROM segment_threshold t JOIN segment_threshold_before b ON b.store_id = t.store_id
            UNION ALL
            SELECT t.store_id, b.spend_4, t.spend_4
            FROM segment_threshold t JOIN segment_threshold_before b ON b.store_id = t.store_id
        ) cut
        WHERE was <> is_now
    ) moved
    CROSS JOIN segmentation_nearcar n
    WHERE n.store_id = moved.store_id
        AND n.step >= moved.low / :spend_step AND n.step <= moved.high / :spend_step
        AND n.spend_fen > moved.low AND n.spend_fen <= moved.high
    EXCEPT
    SELECT vehicle_id FROM segment_touched
    EXCEPT
    SELECT vehicle_id FROM segment_near
) passed
-- SQLite keeps the order of a CROSS JOIN: the few cars first.
CROSS JOIN segmentation_vehiclesegment p
WHERE p.vehicle_id = passed.vehicle_id;

INSERT INTO segment_between
SELECT f.vehicle_id
FROM segment_near f
JOIN segment_threshold t ON t.store_id = f.store_id
JOIN segment_threshold_before b ON b.store_id = f.store_id
WHERE (f.spend_fen >= t.spend_fen AND f.spend_fen < b.spend_fen)
    OR (f.spend_fen >= b.spend_fen AND f.spend_fen < t.spend_fen)
    OR f.value <> /* VALUE counted */;

INSERT INTO segment_touched SELECT vehicle_id, 0 FROM segment_between;

-- A step that is kept holds all of its cars, or none: those in which no cut stands any more, or that one passed over, go.
DELETE FROM segmentation_nearcar
WHERE (store_id, step) IN (
    SELECT store_id, step FROM segment_cut_before WHERE figure = 'spend'
    UNION SELECT place / 1000000, place %% 1000000 FROM segment_step WHERE figure = 'spend'
    EXCEPT SELECT store_id, step FROM segment_cut WHERE figure = 'spend'
)
