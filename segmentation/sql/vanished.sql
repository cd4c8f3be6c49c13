-- Whether a noted car is gone together with what stood written of it: the tallies still count it.
SELECT 1 FROM segment_touched t WHERE NOT EXISTS (SELECT 1 FROM customers_vehicle v WHERE v.id = t.vehicle_id) LIMIT 1
