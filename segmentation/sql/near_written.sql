-- The same of the cars that nothing touched; who stands in a step passed over by a cut of another figure is near it too.
-- Params: spend_step.
INSERT INTO segment_near
SELECT vehicle_id, store_id, spend_fen, visits_in_window, last_visit_on, value
FROM segmentation_vehiclesegment
WHERE visits_in_window > 0
    AND (
        (store_id, spend_fen / :spend_step) IN (SELECT store_id, step FROM segment_step WHERE figure = 'spend')
        OR (store_id, last_visit_on) IN (SELECT store_id, day FROM segment_step WHERE figure = 'recent')
        OR (store_id, visits_in_window) IN (SELECT store_id, step FROM segment_step WHERE figure = 'often')
    )
    AND vehicle_id NOT IN (SELECT vehicle_id FROM segment_touched)
