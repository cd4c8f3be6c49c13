-- One row per car of the base: what the rules look at. Visits come from visit_by_vehicle alone, in its order.
-- Params: as_of, window_start (dates; the window is open at its start), stores, repair_kinds.
INSERT INTO segment_figures
SELECT
    v.id,
    v.home_store_id,
    COALESCE(s.visits, 0),
    COALESCE(s.counted, 0),
    COALESCE(s.maintenance, 0),
    COALESCE(s.repair_like, 0),
    COALESCE(s.spend_fen, 0),
    CASE WHEN s.lowest_store <> v.home_store_id OR s.highest_store <> v.home_store_id THEN 1 ELSE 0 END,
    s.first_counted_on,
    s.last_on,
    CASE WHEN s.first_on IS NULL OR v.purchased_on < s.first_on THEN v.purchased_on ELSE s.first_on END
FROM customers_vehicle v
LEFT JOIN (
    SELECT
        vehicle_id,
        COUNT(*) AS visits,
        MIN(visited_on) AS first_on,
        MAX(visited_on) AS last_on,
        MIN(store_id) AS lowest_store,
        MAX(store_id) AS highest_store,
        COUNT(*) FILTER (WHERE visited_on > :window_start) AS counted,
        MIN(visited_on) FILTER (WHERE visited_on > :window_start) AS first_counted_on,
        COUNT(*) FILTER (WHERE visited_on > :window_start AND kind = 'maintenance') AS maintenance,
        COUNT(*) FILTER (WHERE visited_on > :window_start AND kind IN :repair_kinds) AS repair_like,
        SUM(paid_fen) FILTER (WHERE visited_on > :window_start AND kind <> 'warranty') AS spend_fen
    FROM customers_visit
    WHERE NOT voided AND visited_on <= :as_of /* SCOPE */
    GROUP BY vehicle_id
) s ON s.vehicle_id = v.id
WHERE v.state = 'in_use'
    AND v.home_store_id IN :stores /* CARS */
    AND (s.first_on IS NOT NULL OR v.purchased_on <= :as_of)
