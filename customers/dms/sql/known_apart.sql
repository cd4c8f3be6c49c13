-- A car or an owner with anything new keeps all its rows: the newest of what a file says of it counts.
INSERT INTO work_other (row_no, car, owner)
SELECT k.row_no, k.car, k.owner
FROM work_known k
WHERE k.row_no NOT IN (SELECT row_no FROM work_other)
    AND (
        k.car IN (SELECT car FROM work_other)
        OR k.owner IN (SELECT owner FROM work_other WHERE owner IS NOT NULL)
    );
