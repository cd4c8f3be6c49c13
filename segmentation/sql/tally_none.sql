-- Before every car of the stores is counted anew. Params: stores.
DELETE FROM segmentation_segmenttally WHERE store_id IN :stores;

DELETE FROM segmentation_nearcar WHERE store_id IN :stores
