-- Every car of a trial: its group now and the one it would have. Lives as long as the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS segment_whatif (
    vehicle_id CAR_IN_ORDER,
    store_id bigint NOT NULL,
    c3_before varchar(20) NOT NULL,
    c3_after varchar(20) NOT NULL,
    seen smallint NOT NULL,
    maintenance integer NOT NULL,
    repair_like integer NOT NULL,
    spend_fen bigint NOT NULL,
    threshold_fen bigint NOT NULL,
    revenue_fen bigint NOT NULL
) ON_COMMIT_DROP;

EMPTY segment_whatif;
