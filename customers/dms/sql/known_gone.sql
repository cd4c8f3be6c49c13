DELETE FROM work_known WHERE row_no IN (SELECT row_no FROM work_other);
DELETE FROM stage_settled WHERE row_no IN (SELECT row_no FROM work_known);
DELETE FROM stage_car_seen WHERE car IN (SELECT car FROM work_known);
DELETE FROM stage_owner_seen WHERE owner IN (SELECT owner FROM work_known);
