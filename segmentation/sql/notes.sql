-- What was noted since the last run is taken up before anything is read: what commits later is left for the next run,
-- and so are notes of days still to come. One statement, so that nothing commits between the looks. The window only
-- moves on: what it alone reads and has left behind changes nothing. Cars that were handed over are there already.
-- Params: stores, as_of, window_start.
WITH seen AS (
    DELETE FROM segmentation_touchedcar
    WHERE store_id IN :stores AND until_on <= :as_of
    RETURNING vehicle_id, only_counted, only_counted AND until_on <= :window_start AS is_left_behind
)
INSERT INTO segment_touched
SELECT vehicle_id, MIN(only_counted::int)
FROM (
    SELECT vehicle_id, only_counted FROM seen WHERE NOT is_left_behind
    UNION ALL
    SELECT vehicle_id, only_counted FROM segmentation_touchedcar
    WHERE store_id IN :stores AND from_on <= :as_of AND until_on > :as_of
) noted
GROUP BY vehicle_id
ON CONFLICT DO NOTHING
