"""Rows whose order number is taken: what has it, what differs, and taking the days and amounts of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from customers.models import Import, ImportMapping, Visit
from jobs.engine import run_all
from staff.models import Store, User
from tests.customers.factories import VisitFactory
from tests.customers.import_pages.conftest import HEADER, ROW, address, text_of

LINES = "工单号,车牌号,开单日期,客户名称,业务类型,明细类型,名称,金额"
OTHER_CAR = ROW.replace("粤B12345", "粤B54321")
OTHER_DAY = ROW.replace("2026-05-02", "2026-05-03")
OTHER_AMOUNT = ROW.replace("500.00", "501.00")


def fixes(desk: Client, imported: Import) -> list[Any]:
    return desk.get(address("import_preview", imported)).context["fixes"]


def told(clash: Any) -> tuple[str, list[tuple[str, ...]]]:
    return clash.text, [(side.name, side.car, side.day, side.amount) for side in clash.sides]


@pytest.mark.parametrize(
    ("row", "what", "said"),
    [
        (OTHER_AMOUNT, "amount", ("粤B12345", "2026-05-02", "¥501")),
        (OTHER_DAY, "day", ("粤B12345", "2026-05-03", "¥500")),
        (OTHER_CAR, "car", ("粤B54321", "2026-05-02", "¥500")),
        (
            OTHER_CAR.replace("2026-05-02", "2026-05-03").replace("500.00", "501.00"),
            "car, day, amount",
            ("粤B54321", "2026-05-03", "¥501"),
        ),
    ],
    ids=["amount", "day", "car", "all"],
)
def test_a_number_that_another_row_has(
    english: Client, checked: Callable[..., Import], row: str, what: str, said: tuple[str, ...]
) -> None:
    [fix] = fixes(english, checked(text_of(ROW, row)))

    assert fix.row == 3
    assert told(fix.clash) == (
        f"Row 2 has this number. Different: {what}",
        [("This row", *said), ("Row 2", "粤B12345", "2026-05-02", "¥500")],
    )
    assert fix.clash.differs == what.split(", ")


@pytest.mark.parametrize(
    ("row", "what", "said"),
    [
        (OTHER_AMOUNT, "amount", ("粤B12345", "2026-05-02", "¥501")),
        (OTHER_DAY, "day", ("粤B12345", "2026-05-03", "¥500")),
        (OTHER_CAR, "car", ("粤B54321", "2026-05-02", "¥500")),
    ],
    ids=["amount", "day", "car"],
)
def test_a_number_that_a_visit_has(
    english: Client,
    written: Callable[..., Import],
    checked: Callable[..., Import],
    row: str,
    what: str,
    said: Any,
) -> None:
    written()
    visit = Visit.objects.get()

    imported = checked(text_of(row))

    [fix] = fixes(english, imported)
    assert told(fix.clash) == (
        f"One of our visits has this number. Different: {what}",
        [("This row", *said), ("Our visit", "粤B12345", "2026-05-02", "¥500")],
    )
    link = f'<a href="{reverse("customers:visit", args=[visit.pk])}">Our visit</a>'
    assert link in english.get(address("import_preview", imported)).content.decode()


def test_an_amount_is_compared_before_what_was_given_back_of_it(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(ROW, ROW.replace("500.00", "-200.00")))
    assert Visit.objects.get().paid_fen == 300_00

    [fix] = fixes(english, checked(text_of(OTHER_AMOUNT)))

    assert told(fix.clash)[1][1] == ("Our visit", "粤B12345", "2026-05-02", "¥500")
    assert fix.clash.differs == ["amount"]


@pytest.mark.parametrize(
    ("rows", "differs", "said"),
    [
        # Another car's line, and one of that order which has no amount of its own.
        (
            (
                "W1,粤B12345,2026-05-02,李海燕,保养,工时,机油,50",
                "W1,粤B54321,2026-05-02,李海燕,保养,工时,机滤,80",
            ),
            [(3, ["car", "amount"])],
            [("粤B54321", "2026-05-02", "¥80"), ("粤B12345", "2026-05-02", "¥50")],
        ),
        (
            (
                "W1,粤B12345,2026-05-02,李海燕,保养,工时,机油,50",
                "W1,粤B12345,2026-05-03,李海燕,保养,工时,机滤,30",
                "W1,粤B12345,2026-05-03,李海燕,保养,配件,机滤,20",
            ),
            [(3, ["day"]), (4, ["day"])],
            [("粤B12345", "2026-05-03", "¥50"), ("粤B12345", "2026-05-02", "¥50")],
        ),
    ],
)
def test_lines_are_told_as_their_order(
    desk: Client, checked: Callable[..., Import], rows: Any, differs: Any, said: Any
) -> None:
    found = fixes(desk, checked(text_of(*rows, header=LINES)))

    assert [(fix.row, fix.clash.differs) for fix in found] == differs
    for fix in found:
        assert [(side.car, side.day, side.amount) for side in fix.clash.sides] == said


def test_what_was_taken_back_already_is_not_taken_back_again(
    english: Client, checked: Callable[..., Import], written: Callable[..., Import]
) -> None:
    back, again = ROW.replace("500.00", "-500.00"), ROW.replace("05-02", "05-03").replace("500.00", "-500.00")
    first = checked(text_of(ROW, back, again))
    [fix] = fixes(english, first)
    assert (fix.row, fix.clash.text) == (4, "What this row takes back was taken back in full before it.")

    written(text_of(ROW, back))
    [fix] = fixes(english, checked(text_of(again)))
    assert fix.clash.text == "The visit with this number was taken back in full already."


def test_the_report_of_a_written_file_says_it_too(english: Client, written: Callable[..., Import]) -> None:
    imported = written(text_of(ROW, OTHER_DAY))

    [problem] = english.get(address("import_result", imported)).context["problems"]

    assert problem.clash.text == "Row 2 has this number. Different: day"


@pytest.mark.parametrize("gone", [True, False])
def test_a_visit_of_another_store_or_none_at_all_is_not_shown(
    desk: Client,
    written: Callable[..., Import],
    checked: Callable[..., Import],
    other_store: Store,
    gone: bool,
) -> None:
    written()
    imported = checked(text_of(OTHER_AMOUNT))
    foreign = VisitFactory.create(store=other_store, order_no="JIA-1")
    kept = imported.remembered_samples
    kept["conflicts"][0][1]["visit"] = 999_999 if gone else foreign.pk
    imported.samples = json.dumps(kept)
    imported.save()

    page = desk.get(address("import_preview", imported))

    [fix] = page.context["fixes"]
    assert fix.clash is None
    assert fix.reason in page.content.decode()
    assert foreign.vehicle.plate not in page.content.decode()


def test_queries_do_not_grow_with_the_conflicts(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    rows = [ROW.replace("WX1", f"WX{number}") for number in range(20)]
    written(text_of(*rows))
    found = []
    for count in (2, 20):
        imported = checked(text_of(*(row.replace("500.00", "501.00") for row in rows[:count])))
        desk.get(address("import_preview", imported))
        with CaptureQueriesContext(connection) as queries:
            assert len(fixes(desk, imported)) == count
        found.append(len(queries))

    assert found[0] == found[1]


def test_the_amounts_of_the_file_are_taken_after_a_dry_run_has_shown_it(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(ROW, ROW.replace("WX1", "WX2")))
    # One with another amount alone, one on another day, one with a car and an amount of its own.
    imported = checked(
        text_of(OTHER_AMOUNT, OTHER_DAY.replace("WX1", "WX2"), ROW.replace("500.00", "502.00"))
    )
    page = desk.get(address("import_preview", imported))
    assert page.context["takeable"] == {"days": 1, "amounts": 1, "both": 0}
    assert gettext("Take the amounts of the file") in page.content.decode()

    answer = desk.post(address("import_take", imported), {"what": "amounts", "policy": "overwrite"})

    assert answer.headers["Location"] == address("import_progress", imported) + "?decided=1"
    run_all()
    imported.refresh_from_db()
    assert (imported.status, imported.policy) == ("ready", {"paid": "overwrite"})
    assert [entry["row"] for entry in imported.report["rejected"]] == [3, 4]
    assert Visit.objects.get(order_no="WX1").paid_fen == 500_00
    page = desk.get(address("import_preview", imported))
    assert (page.context["takeable"]["amounts"], page.context["takes_amounts"]) == (0, True)
    [change] = page.context["changes"]
    assert [(column["old"], column["new"]) for column in change["columns"]] == [("¥500", "¥501")]

    desk.post(address("import_preview", imported), {"do": "write"})
    run_all()
    assert Visit.objects.get(order_no="WX1").paid_fen == 501_00
    assert ImportMapping.objects.get(fingerprint=imported.fingerprint).policy == {"paid": "overwrite"}


def test_the_days_of_the_file_are_taken_after_a_dry_run_has_shown_it(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(ROW, ROW.replace("WX1", "WX2"), ROW.replace("WX1", "WX3")))
    both = OTHER_DAY.replace("500.00", "501.00").replace("WX1", "WX3")
    # One on another day alone, one with a car of its own, one that differs in day and amount.
    imported = checked(text_of(OTHER_DAY, OTHER_CAR.replace("WX1", "WX2"), both))
    page = english.get(address("import_preview", imported))
    assert page.context["takeable"] == {"days": 1, "amounts": 0, "both": 1}
    text = page.content.decode()
    assert "1 row differs from a visit we have in the day alone. Our day stays" in text
    assert "1 row differs from a visit we have in day and amount. Ours stay" in text
    assert ("Take the days of the file" in text, "Take the days and amounts of the file" in text) == (
        True,
        True,
    )
    assert ("Take the amounts of the file" in text, "its days are those of settlement" in text) == (
        False,
        False,
    )

    answer = english.post(address("import_take", imported), {"what": "days", "policy": "overwrite"})

    assert answer.headers["Location"] == address("import_progress", imported) + "?decided=1"
    run_all()
    imported.refresh_from_db()
    assert (imported.status, imported.policy) == ("ready", {"visit_date": "overwrite"})
    assert [entry["row"] for entry in imported.report["rejected"]] == [3, 4]
    assert Visit.objects.get(order_no="WX1").visited_on == date(2026, 5, 2)
    page = english.get(address("import_preview", imported))
    # What is left of the third is its amount.
    assert page.context["takeable"] == {"days": 0, "amounts": 1, "both": 0}
    assert (page.context["takes_days"], page.context["takes_amounts"]) == (True, False)
    assert ("Keep our days" in page.content.decode(), "Keep our amounts" in page.content.decode()) == (
        True,
        False,
    )
    [change] = page.context["changes"]
    assert [(c["old"], c["new"]) for c in change["columns"]] == [("2026-05-02", "2026-05-03")]

    english.post(address("import_preview", imported), {"do": "write"})
    run_all()
    assert sorted(Visit.objects.values_list("order_no", "visited_on", "paid_fen")) == [
        ("WX1", date(2026, 5, 3), 500_00),
        ("WX2", date(2026, 5, 2), 500_00),
        ("WX3", date(2026, 5, 2), 500_00),
    ]
    assert ImportMapping.objects.get(fingerprint=imported.fingerprint).policy == {"visit_date": "overwrite"}


def test_days_and_amounts_are_taken_together(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written()
    imported = checked(text_of(OTHER_DAY.replace("500.00", "501.00")))

    desk.post(address("import_take", imported), {"what": "both", "policy": "overwrite"})
    run_all()

    imported.refresh_from_db()
    assert imported.policy == {"visit_date": "overwrite", "paid": "overwrite"}
    assert imported.report["rejected"] == []
    [change] = desk.get(address("import_preview", imported)).context["changes"]
    assert [(column["old"], column["new"]) for column in change["columns"]] == [
        ("2026-05-02", "2026-05-03"),
        ("¥500", "¥501"),
    ]


def test_days_of_settlement_are_called_so_and_their_choice_outlives_the_columns_page(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written()
    imported = checked(text_of(OTHER_DAY, header=HEADER.replace("开单日期", "结算日期")))
    page = english.get(address("import_preview", imported))
    assert page.context["takeable"] == {"days": 1, "amounts": 0, "both": 0}
    assert "This file has no visit dates: its days are those of settlement." in page.content.decode()
    english.post(address("import_take", imported), {"what": "days", "policy": "overwrite"})
    run_all()
    form = english.get(address("import_mapping", imported)).context["form"]
    assert "policy_visit_date" not in form.fields

    english.post(
        address("import_mapping", imported),
        {name: form[name].value() or "" for name in form.fields} | {"policy_odometer": "keep"},
    )

    imported.refresh_from_db()
    assert imported.policy == {"odometer": "keep", "visit_date": "overwrite"}


@pytest.mark.parametrize(
    ("what", "field", "row"), [("amounts", "paid", OTHER_AMOUNT), ("days", "visit_date", OTHER_DAY)]
)
def test_ours_can_be_kept_after_all(
    desk: Client,
    written: Callable[..., Import],
    checked: Callable[..., Import],
    what: str,
    field: str,
    row: str,
) -> None:
    written()
    imported = checked(text_of(row))
    for policy, kept, rejected in (("overwrite", {field: "overwrite"}, 0), ("keep", {}, 1)):
        desk.post(address("import_take", imported), {"what": what, "policy": policy})
        run_all()
        imported.refresh_from_db()
        assert (imported.policy, len(imported.report["rejected"])) == (kept, rejected)


def test_other_choices_stay(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written()
    imported = checked(text_of(OTHER_AMOUNT.replace("2026-05-02", "02-05-2026")))
    Import.objects.filter(pk=imported.pk).update(policy={"odometer": "keep"}, day_order="dmy")

    desk.post(address("import_take", imported), {"what": "amounts", "policy": "overwrite"})
    run_all()

    imported.refresh_from_db()
    assert (imported.policy, imported.day_order) == ({"odometer": "keep", "paid": "overwrite"}, "dmy")
    assert [column[2] for column in imported.mapping["columns"]] == [
        *("order_no", "plate", "customer_name", "phone", "visit_date", "visit_kind", "odometer", "paid")
    ]


@pytest.mark.parametrize(
    ("what", "policy"),
    [("amounts", ""), ("days", "fill"), ("both", "x"), ("", "overwrite"), ("car", "overwrite")],
)
def test_nonsense_starts_nothing(
    desk: Client, checked: Callable[..., Import], what: str, policy: str
) -> None:
    imported = checked()

    desk.post(address("import_take", imported), {"what": what, "policy": policy})

    imported.refresh_from_db()
    assert (imported.status, imported.policy) == ("ready", {})


def test_too_late_to_choose(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()

    answer = desk.post(address("import_take", imported), {"what": "amounts", "policy": "overwrite"})

    assert answer.headers["Location"] == address("import_result", imported)
    imported.refresh_from_db()
    assert (imported.status, imported.policy) == ("done", {})


@pytest.mark.parametrize(("who", "status"), [("advisor", 403), ("agent", 403), ("stranger", 404)])
def test_not_for_others(
    client: Client, checked: Callable[..., Import], request: pytest.FixtureRequest, who: str, status: int
) -> None:
    imported = checked()
    client.force_login(request.getfixturevalue(who))

    assert (
        client.post(address("import_take", imported), {"what": "amounts", "policy": "overwrite"}).status_code
        == status
    )

    imported.refresh_from_db()
    assert imported.status == "ready"


def test_who_is_not_named(desk: Client, checked: Callable[..., Import], manager: User) -> None:
    """What is kept of the rows is sealed like the other samples."""
    imported = checked(text_of(ROW, OTHER_CAR))

    with connection.cursor() as cursor:
        cursor.execute("SELECT samples FROM customers_import WHERE id = %s", [imported.pk])
        assert "粤B54321".encode() not in bytes(cursor.fetchone()[0])
