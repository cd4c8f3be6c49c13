-- notes for SQLite, where nobody else writes meanwhile. Params: stores, as_of, window_start.
INSERT INTO segment_touched
SELECT vehicle_id, MIN(only_counted) FROM segmentation_touchedcar
WHERE store_id IN :stores AND from_on <= :as_of AND NOT (only_counted AND until_on <= :window_start)
GROUP BY vehicle_id
ON CONFLICT DO NOTHING;

DELETE FROM segmentation_touchedcar WHERE store_id IN :stores AND until_on <= :as_of
