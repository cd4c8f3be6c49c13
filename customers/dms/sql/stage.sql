-- What a file says, before the database is asked: no index, no constraint, gone with the connection.
-- While the file is read: each order's own values, and each different car and owner once, numbered as facts. Days are
-- text; an open one is its sign and digits until the file's order of day and month is known.
CREATE SCRATCH TABLE stage_order (
    row_no KEY_OF_ROWS(), car_facts integer, owner_facts integer, order_no text, target_no text, visited_on text,
    arrived_at timestamptz, settled_on text, kind text, is_rework boolean, charge_type text, odometer_km integer,
    paid_fen bigint, labour_fen bigint, parts_fen bigint, discount_fen bigint, advisor_id bigint, advisor_name text,
    team text, customer_words text, said bigint
);
CREATE SCRATCH TABLE stage_line (row_no integer, name text);
CREATE SCRATCH TABLE stage_void (row_no KEY_OF_ROWS(), car_facts integer);
CREATE SCRATCH TABLE stage_car (
    facts integer, vin text, plate text, brand text, model text, purchased_on text, insurance_until text,
    inspection_until text
);
CREATE SCRATCH TABLE stage_owner (
    facts integer, name text, full_name text, name_key text, kind text, gender text, birthday text, usage text,
    region text, code text, has_address boolean
);
CREATE SCRATCH TABLE stage_phone (
    facts integer, place integer, number_index text, last4_index text, is_mobile boolean
);
CREATE SCRATCH TABLE stage_raw (uid uuid, first_row integer, last_row integer, body bytea);
-- When all of it is known: whose the facts are, the orders that count and the rows that are none, money given back, who
-- was with which car in the rows that are no order.
CREATE SCRATCH TABLE stage_pair (
    car_facts integer, owner_facts integer, car integer, owner integer, PRIMARY KEY (car_facts, owner_facts)
);
CREATE SCRATCH TABLE stage_apart (row_no KEY_OF_ROWS());
CREATE SCRATCH TABLE stage_moment (row_no KEY_OF_ROWS(), arrived_at timestamptz);
CREATE SCRATCH TABLE stage_settled (
    row_no KEY_OF_ROWS(), car integer, owner integer, visited_on date, said bigint
);
CREATE SCRATCH TABLE stage_back (
    row_no integer, car integer, of_row integer, reversed_on date, amount_fen bigint
);
CREATE SCRATCH TABLE stage_tie (row_no integer, car integer, owner integer, day date);
-- Whose the facts are, when they were said last (day and row as text), and whether by any row that is not here again.
CREATE SCRATCH TABLE stage_car_seen (facts integer, car integer, at text, is_news boolean DEFAULT TRUE);
CREATE SCRATCH TABLE stage_owner_seen (
    facts integer, owner integer, is_shared boolean, has_car boolean, at text, is_news boolean DEFAULT TRUE
);
CREATE SCRATCH TABLE stage_problem (row_no integer, outcome text, reason text, of_row integer, warnings text);
CREATE SCRATCH TABLE stage_line_of (line_row integer, row_no integer, position integer, amount_fen bigint);
CREATE SCRATCH TABLE stage_sum (
    row_no KEY_OF_ROWS(), labour_fen bigint, parts_fen bigint, discount_fen bigint, paid_fen bigint
);
CREATE SCRATCH TABLE stage_day (said text PRIMARY KEY, day text);
CREATE SCRATCH TABLE stage_unnumbered (row_no KEY_OF_ROWS(), facts integer, day integer, amount_fen bigint);
-- Rows that only the database could refuse, and the visit that has their number.
CREATE SCRATCH TABLE work_refused (
    row_no integer, is_order boolean, kind text, fen bigint, visit_id bigint, is_other_car boolean
);
-- Rows that made a visit as they stand, and are not passed over: somebody wrote to it since, to its car or its owner.
CREATE SCRATCH TABLE work_again (row_no KEY_OF_ROWS(), customer_id bigint);
