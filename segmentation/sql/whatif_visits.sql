-- The figures counted anew from the visits: another window, or other kinds of repair.
-- Params: as_of, window_start, year_start, stores, repair_kinds.
SELECT
    p.vehicle_id,
    p.store_id,
    p.c3,
    CASE WHEN p.last_visit_on > :window_start THEN 1 ELSE 0 END AS seen,
    COALESCE(s.maintenance, 0) AS maintenance,
    COALESCE(s.repair_like, 0) AS repair_like,
    COALESCE(s.spend_fen, 0) AS spend_fen,
    COALESCE(s.revenue_fen, 0) AS revenue_fen
FROM segmentation_vehiclesegment p
LEFT JOIN (
    SELECT
        vehicle_id,
        COUNT(*) FILTER (WHERE visited_on > :window_start AND kind = 'maintenance') AS maintenance,
        COUNT(*) FILTER (WHERE visited_on > :window_start AND kind IN :repair_kinds) AS repair_like,
        SUM(paid_fen) FILTER (WHERE visited_on > :window_start AND kind <> 'warranty') AS spend_fen,
        SUM(paid_fen) FILTER (WHERE visited_on > :year_start AND kind <> 'warranty') AS revenue_fen
    FROM customers_visit
    WHERE NOT voided AND visited_on <= :as_of /* SCOPE */
    GROUP BY vehicle_id
) s ON s.vehicle_id = p.vehicle_id
WHERE p.store_id IN :stores
