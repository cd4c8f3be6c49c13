-- Cars of the run by store, group and status.
SELECT store_id, c3, care_status, COUNT(*) FROM segment_result GROUP BY store_id, c3, care_status
