-- The history follows the moves. Params: as_of.
UPDATE segmentation_segmentspell SET until_on = :as_of
WHERE until_on IS NULL
    AND (vehicle_id, family) IN (SELECT vehicle_id, family FROM segment_move)
    AND NOT EXISTS (
        SELECT 1 FROM segment_move m
        WHERE m.vehicle_id = segmentation_segmentspell.vehicle_id
            AND m.family = segmentation_segmentspell.family
            AND m.value = segmentation_segmentspell.value
            AND m.store_id = segmentation_segmentspell.store_id
    );

INSERT INTO segmentation_segmentspell (vehicle_id, store_id, family, value, since_on, until_on)
SELECT m.vehicle_id, m.store_id, m.family, m.value, :as_of, NULL
FROM segment_move m
WHERE m.value IS NOT NULL
ON CONFLICT (vehicle_id, family) WHERE until_on IS NULL DO NOTHING
