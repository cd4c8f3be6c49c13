-- Changed rows only; since when and what before are read from the history. Params: as_of, rule_set.
DELETE FROM segmentation_vehiclesegment
WHERE vehicle_id IN (SELECT vehicle_id FROM segment_move WHERE value IS NULL);

INSERT INTO segmentation_vehiclesegment (
    vehicle_id, store_id, as_of, rule_set_id, c3, care_status, value, visits_in_window,
    maintenance_count, repair_like_count, spend_fen, last_visit_on, first_seen_on, c3_since, care_since, c3_before, care_before, due_on
)
SELECT
    r.vehicle_id, r.store_id, :as_of, :rule_set, r.c3, r.care_status, r.value, r.visits_in_window,
    r.maintenance_count, r.repair_like_count, r.spend_fen, r.last_visit_on, r.first_seen_on, group_now.since_on, care_now.since_on,
    COALESCE(group_before.value, ''), COALESCE(care_before.value, ''), r.due_on
FROM segment_result r
JOIN segmentation_segmentspell group_now
    ON group_now.vehicle_id = r.vehicle_id AND group_now.family = 'c3' AND group_now.until_on IS NULL
JOIN segmentation_segmentspell care_now
    ON care_now.vehicle_id = r.vehicle_id AND care_now.family = 'care_status' AND care_now.until_on IS NULL
LEFT JOIN segmentation_segmentspell group_before
    ON group_before.vehicle_id = r.vehicle_id AND group_before.family = 'c3'
    AND group_before.until_on = group_now.since_on
LEFT JOIN segmentation_segmentspell care_before
    ON care_before.vehicle_id = r.vehicle_id AND care_before.family = 'care_status'
    AND care_before.until_on = care_now.since_on
WHERE true
ON CONFLICT (vehicle_id) DO UPDATE SET
    store_id = excluded.store_id,
    as_of = excluded.as_of,
    rule_set_id = excluded.rule_set_id,
    c3 = excluded.c3,
    care_status = excluded.care_status,
    value = excluded.value,
    visits_in_window = excluded.visits_in_window,
    maintenance_count = excluded.maintenance_count,
    repair_like_count = excluded.repair_like_count,
    spend_fen = excluded.spend_fen,
    last_visit_on = excluded.last_visit_on,
    first_seen_on = excluded.first_seen_on,
    c3_since = excluded.c3_since,
    care_since = excluded.care_since,
    c3_before = excluded.c3_before,
    care_before = excluded.care_before,
    due_on = excluded.due_on
