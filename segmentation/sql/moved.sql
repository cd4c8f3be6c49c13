-- From which group to which, '' for a car that is new, and how many cars of each store.
SELECT r.store_id, COALESCE(p.c3, ''), r.c3, COUNT(*)
FROM segment_result r
LEFT JOIN /* STORED */ p ON p.vehicle_id = r.vehicle_id
WHERE r.c3_moved = 1 AND (p.c3 IS NULL OR p.c3 <> r.c3)
GROUP BY r.store_id, COALESCE(p.c3, ''), r.c3
