-- How many of the cars seen reach each threshold. Params: maintenance_high, repair_ratio_high_percent.
SELECT
    COUNT(*),
    COUNT(*) FILTER (WHERE maintenance >= :maintenance_high),
    COUNT(*) FILTER (
        WHERE repair_like > 0 AND repair_like * 100 >= :repair_ratio_high_percent * (maintenance + repair_like)
    ),
    COUNT(*) FILTER (WHERE spend_fen >= threshold_fen),
    MIN(threshold_fen),
    MAX(threshold_fen)
FROM segment_whatif
WHERE seen = 1
