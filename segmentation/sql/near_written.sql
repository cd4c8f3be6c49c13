-- The cars that nothing touched in the steps that a cut came to or passed over. Whether a car was touched is asked last,
-- which only a CASE can say: PostgreSQL would look each of them up first. Params: first_day, spend_step.
INSERT INTO segment_near
SELECT vehicle_id, store_id, spend_fen, visits_in_window, last_visit_on, value
FROM segmentation_vehiclesegment
WHERE CASE
    WHEN visits_in_window > 0
        AND (
            store_id * 1000000 + spend_fen / :spend_step IN (SELECT place FROM segment_step WHERE figure = 'spend')
            OR store_id * 1000000 + visits_in_window IN (SELECT place FROM segment_step WHERE figure = 'often')
            -- The day alone first: for SQLite the number of a day is the cost of this statement.
            OR (
                last_visit_on IN (
                    SELECT DAYS_AFTER(:first_day, place %% 1000000) FROM segment_step WHERE figure = 'recent'
                )
                AND store_id * 1000000 + DAYS_BETWEEN(:first_day, last_visit_on)
                    IN (SELECT place FROM segment_step WHERE figure = 'recent')
            )
        )
    THEN vehicle_id NOT IN (SELECT vehicle_id FROM segment_touched)
END;

INSERT INTO segmentation_nearcar (vehicle_id, store_id, step, spend_fen)
SELECT vehicle_id, store_id, spend_fen / :spend_step, spend_fen
FROM segment_near
WHERE store_id * 1000000 + spend_fen / :spend_step IN (SELECT place FROM segment_step WHERE figure = 'spend')
