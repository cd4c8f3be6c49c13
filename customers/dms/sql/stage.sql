-- What a file says, before the database is asked: no index, no constraint, gone with the connection.
DROP TABLE IF EXISTS stage_order;
CREATE TEMPORARY TABLE stage_order (
    row_no integer PRIMARY KEY, car integer, owner integer, order_no text, visited_on date, arrived_at timestamptz,
    settled_on date, kind text, is_rework boolean, charge_type text, odometer_km integer, labour_fen bigint,
    parts_fen bigint, discount_fen bigint, paid_fen bigint, advisor_id bigint, advisor_name text, team text,
    customer_words text
);
DROP TABLE IF EXISTS stage_reversal;
CREATE TEMPORARY TABLE stage_reversal (
    row_no integer, car integer, of_row integer, order_no text, target_no text, reversed_on date, amount_fen bigint
);
DROP TABLE IF EXISTS stage_line;
CREATE TEMPORARY TABLE stage_line (row_no integer, position integer, name text, amount_fen bigint);
-- Who was with which car when, of the rows that are no order.
DROP TABLE IF EXISTS stage_tie;
CREATE TEMPORARY TABLE stage_tie (row_no integer, car integer, owner integer, day date);
-- Each different set of facts once, by its hash, and when it was seen last: day and row as text.
DROP TABLE IF EXISTS stage_car;
CREATE TEMPORARY TABLE stage_car (
    facts bigint, car integer, vin text, plate text, brand text, model text, purchased_on text, insurance_until text,
    inspection_until text
);
DROP TABLE IF EXISTS stage_owner;
CREATE TEMPORARY TABLE stage_owner (
    facts bigint, owner integer, uid uuid, name text, name_key text, kind text, gender text, birthday text, usage text,
    region text, address bytea, code text
);
DROP TABLE IF EXISTS stage_seen;
CREATE TEMPORARY TABLE stage_seen (facts bigint, at text);
DROP TABLE IF EXISTS stage_phone;
CREATE TEMPORARY TABLE stage_phone (
    owner integer, place bigint, uid uuid, number bytea, number_index text, last4_index text, is_mobile boolean,
    identifies boolean
);
DROP TABLE IF EXISTS stage_problem;
CREATE TEMPORARY TABLE stage_problem (row_no integer, outcome text, reason text, of_row integer, warnings text);
DROP TABLE IF EXISTS stage_raw;
CREATE TEMPORARY TABLE stage_raw (uid uuid, first_row integer, last_row integer, body bytea);
