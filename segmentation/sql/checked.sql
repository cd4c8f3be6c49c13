-- What a check compares, as in visits; the three counts in one number, 20 bits each, so that a visit before the window
-- is asked for its day twice and not four times. Params: window_start, repair_kinds.
MIN(visited_on) AS first_on,
MAX(visited_on) AS last_on,
CAST(
    SUM(
        1
        + CASE WHEN kind = 'maintenance' THEN 1048576 ELSE 0 END
        + CASE WHEN kind IN :repair_kinds THEN 1099511627776 ELSE 0 END
    ) FILTER (WHERE visited_on > :window_start) AS bigint
) AS counts,
CAST(SUM(paid_fen) FILTER (WHERE visited_on > :window_start AND kind <> 'warranty') AS bigint) AS spend_fen
