-- The cars on which what stands written is not what the visits say today, or which come, leave, or fall due: every car
-- is counted anew, in the order of its number, and nothing is kept of those that are as they were.
-- Params: those of visits, stores.
INSERT INTO segment_touched
SELECT v.id
FROM customers_vehicle v
LEFT JOIN (/* VISITS */) s ON s.vehicle_id = v.id
LEFT JOIN segmentation_vehiclesegment p ON p.vehicle_id = v.id
WHERE CASE
    WHEN v.state = 'in_use' AND v.home_store_id IN :stores AND (s.first_on IS NOT NULL OR v.purchased_on <= :as_of)
    THEN p.vehicle_id IS NULL
        OR p.due_on <= :as_of
        OR p.store_id <> v.home_store_id
        OR p.visits_in_window <> COALESCE(s.counted, 0)
        OR p.maintenance_count <> COALESCE(s.maintenance, 0)
        OR p.repair_like_count <> COALESCE(s.repair_like, 0)
        OR p.spend_fen <> COALESCE(s.spend_fen, 0)
        OR DIFFERS(p.last_visit_on, s.last_on)
        OR p.first_seen_on <> CASE WHEN s.first_on IS NULL OR v.purchased_on < s.first_on THEN v.purchased_on ELSE s.first_on END
    ELSE p.store_id IN :stores
END
ON CONFLICT DO NOTHING
