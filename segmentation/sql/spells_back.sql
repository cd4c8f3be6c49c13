-- What began or ended on this very day is taken back first, so that a second run of the day leaves what a single one
-- would have. Params: as_of.
DELETE FROM segmentation_segmentspell
WHERE since_on = :as_of AND (vehicle_id, family) IN (SELECT vehicle_id, family FROM segment_move);

UPDATE segmentation_segmentspell SET until_on = NULL
WHERE until_on = :as_of AND (vehicle_id, family) IN (SELECT vehicle_id, family FROM segment_move)
