-- Group, care status and value of the cars of the run that differ from what stands written; of all where :compare is 0.
-- Value by recency, frequency and money: each of the three has 1 point and one more for every cut between the fifths
-- of the store's cars seen in the window that it exceeds; from value_high points on high, from value_mid mid.
-- A car that was only recounted keeps the status that stands where no count decides, and the day on which it falls due.
-- Params: the rule set's numbers, cell_000 to cell_111, and as dates as_of, window_start, lost_from, near_lost_from,
-- interval_before, new_from (the first day that still counts, or that does not any more), never.
INSERT INTO segment_result
-- Kept apart, or each comparison would judge the car again.
WITH r AS MATERIALIZED (
    SELECT
        vehicle_id,
        store_id,
        CASE cell
            WHEN 7 THEN :cell_111 WHEN 6 THEN :cell_110 WHEN 5 THEN :cell_101 WHEN 4 THEN :cell_100
            WHEN 3 THEN :cell_011 WHEN 2 THEN :cell_010 WHEN 1 THEN :cell_001 ELSE :cell_000
        END AS c3,
        care_status,
        value,
        counted,
        maintenance,
        repair_like,
        spend_fen,
        last_visit_on,
        first_seen_on,
        CASE WHEN stands IS NOT NULL THEN stands_until ELSE NULLIF(EARLIEST(
            CASE WHEN first_counted_on IS NOT NULL THEN MONTHS_AFTER(first_counted_on, :window_months) ELSE :never END,
            CASE
                WHEN away_since >= :near_lost_from THEN DAYS_AFTER(away_since, :near_lost_days + 1)
                WHEN away_since >= :lost_from THEN DAYS_AFTER(away_since, :lost_days + 1)
                ELSE :never
            END,
            CASE
                WHEN interval_due_on IS NOT NULL THEN interval_due_on
                WHEN visits >= 3 AND last_visit_on >= :interval_before THEN DAYS_AFTER(last_visit_on, :interval_min_days + 1)
                ELSE :never
            END,
            CASE WHEN first_seen_on >= :new_from THEN DAYS_AFTER(first_seen_on, :new_days + 1) ELSE :never END,
            CASE WHEN is_open = 0 AND recent_on IS NOT NULL THEN MONTHS_AFTER(recent_on, :complaint_months) ELSE :never END
        ), :never) END AS due_on
    FROM (
        SELECT
            f.*,
            COALESCE(f.last_visit_on, f.first_seen_on) AS away_since,
            c.is_open,
            c.recent_on,
            i.due_on AS interval_due_on,
            CASE WHEN f.maintenance >= :maintenance_high THEN 4 ELSE 0 END
                + CASE WHEN f.spend_fen >= t.spend_fen THEN 2 ELSE 0 END
                + CASE
                    WHEN f.repair_like > 0
                        AND f.repair_like * 100 >= :repair_ratio_high_percent * (f.maintenance + f.repair_like)
                    THEN 1 ELSE 0
                END AS cell,
            CASE
                WHEN f.stands IN ('complained', 'lost', 'near_lost') THEN f.stands
                WHEN c.is_open = 1 THEN 'complained'
                WHEN c.recent_on IS NOT NULL AND (f.last_visit_on IS NULL OR f.last_visit_on <= c.recent_on)
                    THEN 'complained'
                WHEN COALESCE(f.last_visit_on, f.first_seen_on) < :lost_from THEN 'lost'
                WHEN COALESCE(f.last_visit_on, f.first_seen_on) < :near_lost_from THEN 'near_lost'
                WHEN i.is_overdue = 1 THEN 'near_lost'
                -- The last day is asked of the index first; only who was elsewhere then is worth reading the rows.
                WHEN f.was_elsewhere = 1 AND EXISTS (
                    SELECT 1 FROM customers_visit x
                    WHERE x.vehicle_id = f.vehicle_id AND NOT x.voided AND x.visited_on = f.last_visit_on
                        AND x.store_id <> f.store_id
                ) AND (
                    SELECT COUNT(*)
                    FROM (
                        SELECT store_id
                        FROM customers_visit x
                        WHERE x.vehicle_id = f.vehicle_id AND NOT x.voided AND x.visited_on <= :as_of
                        ORDER BY x.visited_on DESC, x.arrived_at DESC NULLS LAST, x.id DESC
                        LIMIT 2
                    ) last_two
                    WHERE last_two.store_id <> f.store_id
                ) = 2 THEN 'near_lost'
                WHEN f.repair_like > 0 AND f.maintenance = 0 THEN 'repair_only'
                WHEN f.stands <> 'repair_only' THEN f.stands
                WHEN EXISTS (SELECT 1 FROM customers_customer o WHERE o.id = f.owner_id AND o.price_sensitive)
                    THEN 'price_sensitive'
                WHEN f.first_seen_on >= :new_from THEN 'new'
                ELSE 'active'
            END AS care_status,
            /* VALUE counted */ AS value
        FROM segment_figures f
        JOIN segment_threshold t ON t.store_id = f.store_id
        LEFT JOIN segment_complained c ON c.vehicle_id = f.vehicle_id
        LEFT JOIN segment_interval i ON i.vehicle_id = f.vehicle_id
    ) judged
)
SELECT
    r.vehicle_id, r.store_id, r.c3, r.care_status, r.value, r.counted, r.maintenance, r.repair_like, r.spend_fen,
    r.last_visit_on, r.first_seen_on, r.due_on,
    CASE WHEN p.c3 = r.c3 AND p.store_id = r.store_id THEN 0 ELSE 1 END,
    CASE WHEN p.care_status = r.care_status AND p.store_id = r.store_id THEN 0 ELSE 1 END,
    CASE WHEN p.vehicle_id IS NULL THEN 1 ELSE 0 END
FROM r
LEFT JOIN /* STORED */ p ON p.vehicle_id = r.vehicle_id AND :compare = 1
WHERE p.vehicle_id IS NULL
    OR p.c3 <> r.c3
    OR p.care_status <> r.care_status
    OR p.value <> r.value
    OR p.store_id <> r.store_id
    OR p.rule_set_id <> :rule_set
    OR p.visits_in_window <> r.counted
    OR p.maintenance_count <> r.maintenance
    OR p.repair_like_count <> r.repair_like
    OR p.spend_fen <> r.spend_fen
    OR DIFFERS(p.last_visit_on, r.last_visit_on)
    OR DIFFERS(p.first_seen_on, r.first_seen_on)
    OR DIFFERS(p.due_on, r.due_on)
