-- Cars and the moving ones' revenue of twelve months, from group to group.
SELECT c3_before, c3_after, COUNT(*), SUM(revenue_fen) FROM segment_whatif GROUP BY c3_before, c3_after
