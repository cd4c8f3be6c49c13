-- Whether a car of the run is gone together with what stood written of it: the tallies still count it. That a car goes is
-- never noted as a change of counts.
SELECT 1
FROM (
    SELECT vehicle_id FROM segment_touched WHERE only_counted = 0
    EXCEPT
    SELECT vehicle_id FROM segment_figures
) left_out
WHERE NOT EXISTS (SELECT 1 FROM customers_vehicle v WHERE v.id = left_out.vehicle_id)
LIMIT 1
