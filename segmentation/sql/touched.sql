-- The cars that can have changed: noted, or with a date that fell due. Params: stores, as_of.
INSERT INTO segment_touched
SELECT vehicle_id FROM segment_note
UNION
SELECT vehicle_id FROM segmentation_vehiclesegment WHERE store_id IN :stores AND due_on <= :as_of
