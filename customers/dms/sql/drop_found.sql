-- What of the file was found in the database: it is found anew without the rows that are refused.
DROP TABLE IF EXISTS work_car;
DROP TABLE IF EXISTS work_owner;
DROP TABLE IF EXISTS work_phone;
DROP TABLE IF EXISTS work_pair;
DROP TABLE IF EXISTS work_namesake;
DROP TABLE IF EXISTS work_unknown;
DROP TABLE IF EXISTS work_nameless;
DROP TABLE IF EXISTS work_address;
DROP TABLE IF EXISTS new_phone;
DROP TABLE IF EXISTS seal_owner;
DROP TABLE IF EXISTS seal_phone;
DROP TABLE IF EXISTS work_visit;
DROP TABLE IF EXISTS work_desk;
DROP TABLE IF EXISTS work_reversal;
DROP TABLE IF EXISTS work_pending;
DROP TABLE IF EXISTS new_pending;
DROP TABLE IF EXISTS new_reversal;
