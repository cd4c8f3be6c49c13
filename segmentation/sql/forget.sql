-- Notes of days to come, of cars that will not see them. Params: stores.
DELETE FROM segmentation_touchedcar
WHERE store_id IN :stores AND NOT EXISTS (
    SELECT 1 FROM customers_vehicle v WHERE v.id = segmentation_touchedcar.vehicle_id
)
