-- The cars seen in the window, for a run over the touched ones: the others' figures as they stand written.
-- Read once here, as the thresholds look at them four times. Params: stores.
INSERT INTO segment_seen_now
SELECT store_id, spend_fen, counted, last_visit_on FROM segment_figures WHERE counted > 0
UNION ALL
SELECT store_id, spend_fen, visits_in_window, last_visit_on FROM segmentation_vehiclesegment
WHERE visits_in_window > 0 AND store_id IN :stores AND vehicle_id NOT IN (SELECT vehicle_id FROM segment_touched)
