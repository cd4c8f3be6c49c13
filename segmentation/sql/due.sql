-- The cars with a date that fell due. No index: its upkeep with every written row costs more than this look at all.
-- Params: stores, as_of.
INSERT INTO segment_touched
SELECT vehicle_id, 0 FROM segmentation_vehiclesegment WHERE due_on <= :as_of AND store_id IN :stores
ON CONFLICT (vehicle_id) DO UPDATE SET only_counted = 0
