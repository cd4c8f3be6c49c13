-- What changes in a row without a move. Params: as_of, rule_set.
as_of = :as_of,
rule_set_id = :rule_set,
value = r.value,
visits_in_window = r.visits_in_window,
maintenance_count = r.maintenance_count,
repair_like_count = r.repair_like_count,
spend_fen = r.spend_fen,
last_visit_on = r.last_visit_on,
first_seen_on = r.first_seen_on,
due_on = r.due_on
