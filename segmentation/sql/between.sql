-- Cars on whose figures nothing changed, but which the moved thresholds judge anew. Within a step the cuts of the spend
-- move over few cars. Params: value_high, value_mid, stores.
INSERT INTO segment_near
SELECT p.vehicle_id, p.store_id, p.spend_fen, p.visits_in_window, p.last_visit_on, p.value
FROM (
    SELECT n.vehicle_id
    FROM segmentation_nearcar n
    JOIN segment_threshold t ON t.store_id = n.store_id
    JOIN segment_threshold_before b ON b.store_id = n.store_id
    WHERE (n.spend_fen >= EARLIEST(b.spend_fen, t.spend_fen) AND n.spend_fen < LATEST(b.spend_fen, t.spend_fen))
        OR (n.spend_fen > EARLIEST(b.spend_1, t.spend_1) AND n.spend_fen <= LATEST(b.spend_1, t.spend_1))
        OR (n.spend_fen > EARLIEST(b.spend_2, t.spend_2) AND n.spend_fen <= LATEST(b.spend_2, t.spend_2))
        OR (n.spend_fen > EARLIEST(b.spend_3, t.spend_3) AND n.spend_fen <= LATEST(b.spend_3, t.spend_3))
        OR (n.spend_fen > EARLIEST(b.spend_4, t.spend_4) AND n.spend_fen <= LATEST(b.spend_4, t.spend_4))
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

-- A step that is kept holds all of its cars, or none.
DELETE FROM segmentation_nearcar
WHERE store_id IN :stores
    AND store_id * 1000000 + step NOT IN (SELECT store_id * 1000000 + step FROM segment_cut WHERE figure = 'spend')
