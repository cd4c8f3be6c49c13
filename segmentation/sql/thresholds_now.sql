-- The thresholds of the run, to be kept with its record.
SELECT * FROM segment_threshold ORDER BY store_id
