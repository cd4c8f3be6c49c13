-- Whether the car v with the visits s is not as p has it. Params: stores, as_of.
CASE
    WHEN v.state = 'in_use' AND v.home_store_id IN :stores AND (s.first_on IS NOT NULL OR v.purchased_on <= :as_of)
    THEN p.vehicle_id IS NULL
        OR p.due_on <= :as_of
        OR p.store_id <> v.home_store_id
        OR p.visits_in_window
            + CAST(p.maintenance_count AS bigint) * 1048576
            + CAST(p.repair_like_count AS bigint) * 1099511627776 <> COALESCE(s.counts, 0)
        OR p.spend_fen <> COALESCE(s.spend_fen, 0)
        OR DIFFERS(p.last_visit_on, s.last_on)
        OR p.first_seen_on <> CASE WHEN s.first_on IS NULL OR v.purchased_on < s.first_on THEN v.purchased_on ELSE s.first_on END
    ELSE p.store_id IN :stores
END
