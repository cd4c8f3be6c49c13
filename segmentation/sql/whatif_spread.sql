-- How the cars seen in the window spread over each figure, in steps: a visit, five percent, 500 yuan.
SELECT 'maintenance', maintenance, COUNT(*) FROM segment_whatif WHERE seen = 1 GROUP BY maintenance
UNION ALL
SELECT 'ratio', step, COUNT(*)
FROM (
    SELECT CASE WHEN repair_like = 0 THEN 0 ELSE repair_like * 20 / (maintenance + repair_like) END AS step
    FROM segment_whatif
    WHERE seen = 1
) ratios
GROUP BY step
UNION ALL
SELECT 'spend', step, COUNT(*)
FROM (SELECT CASE WHEN spend_fen < 0 THEN 0 ELSE spend_fen / 50000 END AS step FROM segment_whatif WHERE seen = 1) spends
GROUP BY step
