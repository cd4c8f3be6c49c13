-- The same of a run that is only told. Params: stores.
SELECT store_id, c3, COUNT(*) FROM segment_result WHERE store_id IN :stores GROUP BY store_id, c3
UNION ALL
SELECT store_id, care_status, COUNT(*) FROM segment_result WHERE store_id IN :stores GROUP BY store_id, care_status
