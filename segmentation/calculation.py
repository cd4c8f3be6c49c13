"""One calculation: stores under the same rules, all of their cars or only those that can have changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.models import RuleSet, SegmentRun

# So many new spells at once, and what PostgreSQL knows of the table is no longer true: of an empty one, nothing.
MANY = 10_000
Counts = dict[str, Counter[str]]


@dataclass(slots=True)
class Calculation:
    """What there is to do, and then what came of it."""

    rules: RuleSet
    as_of: date
    store_ids: list[int]
    # The last run of each store, where only the touched cars are computed.
    before: Mapping[int, SegmentRun] = field(default_factory=dict)
    # Further cars to compute, whether noted or not.
    touched: Sequence[int] = ()
    counts: Counts = field(default_factory=lambda: defaultdict(Counter))
    runs: list[SegmentRun] = field(default_factory=list)


def full(work: Calculation, *, everywhere: bool) -> None:
    """Compute every car of the stores and write those that differ."""
    values = {**values_of(work.rules, work.store_ids, work.as_of), "compare": 1}
    sql.prepare()
    sql.execute("notes", values)
    _judge_all(values, scope="all" if everywhere else "stores")
    _write(work, values, scope="all")


def tell(work: Calculation, *, everywhere: bool) -> None:
    """Compute every car and only count: the stores stand at a later day already."""
    values = {**values_of(work.rules, work.store_ids, work.as_of), "compare": 0}
    sql.prepare()
    _judge_all(values, scope="all" if everywhere else "stores")
    _count(work, statement="counts_told", values=values)


def incremental(work: Calculation) -> None:
    """Compute the cars that can have changed since the last run; the rows are those a full run would leave."""
    values = {**values_of(work.rules, work.store_ids, work.as_of), "compare": 1}
    sql.prepare()
    sql.execute("notes", values)
    sql.analyze("segment_note")
    touched = sql.execute("touched", values)
    if work.touched:
        touched += sql.add("segment_touched", [(pk,) for pk in work.touched])
    sql.analyze("segment_touched")
    with sql.by_car():
        sql.execute("figures", values, scope="touched")
    sql.analyze("segment_figures")
    with sql.as_it_lies():
        sql.execute("seen_now", values)
    sql.analyze("segment_seen_now")
    with sql.hashing():
        sql.execute("thresholds", values, scope="touched")
    moved = _moved(work)
    if moved:
        sql.add("segment_threshold_before", moved)
        sql.analyze("segment_threshold", "segment_threshold_before")
        with sql.as_it_lies():
            sql.execute("between", {**values, "stores": [row[0] for row in moved]})
        sql.analyze("segment_between", "segment_touched")
        with sql.by_car():
            sql.execute("figures", values, scope="between")
        sql.analyze("segment_figures")
    with sql.by_car():
        _judge(values, scope="touched")
        _write(work, values, scope="touched")


def _judge_all(values: Mapping[str, sql.Value], *, scope: str) -> None:
    sql.execute("figures", values, scope=scope)
    sql.analyze("segment_figures")
    with sql.hashing():
        sql.execute("thresholds", values, scope=scope)
    _judge(values, scope=scope)


def _judge(values: Mapping[str, sql.Value], *, scope: str) -> None:
    sql.execute("exceptions", values, scope=scope)
    sql.analyze("segment_threshold", "segment_complained", "segment_interval", "segment_sensitive")
    sql.execute("results", values)
    sql.analyze("segment_result")


def _write(work: Calculation, values: Mapping[str, sql.Value], *, scope: str) -> None:
    moves = sql.execute("moves", values, scope=scope)
    sql.analyze("segment_move")
    changed = dict(sql.rows("summary", values))
    sql.execute("spells", values)
    if moves >= MANY:
        sql.analyze("segmentation_segmentspell")
    sql.execute("write", values)
    vehicles = _count(work, statement="counts", values=values)
    work.runs += [
        SegmentRun(
            store_id=store,
            rule_set=work.rules,
            as_of=work.as_of,
            kind=SegmentRun.Kind.INCREMENTAL if scope == "touched" else SegmentRun.Kind.FULL,
            spend_threshold_fen=threshold,
            value_cuts=cuts,
            vehicles=vehicles[store],
            changed=changed.get(store, 0),
        )
        for store, threshold, cuts in _thresholds()
    ]


def _count(work: Calculation, *, statement: str, values: Mapping[str, sql.Value]) -> Counter[int]:
    """Add to the counts by family; return the cars of each store."""
    vehicles: Counter[int] = Counter()
    with sql.hashing():
        rows = sql.rows(statement, values)
    for store, c3, care_status, count in rows:
        work.counts["c3"][c3] += count
        work.counts["care_status"][care_status] += count
        vehicles[store] += count
    return vehicles


def _thresholds() -> list[tuple[int, int, list[str | int | None]]]:
    """Of each store: where high spend begins, and the cuts between the fifths."""
    return [
        (store, threshold, [cut.isoformat() if isinstance(cut, date) else cut for cut in cuts])
        for store, threshold, *cuts in sql.rows("thresholds_now", {})
    ]


def _moved(work: Calculation) -> list[tuple[int, int]]:
    """The stores whose thresholds are not those of their last run, with the spend that was high then."""
    return [
        (store, work.before[store].spend_threshold_fen)
        for store, threshold, cuts in _thresholds()
        if (threshold, cuts) != (work.before[store].spend_threshold_fen, work.before[store].value_cuts)
    ]


def values_of(rules: RuleSet, store_ids: list[int], as_of: date) -> dict[str, sql.Value]:
    """The statements' parameters. Days become dates here, so that the databases only compare."""
    numbers = (
        "window_months", "maintenance_high", "spend_amount_fen", "repair_ratio_high_percent", "repair_kinds",
        "lost_days", "near_lost_days", "interval_factor_percent", "interval_min_days", "complaint_months", "new_days",
    )  # fmt: skip
    by_amount = rules.spend_mode == RuleSet.SpendMode.AMOUNT
    return {
        **{name: getattr(rules, name) for name in numbers},
        **{f"cell_{cell}": rules.cells[cell] for cell in sorted(rules.cells)},
        "spend_percentile": 0 if by_amount else rules.spend_percentile,
        "value_high": rules.value_high_points,
        "value_mid": rules.value_mid_points,
        "rule_set": rules.pk,
        "stores": sorted(store_ids),
        "as_of": as_of,
        "window_start": months_before(as_of, rules.window_months),
        "complaint_start": months_before(as_of, rules.complaint_months),
        "lost_from": as_of - timedelta(days=rules.lost_days),
        "near_lost_from": as_of - timedelta(days=rules.near_lost_days),
        "interval_before": as_of - timedelta(days=rules.interval_min_days),
        "new_from": as_of - timedelta(days=rules.new_days),
        "never": date.max,
    }
