-- The few cars that need a second look: complaints, and a broken rhythm.
-- Params: as_of, complaint_start, near_lost_from, interval_before (dates), interval_factor_percent.
INSERT INTO segment_complained
SELECT
    vehicle_id,
    MAX(CASE WHEN closed_on IS NULL OR closed_on > :as_of THEN 1 ELSE 0 END),
    MAX(CASE WHEN opened_on > :complaint_start THEN opened_on END)
FROM customers_complaint
WHERE opened_on <= :as_of AND (opened_on > :complaint_start OR closed_on IS NULL OR closed_on > :as_of) /* COMPLAINTS */
GROUP BY vehicle_id;

-- Longer away than the median gap allows? Told from how many gaps lie below away/factor, and from the two that
-- stand in the middle where that is just half of them: no gap is sorted. While not overdue, the smallest gap
-- above gives the first day on which it can be.
INSERT INTO segment_interval
SELECT vehicle_id, is_overdue, CASE WHEN is_overdue = 0 THEN DAYS_AFTER(last_visit_on, allowed_days + 1) END
FROM (
SELECT
    vehicle_id,
    last_visit_on,
    CASE
        WHEN 2 * below > gaps THEN 1
        WHEN 2 * below = gaps AND (low + high) * :interval_factor_percent < 200 * away THEN 1
        ELSE 0
    END AS is_overdue,
    CASE
        WHEN 2 * below = gaps THEN (low + high) * :interval_factor_percent / 200
        ELSE high * :interval_factor_percent / 100
    END AS allowed_days
FROM (
    SELECT
        vehicle_id,
        last_visit_on,
        away,
        COUNT(*) AS gaps,
        COUNT(*) FILTER (WHERE gap * :interval_factor_percent < 100 * away) AS below,
        MAX(gap) FILTER (WHERE gap * :interval_factor_percent < 100 * away) AS low,
        MIN(gap) FILTER (WHERE gap * :interval_factor_percent >= 100 * away) AS high
    FROM (
        SELECT vehicle_id, last_visit_on, away, DAYS_BETWEEN(previous_on, visited_on) AS gap
        FROM (
            SELECT
                x.vehicle_id,
                f.last_visit_on,
                DAYS_BETWEEN(f.last_visit_on, :as_of) AS away,
                x.visited_on,
                LAG(x.visited_on) OVER (PARTITION BY x.vehicle_id ORDER BY x.visited_on) AS previous_on
            FROM segment_figures f
            -- SQLite keeps the order of a CROSS JOIN: the few cars first.
            CROSS JOIN customers_visit x
            WHERE x.vehicle_id = f.vehicle_id AND NOT x.voided AND x.visited_on <= :as_of
                AND f.last_visit_on >= :near_lost_from AND f.last_visit_on < :interval_before AND f.visits >= 3
        ) followed
    ) spaced
    WHERE gap > 0
    GROUP BY vehicle_id, last_visit_on, away
    HAVING COUNT(*) >= 2
) counted
) told
