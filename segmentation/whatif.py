"""What other thresholds would make of the cars: counted at once, written nowhere."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.models import C3, RuleSet, SegmentRun
from segmentation.services import Standing, standing
from staff.models import Store, User

YEAR = 12
# Widths of the bars, as whatif_spread.sql counts them.
RATIO_STEP, SPEND_STEP_FEN, MOST_BARS = 5, 50_000, 24


@dataclass(frozen=True, slots=True)
class Touched:
    """A running campaign, and how many cars of its list would stand in another group."""

    name: str
    url: str
    listed: int
    moving: int
    # Of the moving ones: not called yet.
    waiting: int


class Source(Protocol):
    """Of an app to the right. ``moving`` selects the ids of the vehicles that change their group."""

    def __call__(self, *, user: User, moving: RawSQL, today: date) -> list[Touched]: ...


@dataclass(frozen=True, slots=True)
class Move:
    before: str
    after: str
    cars: int
    revenue_fen: int


@dataclass(frozen=True, slots=True)
class Bar:
    """``start`` <= figure, up to the next bar; the last one holds all the rest."""

    start: int
    cars: int
    height: int
    is_high: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """Of the cars seen in the window, how many are high in each figure, and at what spend that begins."""

    seen: int = 0
    maintenance: int = 0
    ratio: int = 0
    spend: int = 0
    lowest_fen: int | None = None
    highest_fen: int | None = None

    def part(self, cars: int) -> float | None:
        return cars / self.seen if self.seen else None


@dataclass(slots=True)
class Trial:
    as_of: date
    moves: list[Move]
    reached: Reached
    bars: dict[str, list[Bar]]
    touched: list[Touched] = field(default_factory=list)
    # The stored figures did not do: the window or the kinds of repair are others.
    from_visits: bool = False
    seconds: float = 0.0

    @property
    def cars(self) -> int:
        return sum(move.cars for move in self.moves)

    @property
    def moving(self) -> list[Move]:
        """The largest first."""
        moving = [move for move in self.moves if move.before != move.after]
        return sorted(moving, key=lambda move: (-move.cars, move.before, move.after))

    @property
    def moved(self) -> int:
        return sum(move.cars for move in self.moving)

    @property
    def revenue_fen(self) -> int:
        return sum(move.revenue_fen for move in self.moving)

    def totals(self, side: str) -> dict[str, int]:
        """Cars by group, ``before`` or ``after``."""
        found = dict.fromkeys(C3.values, 0)
        for move in self.moves:
            found[getattr(move, side)] += move.cars
        return found


def try_out(*, rules: RuleSet, stores: Sequence[Store], user: User, today: date) -> Trial | None:
    """What ``rules`` would make of the cars of ``stores`` as they stood at the last run; None before the first."""
    began = time.monotonic()
    stands = standing(stores)
    if stands is None:
        return None
    with _scratch():
        sql.execute("whatif_tables", {})
        from_visits = False
        for alike in _alike(stands):
            stored = _stored_figures_do(alike[0], rules)
            _judge(rules, alike, stored=stored)
            from_visits = from_visits or not stored
        trial = Trial(
            as_of=stands.as_of,
            moves=[
                Move(before, after, cars, int(revenue_fen))
                for before, after, cars, revenue_fen in sql.rows("whatif_moves", {})
            ],
            reached=Reached(*sql.rows("whatif_reached", _values(rules))[0]),
            bars={},
            from_visits=from_visits,
        )
        trial.bars = _bars(rules, trial.reached)
        if trial.moved:
            moving = RawSQL("SELECT vehicle_id FROM segment_whatif WHERE c3_before <> c3_after", ())
            trial.touched = [
                one for source in _sources() for one in source(user=user, moving=moving, today=today)
            ]
    trial.seconds = time.monotonic() - began
    return trial


@cache
def _sources() -> tuple[Source, ...]:
    return tuple(import_string(path) for path in settings.WHATIF_SOURCES)


@contextmanager
def _scratch() -> Iterator[None]:
    """Room for a table of one's own. A transaction of SQLite would take the one write lock for it."""
    if connection.vendor == "sqlite":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Compiling the statements takes longer than running them.
            cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        yield


def _alike(stands: Standing) -> Iterable[list[SegmentRun]]:
    """The runs of the stores that can be judged together: same day, figures counted the same way."""
    together: dict[tuple[Any, ...], list[SegmentRun]] = defaultdict(list)
    for run in stands.runs:
        rules = run.rule_set
        together[run.as_of, rules.window_months, *sorted(rules.repair_kinds)].append(run)
    return together.values()


def _stored_figures_do(run: SegmentRun, rules: RuleSet) -> bool:
    counted = run.rule_set
    return counted.window_months == rules.window_months and set(counted.repair_kinds) == set(
        rules.repair_kinds
    )


def _judge(rules: RuleSet, runs: list[SegmentRun], *, stored: bool) -> None:
    as_of = runs[0].as_of
    values = _values(rules) | {
        "stores": [run.store_id for run in runs],
        "as_of": as_of,
        "window_start": months_before(as_of, rules.window_months),
        "year_start": months_before(as_of, YEAR),
    }
    everywhere = len(runs) == Store.objects.count()
    (figures,) = sql.statements(
        "whatif_stored" if stored else "whatif_visits",
        connection.vendor,
        "all" if everywhere else "stores",
    )
    (judge,) = sql.statements("whatif_judge", connection.vendor, "all")
    parts = {
        "FIGURES": figures,
        "OF_STORES": "+store_id" if everywhere else "store_id",
    }
    for name, part in parts.items():
        judge = judge.replace(name, part)
    with connection.cursor() as cursor:
        cursor.execute(*sql.bind(judge, values))


def _values(rules: RuleSet) -> dict[str, sql.Value]:
    by_amount = rules.spend_mode == RuleSet.SpendMode.AMOUNT
    return {
        "window_months": rules.window_months,
        "repair_kinds": list(rules.repair_kinds),
        "maintenance_high": rules.maintenance_high,
        "repair_ratio_high_percent": rules.repair_ratio_high_percent,
        "spend_mode": rules.spend_mode,
        "spend_percentile": rules.spend_percentile,
        # Where nobody was seen there is no percentile: then any spend is high.
        "spend_amount_fen": rules.spend_amount_fen if by_amount else 1,
        **{f"cell_{cell}": key for cell, key in rules.cells.items()},
    }


def _bars(rules: RuleSet, reached: Reached) -> dict[str, list[Bar]]:
    counts: dict[str, dict[int, int]] = {"maintenance": {}, "ratio": {}, "spend": {}}
    for figure, step, cars in sql.rows("whatif_spread", {}):
        counts[figure][step] = cars
    spend_width = max(1, -(-_nearly_all(counts["spend"]) // MOST_BARS))
    return {
        "maintenance": _drawn(counts["maintenance"], 10, 1, rules.maintenance_high),
        "ratio": _drawn(counts["ratio"], 20, RATIO_STEP, rules.repair_ratio_high_percent),
        "spend": _drawn(
            _merged(counts["spend"], spend_width),
            MOST_BARS,
            SPEND_STEP_FEN * spend_width,
            reached.lowest_fen or 1,
        ),
    }


def _nearly_all(counts: dict[int, int]) -> int:
    """How many steps hold 39 of 40 cars: the few large fleets would press all others into one bar."""
    total, so_far = sum(counts.values()), 0
    for step in sorted(counts):
        so_far += counts[step]
        if so_far * 40 >= total * 39:
            return step + 1
    return 1


def _merged(counts: dict[int, int], width: int) -> dict[int, int]:
    merged: dict[int, int] = defaultdict(int)
    for step, cars in counts.items():
        merged[step // width] += cars
    return merged


def _drawn(counts: dict[int, int], most: int, width: int, threshold: int) -> list[Bar]:
    """A bar is high when all of it is; one the threshold cuts is drawn as the part above."""
    bars = [0] * most
    for step, cars in counts.items():
        bars[min(step, most - 1)] += cars
    tallest = max(bars) or 1
    return [
        Bar(position * width, cars, round(cars * 100 / tallest), (position + 1) * width > threshold)
        for position, cars in enumerate(bars)
    ]
