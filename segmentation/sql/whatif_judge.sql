-- Judges the figures by other thresholds; whatif_stored or whatif_visits stands where FIGURES is.
-- Params: theirs, spend_mode, spend_percentile, spend_amount_fen, maintenance_high, repair_ratio_high_percent,
-- cell_000 to cell_111, as_of, year_start.
INSERT INTO segment_whatif
WITH figures AS (FIGURES),
threshold AS (
    SELECT store_id, MIN(spend_fen) AS spend_fen
    FROM (
        SELECT
            store_id,
            spend_fen,
            ROW_NUMBER() OVER (PARTITION BY store_id ORDER BY spend_fen) AS place,
            COUNT(*) OVER (PARTITION BY store_id) AS places
        FROM figures
        WHERE seen = 1 AND :spend_mode = 'percentile'
    ) ranked
    WHERE place * 100 >= places * :spend_percentile
    GROUP BY store_id
),
set_at AS (
    SELECT
        f.*,
        CASE WHEN COALESCE(t.spend_fen, :spend_amount_fen) < 1 THEN 1 ELSE COALESCE(t.spend_fen, :spend_amount_fen) END
            AS threshold_fen
    FROM figures f LEFT JOIN threshold t ON t.store_id = f.store_id
),
judged AS (
    SELECT
        vehicle_id, store_id, c3, seen, maintenance, repair_like, spend_fen, threshold_fen, revenue_fen,
        CASE
            CASE WHEN maintenance >= :maintenance_high THEN 4 ELSE 0 END
            + CASE WHEN spend_fen >= threshold_fen THEN 2 ELSE 0 END
            + CASE
                WHEN repair_like > 0
                    AND repair_like * 100 >= :repair_ratio_high_percent * (maintenance + repair_like)
                THEN 1 ELSE 0
            END
            WHEN 7 THEN :cell_111 WHEN 6 THEN :cell_110 WHEN 5 THEN :cell_101 WHEN 4 THEN :cell_100
            WHEN 3 THEN :cell_011 WHEN 2 THEN :cell_010 WHEN 1 THEN :cell_001 ELSE :cell_000
        END AS c3_after
    FROM set_at
)
SELECT
    j.vehicle_id, j.store_id, j.c3, j.c3_after, j.seen, j.maintenance, j.repair_like, j.spend_fen, j.threshold_fen,
    -- Asked of the visits only for who moves, and only where the window says something else.
    CASE
        WHEN j.c3 = j.c3_after THEN 0
        WHEN j.revenue_fen IS NOT NULL THEN j.revenue_fen
        ELSE COALESCE((
            SELECT SUM(v.paid_fen)
            FROM customers_visit v
            WHERE v.vehicle_id = j.vehicle_id AND NOT v.voided AND v.kind <> 'warranty'
                AND v.visited_on > :year_start AND v.visited_on <= :as_of
        ), 0)
    END
FROM judged j
