-- The rows whose plate is another car's are taken with a warning.
UPDATE stage_problem
SET warnings = CASE WHEN warnings = '[]' THEN '["plate_taken"]' ELSE REPLACE(warnings, ']', ', "plate_taken"]') END
WHERE row_no IN (SELECT row_no FROM work_plate WHERE is_taken);
INSERT INTO stage_problem (row_no, outcome, reason, of_row, warnings)
SELECT row_no, 'accepted', '', NULL, '["plate_taken"]'
FROM work_plate
WHERE is_taken AND row_no NOT IN (SELECT row_no FROM stage_problem);
