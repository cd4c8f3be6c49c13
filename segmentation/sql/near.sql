-- The cars of the run in the steps in which a cut of the spend stands: a step is coarser than the cuts, so who stands
-- there is known one by one. Params: stores, spend_step.
DELETE FROM segmentation_nearcar
WHERE vehicle_id IN (SELECT vehicle_id FROM /* RUN */)
    AND (store_id IN :stores OR vehicle_id IN (SELECT vehicle_id FROM segment_figures));

INSERT INTO segmentation_nearcar (vehicle_id, store_id, step, spend_fen)
SELECT vehicle_id, store_id, spend_fen / :spend_step, spend_fen
FROM segment_figures
WHERE counted > 0
    AND store_id * 1000000 + spend_fen / :spend_step
        IN (SELECT store_id * 1000000 + step FROM segment_cut WHERE figure = 'spend')
