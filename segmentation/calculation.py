"""One calculation: stores under the same rules, all of their cars or only those that can have changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.models import C3, RuleSet, SegmentRun

# So many new spells at once, and what PostgreSQL knows of the table is no longer true: of an empty one, nothing.
MANY = 10_000
# The tallies count days of visits from here on, and spend in steps: finer, and there are more tallies to keep; coarser,
# and more cars to look at where a cut stands.
FIRST_DAY = date(1990, 1, 1)
SPEND_STEP_FEN = 10_000
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
    kind: SegmentRun.Kind = SegmentRun.Kind.FULL

    @property
    def last_days(self) -> set[date]:
        return {self.before[store].as_of for store in self.store_ids}


def anew(work: Calculation, *, everywhere: bool) -> None:
    """Compute and judge every car of the stores: nothing that stands written is relied on."""
    scope = "all" if everywhere else "stores"
    values = _begin(work, compare=True)
    sql.execute("notes", values)
    sql.execute("forget", values)
    sql.execute("tally_none", values)
    _count_all(values, scope)
    _judge(values, scope=scope)
    _write(work, values, scope=scope)


def tell(work: Calculation, *, everywhere: bool) -> None:
    """Compute every car and only count: the stores stand at a later day already."""
    scope = "all" if everywhere else "stores"
    values = _begin(work, compare=False)
    with transaction.atomic():
        sql.execute("tally_none", values)
        _count_all(values, scope)
        _judge(values, scope=scope)
        _tell(work, sql.rows("labels_told", values))
        # The tallies are those of the later day.
        transaction.set_rollback(True)


def touched(work: Calculation, *, check: bool, everywhere: bool) -> bool:
    """Bring the cars that can have changed up to the day; the rows are those that computing all anew would leave.

    They are the noted ones and those whose day has come; with ``check`` all whose visits say something else than what
    stands written, whether noted or not. False, and nothing done, where the tallies cannot tell any more.
    """
    values = _begin(work, compare=True)
    if work.touched:
        sql.add("segment_touched", [(pk, 0) for pk in work.touched])
    sql.execute("notes", values)
    if check:
        with sql.as_written():
            sql.execute("check", values, scope="all" if everywhere else "stores")
    elif work.last_days != {work.as_of}:
        sql.execute("due", values)
    sql.analyze("segment_touched")
    with sql.by_car():
        sql.execute("written", values, scope="touched")
        sql.execute("recounted", values, scope="only_counted")
        sql.execute("figures", values, scope="touched")
        if sql.rows("vanished", {}):
            return False
        sql.analyze("segment_figures")
        _follow_thresholds(work, values)
        with sql.hashing():
            _judge(values, scope="touched")
        _write(work, values, scope="touched")
    return True


def _begin(work: Calculation, *, compare: bool) -> dict[str, sql.Value]:
    sql.prepare()
    return {**values_of(work.rules, work.store_ids, work.as_of), "compare": int(compare)}


def _count_all(values: Mapping[str, sql.Value], scope: str) -> None:
    sql.execute("figures", values, scope=scope)
    sql.analyze("segment_figures")
    with sql.hashing():
        sql.execute("tally", values, scope=scope)
        sql.execute("cuts", values)
        sql.execute("near", values, scope=scope)
    sql.execute("thresholds", values)


def _follow_thresholds(work: Calculation, values: Mapping[str, sql.Value]) -> None:
    """The thresholds with the touched cars as they are now, and the figures of those that only the thresholds touch."""
    runs = [work.before[store] for store in work.store_ids]
    sql.add(
        "segment_threshold_before",
        [(run.store_id, run.spend_threshold_fen, *run.value_cuts[-4:]) for run in runs],
    )
    sql.add("segment_cut_before", [row for run in runs for row in _steps(run)])
    with sql.hashing():
        sql.execute("tally", values, scope="touched")
        unknown = sql.execute("cuts", values)
        sql.execute("near", values, scope="touched")
    if unknown:
        sql.execute("near_written", values)
    sql.execute("thresholds", values)
    sql.execute("between", values)
    sql.analyze("segment_between")
    sql.execute("figures", values, scope="between")
    sql.execute("written", values, scope="between")


def _steps(run: SegmentRun) -> Iterator[tuple[int, str, int, int]]:
    """In which step of the tallies the cuts of ``run`` stood; cut 0 is where high spend began."""
    yield run.store_id, "spend", 0, _step("spend", run.spend_threshold_fen)
    for place, cut in enumerate(run.value_cuts):
        figure = ("recent", "often", "spend")[place // 4]
        if cut is not None:
            yield run.store_id, figure, place % 4 + 1, _step(figure, cut)


def _step(figure: str, cut: str | int) -> int:
    if isinstance(cut, str):
        return (date.fromisoformat(cut) - FIRST_DAY).days
    return int(cut / SPEND_STEP_FEN) if figure == "spend" else cut


def _judge(values: Mapping[str, sql.Value], *, scope: str) -> None:
    sql.execute("exceptions", values, scope=scope)
    sql.analyze("segment_complained", "segment_interval")
    sql.execute("results", values, scope=scope)
    sql.analyze("segment_result")


def _write(work: Calculation, values: Mapping[str, sql.Value], *, scope: str) -> None:
    moves = sql.execute("moves", values, scope=scope)
    sql.analyze("segment_move")
    changed = dict(sql.rows("summary", values))
    with sql.hashing():
        went = _by_store(sql.rows("moved", values, scope=scope))
    sql.execute("labels", values)
    if scope != "touched" or work.as_of in work.last_days:
        sql.execute("spells_back", values)
    sql.execute("spells", values)
    if moves >= MANY:
        sql.analyze("segmentation_segmentspell")
    sql.execute("write", values, scope=scope)
    if scope != "touched":
        with sql.hashing():
            sql.execute("labels_anew", values)
    vehicles = _tell(work, sql.rows("labels_now", values))
    work.runs += [
        SegmentRun(
            store_id=store,
            rule_set=work.rules,
            as_of=work.as_of,
            kind=work.kind,
            spend_threshold_fen=threshold,
            value_cuts=cuts,
            vehicles=vehicles[store],
            changed=changed.get(store, 0),
            moves=went.get(store, []),
        )
        for store, threshold, cuts in _thresholds()
    ]


def _by_store(rows: Iterable[tuple[int, str, str, int]]) -> dict[int, list[tuple[str, str, int]]]:
    """Where the cars of each store went, the most frequent first."""
    went: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for store, before, now, cars in sorted(rows, key=lambda row: (-row[3], *row)):
        went[store].append((before, now, cars))
    return went


def _tell(work: Calculation, rows: Iterable[tuple[int, str, int]]) -> Counter[int]:
    """Add to the counts by family; return the cars of each store."""
    vehicles: Counter[int] = Counter()
    for store, label, cars in rows:
        family = "c3" if label in C3 else "care_status"
        work.counts[family][label] += cars
        if family == "c3":
            vehicles[store] += cars
    return vehicles


def _thresholds() -> list[tuple[int, int, list[str | int | None]]]:
    """Of each store: where high spend begins, and the cuts between the fifths."""
    return [
        (store, threshold, [cut.isoformat() if isinstance(cut, date) else cut for cut in cuts])
        for store, threshold, *cuts in sql.rows("thresholds_now", {})
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
        "first_day": FIRST_DAY,
        "spend_step": SPEND_STEP_FEN,
    }
