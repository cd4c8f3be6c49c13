-- Cars by store, group and care status, as they stand written. Params: stores.
SELECT store_id, c3, care_status, COUNT(*) FROM segmentation_vehiclesegment
WHERE store_id IN :stores GROUP BY store_id, c3, care_status
