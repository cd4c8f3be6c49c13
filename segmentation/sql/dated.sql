-- What the run found of a car, with since when and what before: read from the history, and only for who moved.
SELECT
    r.*,
    group_now.since_on AS c3_since,
    care_now.since_on AS care_since,
    COALESCE(group_before.value, '') AS c3_before,
    COALESCE(care_before.value, '') AS care_before
FROM segment_result r
LEFT JOIN segmentation_segmentspell group_now
    ON group_now.vehicle_id = r.vehicle_id AND group_now.family = /* MOVED c3 */ AND group_now.until_on IS NULL
LEFT JOIN segmentation_segmentspell care_now
    ON care_now.vehicle_id = r.vehicle_id AND care_now.family = /* MOVED care */ AND care_now.until_on IS NULL
LEFT JOIN segmentation_segmentspell group_before
    ON group_before.vehicle_id = r.vehicle_id AND group_before.family = /* MOVED c3 */
    AND group_before.until_on = group_now.since_on
LEFT JOIN segmentation_segmentspell care_before
    ON care_before.vehicle_id = r.vehicle_id AND care_before.family = /* MOVED care */
    AND care_before.until_on = care_now.since_on
