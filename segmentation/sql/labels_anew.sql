-- The same counted from what stands written. Params: stores.
DELETE FROM segmentation_segmenttally WHERE store_id IN :stores AND figure NOT IN ('recent', 'often', 'spend');

INSERT INTO segmentation_segmenttally (store_id, figure, step, cars)
SELECT store_id, c3, 0, COUNT(*) FROM segmentation_vehiclesegment WHERE store_id IN :stores GROUP BY store_id, c3
UNION ALL
SELECT store_id, care_status, 0, COUNT(*) FROM segmentation_vehiclesegment
WHERE store_id IN :stores GROUP BY store_id, care_status
