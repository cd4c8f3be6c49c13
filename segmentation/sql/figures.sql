-- One row per car of the base: what the rules look at. Params: those of visits, stores.
INSERT INTO segment_figures
SELECT
    v.id,
    v.home_store_id,
    v.owner_id,
    COALESCE(s.visits, 0),
    CASE WHEN s.lowest_store <> v.home_store_id OR s.highest_store <> v.home_store_id THEN 1 ELSE 0 END,
    COALESCE(s.counted, 0),
    COALESCE(s.maintenance, 0),
    COALESCE(s.repair_like, 0),
    COALESCE(s.spend_fen, 0),
    s.first_counted_on,
    s.last_on,
    CASE WHEN s.first_on IS NULL OR v.purchased_on < s.first_on THEN v.purchased_on ELSE s.first_on END,
    NULL,
    NULL
FROM customers_vehicle v
LEFT JOIN (/* VISITS further */) s ON s.vehicle_id = v.id
WHERE v.state = 'in_use'
    AND v.home_store_id IN :stores /* CARS */
    AND (s.first_on IS NOT NULL OR v.purchased_on <= :as_of)
