-- Cars on whose figures nothing changed, but which the moved thresholds judge anew. Params: value_high, value_mid.
INSERT INTO segment_between
SELECT f.vehicle_id
FROM segment_near f
JOIN segment_threshold t ON t.store_id = f.store_id
JOIN segment_threshold_before b ON b.store_id = f.store_id
WHERE f.value IS NOT NULL
    AND (
        (f.spend_fen >= t.spend_fen AND f.spend_fen < b.spend_fen)
        OR (f.spend_fen >= b.spend_fen AND f.spend_fen < t.spend_fen)
        OR f.value <> /* VALUE counted */
    );

INSERT INTO segment_touched SELECT vehicle_id FROM segment_between
