-- What became of the rows, as the file and the database together say.
INSERT INTO customers_importrow (imported_id, row_no, outcome, reason, of_row, warnings)
SELECT :import, p.row_no,
    CASE WHEN c.row_no IS NULL THEN p.outcome ELSE 'rejected' END,
    CASE WHEN c.row_no IS NOT NULL THEN 'order_no_conflict' WHEN e.row_no IS NOT NULL THEN '' ELSE p.reason END,
    CASE WHEN e.row_no IS NULL THEN p.of_row END, p.warnings::jsonb
FROM stage_problem p
LEFT JOIN work_refused c ON c.row_no = p.row_no
LEFT JOIN work_reversal e ON e.row_no = p.row_no AND e.is_elsewhere AND e.visit_id IS NOT NULL;

INSERT INTO customers_importrow (imported_id, row_no, outcome, reason, of_row, warnings)
SELECT :import, w.row_no, 'rejected', 'order_no_conflict', NULL, '[]'::jsonb
FROM work_refused w
WHERE w.row_no NOT IN (SELECT row_no FROM stage_problem);

INSERT INTO customers_rawrows (imported_id, uid, first_row, last_row, body)
SELECT :import, uid, first_row, last_row, body FROM stage_raw;
