-- How each car of the base on a day has behaved, with the group and status it had: only cars that ever came.
-- Visits are read from visit_by_vehicle alone. Params: stores, repair_kinds, as_of, year_start (the year is open at its
-- start), a_saturday (before every visit).
SELECT
    g.vehicle_id,
    g.value,
    c.value,
    DAYS_BETWEEN(s.last_on, :as_of),
    s.visits_year,
    s.maintenance_year,
    s.repair_like_year,
    s.spend_year_fen,
    s.maintenance,
    s.repair_like,
    s.paying,
    s.spend_fen,
    DAYS_BETWEEN(v.purchased_on, :as_of),
    v.odometer_km,
    DAYS_BETWEEN(v.purchased_on, v.odometer_on),
    DAYS_BETWEEN(s.first_on, :as_of),
    o.distance_m,
    s.visits,
    s.at_weekends
FROM segmentation_segmentspell g
JOIN segmentation_segmentspell c
    ON c.vehicle_id = g.vehicle_id AND c.family = 'care_status'
    AND c.since_on <= :as_of AND (c.until_on IS NULL OR c.until_on > :as_of)
JOIN customers_vehicle v ON v.id = g.vehicle_id
LEFT JOIN customers_customer o ON o.id = v.owner_id
JOIN (
    SELECT
        vehicle_id,
        MIN(visited_on) AS first_on,
        MAX(visited_on) AS last_on,
        COUNT(*) AS visits,
        COUNT(*) FILTER (WHERE DAYS_BETWEEN(:a_saturday, visited_on) %% 7 < 2) AS at_weekends,
        COUNT(*) FILTER (WHERE kind = 'maintenance') AS maintenance,
        COUNT(*) FILTER (WHERE kind IN :repair_kinds) AS repair_like,
        COUNT(*) FILTER (WHERE kind <> 'warranty') AS paying,
        COALESCE(SUM(paid_fen) FILTER (WHERE kind <> 'warranty'), 0) AS spend_fen,
        COUNT(*) FILTER (WHERE visited_on > :year_start) AS visits_year,
        COUNT(*) FILTER (WHERE visited_on > :year_start AND kind = 'maintenance') AS maintenance_year,
        COUNT(*) FILTER (WHERE visited_on > :year_start AND kind IN :repair_kinds) AS repair_like_year,
        COALESCE(SUM(paid_fen) FILTER (WHERE visited_on > :year_start AND kind <> 'warranty'), 0) AS spend_year_fen
    FROM customers_visit
    WHERE NOT voided AND visited_on <= :as_of /* SCOPE */
    GROUP BY vehicle_id
) s ON s.vehicle_id = g.vehicle_id
WHERE g.store_id IN :stores AND g.family = 'c3'
    AND g.since_on <= :as_of AND (g.until_on IS NULL OR g.until_on > :as_of)
ORDER BY g.vehicle_id
