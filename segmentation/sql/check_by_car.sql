-- check for SQLite, which would keep what it grouped and make an index of it: each car counted where it stands in the
-- index costs a third less, as looking there is cheap without a server. Params: those of checked and different.
INSERT INTO segment_touched
SELECT v.id, 0
FROM customers_vehicle v
LEFT JOIN segmentation_vehiclesegment p ON p.vehicle_id = v.id
WHERE (v.home_store_id IN :stores OR p.store_id IN :stores) AND (
    SELECT /* DIFFERENT */
    FROM (
        SELECT /* CHECKED */
        FROM customers_visit
        WHERE vehicle_id = v.id AND NOT voided AND visited_on <= :as_of
    ) s
)
ON CONFLICT (vehicle_id) DO UPDATE SET only_counted = 0
