-- The figures as the last run left them. The window's spend is the year's revenue where the window is a year.
-- OF_STORES is store_id, or +store_id to keep SQLite to the table's own order. Params: window_months, stores.
SELECT
    vehicle_id,
    store_id,
    c3,
    CASE WHEN visits_in_window > 0 THEN 1 ELSE 0 END AS seen,
    maintenance_count AS maintenance,
    repair_like_count AS repair_like,
    spend_fen,
    CASE WHEN :window_months = 12 THEN spend_fen END AS revenue_fen
FROM segmentation_vehiclesegment
WHERE OF_STORES IN :stores
