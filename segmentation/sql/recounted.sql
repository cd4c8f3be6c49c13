-- The figures of the cars on which only kinds and amounts of visits changed: counted in the window; the rest as it stands
-- written, for all of it would be found the same until the row falls due, and who is not in the base does not come into
-- it. The owner is asked for only where the status can fall back on him. Params: those of visits, stores.
INSERT INTO segment_figures
SELECT
    p.vehicle_id,
    p.store_id,
    CASE p.care_status
        WHEN 'repair_only' THEN (SELECT owner_id FROM customers_vehicle v WHERE v.id = p.vehicle_id)
    END,
    0,
    0,
    p.visits_in_window,
    COALESCE(s.maintenance, 0),
    COALESCE(s.repair_like, 0),
    COALESCE(s.spend_fen, 0),
    NULL,
    p.last_visit_on,
    p.first_seen_on,
    p.care_status,
    p.due_on
FROM segment_touched t
JOIN segment_written p ON p.vehicle_id = t.vehicle_id
LEFT JOIN (/* VISITS */) s ON s.vehicle_id = t.vehicle_id
WHERE t.only_counted = 1 AND p.store_id IN :stores
