-- Changed rows only. An UPDATE of rows known to be there costs half of an INSERT that finds them in its way; SQLite writes
-- the index entries anew of every column that it names, changed or not, so rows that did not move have one of their own.
-- Params: as_of, rule_set, stores.
DELETE FROM segmentation_vehiclesegment
WHERE store_id IN :stores AND vehicle_id IN (SELECT vehicle_id FROM segment_move WHERE value IS NULL);

UPDATE segmentation_vehiclesegment SET
    /* NUMBERS */
FROM segment_result r
WHERE r.is_new = 0 AND r.c3_moved = 0 AND r.care_moved = 0 AND segmentation_vehiclesegment.vehicle_id = r.vehicle_id;

UPDATE segmentation_vehiclesegment SET
    /* NUMBERS */,
    store_id = r.store_id,
    c3 = r.c3,
    care_status = r.care_status,
    c3_since = CASE r.c3_moved WHEN 1 THEN r.c3_since ELSE segmentation_vehiclesegment.c3_since END,
    care_since = CASE r.care_moved WHEN 1 THEN r.care_since ELSE segmentation_vehiclesegment.care_since END,
    c3_before = CASE r.c3_moved WHEN 1 THEN r.c3_before ELSE segmentation_vehiclesegment.c3_before END,
    care_before = CASE r.care_moved WHEN 1 THEN r.care_before ELSE segmentation_vehiclesegment.care_before END
FROM (/* DATED */) r
WHERE r.is_new = 0 AND (r.c3_moved = 1 OR r.care_moved = 1) AND segmentation_vehiclesegment.vehicle_id = r.vehicle_id;

INSERT INTO segmentation_vehiclesegment (
    vehicle_id, store_id, as_of, rule_set_id, c3, care_status, value, visits_in_window,
    maintenance_count, repair_like_count, spend_fen, last_visit_on, first_seen_on, c3_since, care_since, c3_before, care_before, due_on
)
SELECT
    r.vehicle_id, r.store_id, :as_of, :rule_set, r.c3, r.care_status, r.value, r.visits_in_window,
    r.maintenance_count, r.repair_like_count, r.spend_fen, r.last_visit_on, r.first_seen_on, r.c3_since, r.care_since, r.c3_before, r.care_before, r.due_on
FROM (/* DATED */) r
WHERE r.is_new = 1
