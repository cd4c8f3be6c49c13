"""Golden cases of the reference: every cell and status the day before, on and after its boundary."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from tests.segmentation.reference import (
    C3Result,
    Complaint,
    Rules,
    Vehicle,
    Visit,
    c3,
    care_status,
    figures,
    months_before,
    nearest_rank,
    spend_threshold,
    usual_interval,
)

TODAY = date(2026, 3, 15)
RULES = Rules()
AMOUNT = Rules(spend_mode="amount", spend_amount_fen=100_000)
OLD = date(2020, 1, 1)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def visit(
    day: date, kind: str = "maintenance", paid_fen: int = 0, store: str = "GB", voided: bool = False
) -> Visit:
    return Visit(store, day, kind, paid_fen, voided)


def car(*visits: Visit, pk: int = 1, purchased_on: date | None = OLD, **more: object) -> Vehicle:
    return Vehicle(id=pk, home_store="GB", purchased_on=purchased_on, visits=visits, **more)  # type: ignore[arg-type]


def status(vehicle: Vehicle, rules: Rules = RULES, as_of: date = TODAY) -> str:
    return care_status(vehicle, as_of, rules)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2025, 2, 28), 12, date(2024, 2, 28)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2025, 12, 31), 12, date(2024, 12, 31)),
    ],
)
def test_months_clip_to_the_end_of_the_month(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


@pytest.mark.parametrize(
    ("as_of", "day", "counted"),
    [
        (TODAY, date(2025, 3, 14), 0),
        (TODAY, date(2025, 3, 15), 0),
        (TODAY, date(2025, 3, 16), 1),
        (TODAY, TODAY, 1),
        (TODAY, TODAY + timedelta(days=1), 0),
        (date(2024, 2, 29), date(2023, 2, 28), 0),
        (date(2024, 2, 29), date(2023, 3, 1), 1),
        (date(2025, 2, 28), date(2024, 2, 28), 0),
        (date(2025, 2, 28), date(2024, 2, 29), 1),
    ],
)
def test_the_window_is_open_at_its_start_and_closed_at_its_end(as_of: date, day: date, counted: int) -> None:
    found = figures(car(visit(day, paid_fen=500)), as_of, RULES)
    assert (found.maintenance, found.spend_fen) == (counted, 500 * counted)


def kinds(maintenance: int, repair: int, total_fen: int) -> tuple[Visit, ...]:
    words = ["maintenance"] * maintenance + ["repair"] * repair
    first, *rest = words
    return (visit(ago(10), first, total_fen), *(visit(ago(10 + i), word) for i, word in enumerate(rest)))


@pytest.mark.parametrize(
    ("maintenance", "repair", "spend_fen", "key"),
    [
        (2, 1, 100_000, "profitable_loyal"),
        (7, 3, 100_000, "profitable_loyal"),  # exactly 30 %
        (5, 2, 100_000, "split_loyal"),  # 28.6 %
        (2, 0, 100_000, "split_loyal"),
        (1, 1, 100_000, "high_risk"),
        (0, 1, 100_000, "high_risk"),
        (1, 0, 100_000, "high_opportunity"),
        (2, 1, 99_999, "high_cost"),
        (7, 3, 99_999, "high_cost"),
        (5, 2, 99_999, "development"),
        (2, 0, 99_999, "development"),
        (1, 1, 99_999, "low_cost"),
        (1, 0, 99_999, "mystery_opportunity"),
    ],
)
def test_the_eight_cells(maintenance: int, repair: int, spend_fen: int, key: str) -> None:
    vehicle = car(*kinds(maintenance, repair, spend_fen))
    assert c3([vehicle], TODAY, AMOUNT) == {
        1: C3Result(key, maintenance, spend_fen, repair, maintenance + repair)
    }


def test_without_a_visit_all_three_are_low() -> None:
    assert c3([car()], TODAY, RULES) == {1: C3Result("mystery_opportunity", 0, 0, 0, 0)}


def test_kinds_count_as_the_rules_say() -> None:
    vehicle = car(
        visit(ago(5), "accident", 70_000, store="NS"),
        visit(ago(6), "warranty", 50_000),
        visit(ago(7), "other", 30_000),
        visit(ago(8), "maintenance", 10_000, voided=True),
        visit(ago(9), "maintenance", -5_000),
    )
    assert c3([vehicle], TODAY, AMOUNT)[1] == C3Result("low_cost", 1, 95_000, 1, 2)
    only_repair = replace(AMOUNT, repair_kinds=frozenset({"repair"}))
    assert c3([vehicle], TODAY, only_repair)[1] == C3Result("mystery_opportunity", 1, 95_000, 0, 1)


def test_the_mapping_is_data() -> None:
    swapped = dict(AMOUNT.cells)
    swapped[True, True, True], swapped[True, True, False] = "split_loyal", "profitable_loyal"
    vehicle = car(*kinds(2, 1, 100_000))
    assert c3([vehicle], TODAY, replace(AMOUNT, cells=swapped))[1].key == "split_loyal"


@pytest.mark.parametrize(
    ("values", "percentile", "expected"),
    [
        ([10, 20, 30, 40, 50], 60, 30),
        ([10, 20, 30, 40, 50], 61, 40),
        ([10, 20, 30, 40, 50], 59, 30),
        ([50, 10, 40, 20], 60, 40),
        ([7], 60, 7),
        ([10, 20], 100, 20),
        ([10, 20], 1, 10),
        ([], 60, 0),
    ],
)
def test_nearest_rank(values: list[int], percentile: int, expected: int) -> None:
    assert nearest_rank(values, percentile) == expected


def test_the_threshold_is_over_the_cars_seen_in_the_window() -> None:
    seen = [car(visit(ago(9), paid_fen=fen), pk=pk) for pk, fen in enumerate([100, 200, 300, 400, 500])]
    away = [car(visit(ago(700), paid_fen=9_000), pk=10 + pk) for pk in range(5)]
    gone = car(visit(ago(9), paid_fen=9_000), pk=20, state="scrapped")
    groups = c3([*seen, *away, gone], TODAY, RULES)
    high = [pk for pk, found in groups.items() if found.key == "high_opportunity"]
    assert high == [2, 3, 4]
    assert 20 not in groups


def test_a_threshold_of_nothing_becomes_one_fen() -> None:
    free = [car(visit(ago(9)), pk=pk) for pk in range(9)]
    paid = car(visit(ago(9), paid_fen=1), pk=9)
    assert spend_threshold([figures(v, TODAY, RULES) for v in [*free, paid]], RULES) == 1
    groups = c3([*free, paid], TODAY, RULES)
    assert [pk for pk, found in groups.items() if found.key == "high_opportunity"] == [9]
    assert spend_threshold([], RULES) == 1
    assert spend_threshold([], replace(AMOUNT, spend_amount_fen=0)) == 1


@pytest.mark.parametrize(
    ("vehicle", "grouped"),
    [
        (car(purchased_on=TODAY), True),
        (car(purchased_on=TODAY + timedelta(days=1)), False),
        (car(purchased_on=None), False),
        (car(visit(TODAY), purchased_on=None), True),
        (car(visit(TODAY + timedelta(days=1)), purchased_on=None), False),
        (car(visit(TODAY, voided=True), purchased_on=None), False),
        (car(visit(TODAY), state="sold_away"), False),
        (car(visit(TODAY), state="scrapped"), False),
    ],
)
def test_who_gets_a_group(vehicle: Vehicle, grouped: bool) -> None:
    assert (1 in c3([vehicle], TODAY, RULES)) is grouped


@pytest.mark.parametrize(
    ("days", "expected"), [(183, "active"), (184, "near_lost"), (365, "near_lost"), (366, "lost")]
)
def test_lost_and_near_lost_by_the_last_visit(days: int, expected: str) -> None:
    assert status(car(visit(ago(days)))) == expected
    assert status(car(visit(ago(days)), visit(ago(1), voided=True))) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(183, "new"), (184, "near_lost"), (365, "near_lost"), (366, "lost")]
)
def test_without_a_visit_the_purchase_decides(days: int, expected: str) -> None:
    assert status(car(purchased_on=ago(days))) == expected


def test_without_visit_and_purchase_it_is_lost() -> None:
    assert status(car(purchased_on=None)) == "lost"
    assert status(car(purchased_on=TODAY + timedelta(days=1))) == "lost"


@pytest.mark.parametrize(("away", "expected"), [(120, "active"), (121, "near_lost")])
def test_one_and_a_half_times_the_usual_interval(away: int, expected: str) -> None:
    vehicle = car(*(visit(ago(away + gap)) for gap in (0, 80, 160)))
    assert status(vehicle) == expected


@pytest.mark.parametrize(("away", "expected"), [(90, "active"), (91, "near_lost")])
def test_a_short_interval_still_waits_90_days(away: int, expected: str) -> None:
    vehicle = car(*(visit(ago(away + gap)) for gap in (0, 30, 60)))
    assert status(vehicle) == expected


def test_the_usual_interval_is_a_median_of_visit_days() -> None:
    two_days = car(visit(ago(100)), visit(ago(110)), visit(ago(110), "repair"))
    assert usual_interval(two_days, TODAY) is None
    assert status(two_days) == "active"
    odd = car(*(visit(ago(days)) for days in (100, 110, 150, 151)))
    assert usual_interval(odd, TODAY) == 10
    even = car(*(visit(ago(days)) for days in (100, 110, 135)))
    assert usual_interval(even, TODAY) == Fraction(35, 2)


@pytest.mark.parametrize(
    ("stores", "expected"),
    [
        (("GB", "NS", "LG"), "near_lost"),
        (("NS", "NS", "GB"), "active"),
        (("NS", "GB", "NS"), "active"),
        (("NS",), "active"),
    ],
)
def test_the_last_two_visits_at_a_sister_store(stores: tuple[str, ...], expected: str) -> None:
    days = (ago(90), ago(60), ago(30))
    vehicle = car(*(visit(day, store=store) for day, store in zip(days, stores, strict=False)))
    assert status(vehicle) == expected


def test_visits_of_one_day_stand_in_the_order_of_arrival() -> None:
    home_last = car(visit(ago(60), store="NS"), visit(ago(30), store="NS"), visit(ago(30), store="GB"))
    home_first = car(visit(ago(60), store="GB"), visit(ago(30), store="NS"), visit(ago(30), store="LG"))
    assert (status(home_last), status(home_first)) == ("active", "near_lost")


def test_repair_only_looks_at_the_window() -> None:
    opened = months_before(TODAY, 12)
    repair = visit(ago(20), "accident")
    assert status(car(repair)) == "repair_only"
    assert status(car(visit(opened), repair)) == "repair_only"
    assert status(car(visit(opened + timedelta(days=1)), repair)) == "active"
    assert status(car(visit(ago(20), "other"))) == "active"


@pytest.mark.parametrize(("days", "expected"), [(182, "new"), (183, "new"), (184, "active")])
def test_new_by_the_earlier_of_purchase_and_first_visit(days: int, expected: str) -> None:
    assert status(car(visit(ago(days)), visit(ago(2)), purchased_on=None)) == expected
    assert status(car(visit(ago(2)), purchased_on=ago(days))) == expected
    assert status(car(visit(ago(days)), visit(ago(2)), purchased_on=ago(2))) == expected


def test_the_mark_stands_between_repair_only_and_new() -> None:
    assert status(car(visit(ago(2)), price_sensitive=True, purchased_on=ago(9))) == "price_sensitive"
    assert status(car(visit(ago(2), "repair"), price_sensitive=True)) == "repair_only"
    assert status(car(visit(ago(184)), price_sensitive=True)) == "near_lost"


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "expected"),
    [
        (OLD, None, "complained"),
        (OLD, TODAY + timedelta(days=1), "complained"),
        (OLD, TODAY, "active"),
        (TODAY, None, "complained"),
        (TODAY + timedelta(days=1), None, "active"),
        (date(2025, 9, 15), ago(1), "active"),
        (date(2025, 9, 16), ago(1), "complained"),
        (date(2025, 9, 16), None, "complained"),
    ],
)
def test_complained(opened_on: date, closed_on: date | None, expected: str) -> None:
    came = visit(date(2025, 9, 16))  # not after any of them, and 180 days ago
    assert status(car(came, complaints=(Complaint(opened_on, closed_on),))) == expected


@pytest.mark.parametrize(("days", "expected"), [(41, "complained"), (40, "complained"), (39, "active")])
def test_a_visit_after_the_complaint_heals_it(days: int, expected: str) -> None:
    complaint = Complaint(ago(40), ago(39))
    assert status(car(visit(ago(days)), complaints=(complaint,))) == expected
    assert status(car(visit(ago(days)), complaints=(Complaint(ago(40)),))) == "complained"


def test_complained_comes_before_lost() -> None:
    assert status(car(visit(ago(900)), complaints=(Complaint(ago(500)),))) == "complained"


def test_a_past_day_knows_nothing_of_what_came_later() -> None:
    vehicle = car(visit(ago(300)), visit(ago(100), "repair", 900_000), complaints=(Complaint(ago(50)),))
    assert status(vehicle) == "complained"
    assert status(vehicle, as_of=ago(51)) == "active"
    assert status(vehicle, as_of=ago(101)) == "near_lost"
    assert c3([vehicle], ago(101), AMOUNT)[1] == C3Result("mystery_opportunity", 1, 0, 0, 1)


def test_all_numbers_are_settable() -> None:
    rules = replace(RULES, lost_days=30, near_lost_days=20, new_days=5, window_months=1)
    assert status(car(visit(ago(31))), rules) == "lost"
    assert status(car(visit(ago(21))), rules) == "near_lost"
    assert status(car(visit(ago(20))), rules) == "active"
    assert figures(car(visit(ago(31))), TODAY, rules).visits == 0
