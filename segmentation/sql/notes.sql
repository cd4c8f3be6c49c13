-- What was noted since the last run is taken up before anything is read: what commits later is left for the next run,
-- and so are notes of days still to come. Params: stores, as_of.
INSERT INTO segment_note
SELECT id, vehicle_id, until_on FROM segmentation_touchedcar WHERE store_id IN :stores AND from_on <= :as_of;

DELETE FROM segmentation_touchedcar WHERE id IN (SELECT id FROM segment_note WHERE until_on <= :as_of);

INSERT INTO segment_touched SELECT DISTINCT vehicle_id FROM segment_note
