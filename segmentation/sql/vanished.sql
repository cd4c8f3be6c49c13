-- Whether a car of the run is gone together with what stood written of it: the tallies still count it.
SELECT 1
FROM (SELECT vehicle_id FROM segment_touched EXCEPT SELECT vehicle_id FROM segment_figures) left_out
WHERE NOT EXISTS (SELECT 1 FROM customers_vehicle v WHERE v.id = left_out.vehicle_id)
LIMIT 1
