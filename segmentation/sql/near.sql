-- The cars in those steps: a step is coarser than the cuts of the spend, and who stands there may be judged anew.
-- Params: spend_step.
INSERT INTO segment_near
SELECT vehicle_id, store_id, spend_fen, counted, last_visit_on, NULL
FROM segment_figures
WHERE counted > 0
    AND store_id * 1000000 + spend_fen / :spend_step IN (SELECT place FROM segment_step WHERE figure = 'spend')
