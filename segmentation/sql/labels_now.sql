-- Cars by store, and by group or status. Params: stores.
SELECT store_id, figure, cars FROM segmentation_segmenttally
WHERE store_id IN :stores AND figure NOT IN ('recent', 'often', 'spend')
