-- Params: spend_amount_fen, stores.
INSERT INTO segment_threshold
SELECT id, CASE WHEN :spend_amount_fen < 1 THEN 1 ELSE :spend_amount_fen END FROM staff_store WHERE id IN :stores
