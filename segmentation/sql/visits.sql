-- What the rules look at of each car's visits, from visit_by_vehicle alone and in its order.
-- Params: as_of, window_start (dates; the window is open at its start), repair_kinds.
SELECT
    vehicle_id,
    MIN(visited_on) AS first_on,
    MAX(visited_on) AS last_on,
    COUNT(*) FILTER (WHERE visited_on > :window_start) AS counted,
    COUNT(*) FILTER (WHERE visited_on > :window_start AND kind = 'maintenance') AS maintenance,
    COUNT(*) FILTER (WHERE visited_on > :window_start AND kind IN :repair_kinds) AS repair_like,
    CAST(SUM(paid_fen) FILTER (WHERE visited_on > :window_start AND kind <> 'warranty') AS bigint) AS spend_fen
    /* FURTHER */
FROM customers_visit
WHERE NOT voided AND visited_on <= :as_of /* SCOPE */
GROUP BY vehicle_id
