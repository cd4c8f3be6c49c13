-- The tables of one run. They live as long as its transaction where the database can do that, else with the
-- connection; a second run in one transaction finds them empty.
CREATE TEMPORARY TABLE IF NOT EXISTS segment_touched (
    vehicle_id bigint PRIMARY KEY,
    only_counted smallint NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_between (vehicle_id bigint PRIMARY KEY) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_written (
    vehicle_id CAR_IN_ORDER,
    store_id bigint NOT NULL,
    rule_set_id bigint NOT NULL,
    c3 varchar(20) NOT NULL,
    care_status varchar(16) NOT NULL,
    value varchar(4) NOT NULL,
    visits_in_window integer NOT NULL,
    maintenance_count integer NOT NULL,
    repair_like_count integer NOT NULL,
    spend_fen bigint NOT NULL,
    last_visit_on date,
    first_seen_on date,
    due_on date
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_figures (
    vehicle_id CAR_IN_ORDER,
    store_id bigint NOT NULL,
    owner_id bigint,
    visits integer NOT NULL,
    was_elsewhere smallint NOT NULL,
    counted integer NOT NULL,
    maintenance integer NOT NULL,
    repair_like integer NOT NULL,
    spend_fen bigint NOT NULL,
    first_counted_on date,
    last_visit_on date,
    first_seen_on date NOT NULL,
    -- Of a car that was only recounted: what stands, as far as counts leave it alone.
    stands varchar(16),
    stands_until date
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_cut (
    store_id bigint NOT NULL,
    figure varchar(12) NOT NULL,
    number smallint NOT NULL,
    percent smallint NOT NULL,
    step bigint NOT NULL,
    before bigint NOT NULL,
    places bigint NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_cut_before (
    store_id bigint NOT NULL,
    figure varchar(12) NOT NULL,
    number smallint NOT NULL,
    step bigint NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_step (
    figure varchar(12) NOT NULL,
    place bigint NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_near (
    vehicle_id CAR_IN_ORDER,
    store_id bigint NOT NULL,
    spend_fen bigint NOT NULL,
    counted integer NOT NULL,
    last_visit_on date NOT NULL,
    value varchar(4) NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_threshold (
    store_id bigint PRIMARY KEY,
    spend_fen bigint NOT NULL,
    recent_1 date, recent_2 date, recent_3 date, recent_4 date,
    often_1 integer, often_2 integer, often_3 integer, often_4 integer,
    spend_1 bigint, spend_2 bigint, spend_3 bigint, spend_4 bigint
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_threshold_before (
    store_id bigint PRIMARY KEY,
    spend_fen bigint NOT NULL,
    spend_1 bigint, spend_2 bigint, spend_3 bigint, spend_4 bigint
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_complained (
    vehicle_id bigint PRIMARY KEY,
    is_open smallint NOT NULL,
    recent_on date
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_interval (
    vehicle_id bigint PRIMARY KEY,
    is_overdue smallint NOT NULL,
    due_on date
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_result (
    vehicle_id CAR_IN_ORDER,
    store_id bigint NOT NULL,
    c3 varchar(20) NOT NULL,
    care_status varchar(16) NOT NULL,
    value varchar(4) NOT NULL,
    visits_in_window integer NOT NULL,
    maintenance_count integer NOT NULL,
    repair_like_count integer NOT NULL,
    spend_fen bigint NOT NULL,
    last_visit_on date,
    first_seen_on date NOT NULL,
    due_on date,
    c3_moved smallint NOT NULL,
    care_moved smallint NOT NULL,
    is_new smallint NOT NULL
) ON_COMMIT_DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS segment_move (
    vehicle_id bigint NOT NULL,
    family varchar(12) NOT NULL,
    store_id bigint,
    value varchar(20),
    PRIMARY KEY (vehicle_id, family)
) ON_COMMIT_DROP;

EMPTY segment_touched;
EMPTY segment_between;
EMPTY segment_written;
EMPTY segment_figures;
EMPTY segment_cut;
EMPTY segment_cut_before;
EMPTY segment_step;
EMPTY segment_near;
EMPTY segment_threshold;
EMPTY segment_threshold_before;
EMPTY segment_complained;
EMPTY segment_interval;
EMPTY segment_result;
EMPTY segment_move;
