-- What was noted since the last run is taken up before anything is read: what commits later is left for the next run,
-- and so are notes of days still to come. One statement, so that nothing commits between the looks.
-- Params: stores, as_of.
WITH seen AS (
    DELETE FROM segmentation_touchedcar
    WHERE store_id IN :stores AND until_on <= :as_of
    RETURNING vehicle_id
)
INSERT INTO segment_touched
SELECT vehicle_id FROM seen
UNION
SELECT vehicle_id FROM segmentation_touchedcar
WHERE store_id IN :stores AND from_on <= :as_of AND until_on > :as_of
