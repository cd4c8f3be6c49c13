"""Typing a wrong cell of a file anew before the file is written."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, gettext_lazy, ngettext
from openpyxl import load_workbook

from customers.contacts import new_phone
from customers.dms.mend import proposals
from customers.dms.raw import rejected_workbook
from customers.models import Import, StoreCustomer, Vehicle, Visit
from customers.services import imports
from jobs.engine import run_all
from staff.models import AuditEntry, Store, User
from tests.customers.factories import CustomerFactory, VehicleFactory
from tests.customers.import_pages.conftest import HEADER, ROW, address, text_of

MISREAD = ROW.replace("粤B12345", "粤B1234O")
NO_DAY = ROW.replace("2026-05-02", "不详")
SWAPPED = gettext_lazy("Two digits of the year are swapped")
FULL = f"{HEADER},结算日期,工时费,材料费,优惠金额,VIN"


def fixes(desk: Client, imported: Import, **query: Any) -> list[Any]:
    return desk.get(address("import_preview", imported), query).context["fixes"]


def proposal(desk: Client, imported: Import) -> tuple[str, str] | None:
    [fix] = fixes(desk, imported)
    return (fix.text, str(fix.proposal.why)) if fix.proposal else None


def take(
    desk: Client,
    imported: Import,
    row: int,
    text: str,
    kind: str = "rejected",
    page: str = "",
    **more: Any,
) -> Any:
    data = {"do": "take", "show": kind, "row": row, "text": text, "page": page}
    return desk.post(address("import_correct", imported), data, **more)


def go(desk: Client, imported: Import) -> Import:
    """Press the button that goes on, and let the worker work."""
    desk.post(address("import_preview", imported))
    run_all()
    imported.refresh_from_db()
    return imported


def test_a_corrected_row_is_tried_again_before_it_is_written(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(MISREAD, ROW.replace("WX1", "WX2")))
    assert proposal(desk, imported) == ("粤B12340", "车牌里没有字母 O 和 I，应是 0 和 1")

    take(desk, imported, 2, "粤B12340")

    page = desk.get(address("import_preview", imported)).content.decode()
    assert ("重新试运行" in page, "写入 1 行" in page) == (True, False)
    go(desk, imported)
    assert (imported.status, Visit.objects.count()) == ("ready", 0)
    assert (imported.report["rejected"], imported.counts["created"]["visits"]) == ([], 2)
    assert "写入 2 行" in desk.get(address("import_preview", imported)).content.decode()
    go(desk, imported)
    assert imported.status == "done"
    assert Visit.objects.get(order_no="WX1").vehicle.plate == "粤B12340"


def test_the_row_of_the_file_stays_and_what_was_typed_stands_beside_it(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(MISREAD))
    take(desk, imported, 2, "粤B12340")
    go(desk, go(desk, imported))

    visit = Visit.objects.get()
    page = desk.get(f"/customers/visits/{visit.pk}/row/").content.decode()
    assert ("粤B1234O" in page, "粤B12340" in page) == (True, True)
    result = desk.get(address("import_result", imported), {"show": "corrected"})
    [problem] = result.context["problems"]
    assert (problem.row, problem.text) == (2, "车牌号：改成 粤B12340")


def test_the_same_file_with_the_same_corrections_changes_nothing(
    desk: Client, checked: Callable[..., Import]
) -> None:
    for new, same in ((1, 0), (0, 1)):
        imported = checked(text_of(MISREAD))
        take(desk, imported, 2, "粤B12340")
        go(desk, go(desk, imported))
        assert imported.counts["created"].get("visits", 0) == new
        assert imported.counts["unchanged"] == same
    assert Visit.objects.count() == 1


def test_a_corrected_file_brings_what_a_file_without_the_fault_brings(
    desk: Client, checked: Callable[..., Import]
) -> None:
    def brought() -> Any:
        visit = Visit.objects.select_related("vehicle", "customer").get()
        return visit.vehicle.plate, visit.customer.name, visit.paid_fen, visit.visited_on, visit.arrived_at

    imported = checked(text_of(NO_DAY))
    take(desk, imported, 2, "2026/5/2")
    go(desk, go(desk, imported))
    corrected = brought()
    Visit.objects.all().delete()

    go(desk, checked(text_of(ROW)))

    assert brought() == corrected


@pytest.mark.parametrize(
    ("row", "text", "why"),
    [
        ("WX20260502-01,粤B12345,李海燕,,不详,保养,1000,5.00", "2026-05-02", "工单号里的日期"),
        ("WX1,粤B12345,李海燕,,,保养,1000,5.00,2026-05-03", "2026-05-03", "结算日期"),
        ("WX1,粤B12345,李海燕,,2062-05-02,保养,1000,5.00", "2026-05-02", SWAPPED),
        ("WX1,粤B12345,李海燕,,2026-05-02,保养,1000,,,300,250.50,50", "500.50", "工时加材料减优惠"),
        ("WX1,粤B12345,李海燕,,2026-05-02,保养,1000,5OO元整", "500.00", "单元格里的数字"),
        ("WX1,粤B1I345,李海燕,,2026-05-02,保养,1000,5", "粤B11345", "车牌里没有字母 O 和 I，应是 0 和 1"),
    ],
)
def test_what_could_be_meant_is_proposed(
    desk: Client, checked: Callable[..., Import], row: str, text: str, why: str
) -> None:
    imported = checked(text_of(row, header=FULL))

    assert proposal(desk, imported) == (text, why)
    take(desk, imported, 2, text)
    assert go(desk, imported).report["rejected"] == []


@pytest.mark.parametrize(
    "row",
    [
        "WX20990502-01,粤B12345,李海燕,,不详,保养,1000,5.00",
        "WX1,粤B12345,李海燕,,2090-05-02,保养,1000,5.00",
        "WX1,粤B12345,李海燕,,2026-05-02,保养,1000,待定",
        "WX1,粤B123,李海燕,,2026-05-02,保养,1000,5",
    ],
)
def test_nothing_is_proposed_where_nothing_tells(
    desk: Client, checked: Callable[..., Import], row: str
) -> None:
    assert proposal(desk, checked(text_of(row, header=FULL))) is None


def car_of(store: Store, plate: str) -> Vehicle:
    """A car of the customer with the number of ROW, known to ``store``."""
    owner = CustomerFactory.create()
    StoreCustomer.objects.get_or_create(store=store, customer=owner)
    new_phone(customer=owner, number="13807551234", is_primary=True).save()
    return VehicleFactory.create(plate=plate, owner=owner, home_store=store)


@pytest.mark.parametrize(
    ("typed", "own", "proposed"),
    [
        ("粤B1234", "粤B12345", "粤B12345"),
        ("粤B12354", "粤B12345", None),  # well-formed: not wrong at all
        ("粤B1243学学", "粤B12345", None),
        ("", "粤B12345", "粤B12345"),
        ("粤Β12345", "粤B12345", "粤B12345"),  # a Greek letter
    ],
)
def test_the_car_of_the_customer_with_the_number_is_proposed(
    desk: Client, checked: Callable[..., Import], store: Store, typed: str, own: str, proposed: str | None
) -> None:
    car_of(store, own)
    imported = checked(text_of(ROW.replace("粤B12345", typed)))

    found = (
        [fix.proposal and fix.proposal.text for fix in fixes(desk, imported)]
        if imported.report["rejected"]
        else [None]
    )

    assert found == [proposed]


def test_of_two_cars_that_could_be_meant_and_of_another_stores_none_is_proposed(
    desk: Client, checked: Callable[..., Import], store: Store, other_store: Store
) -> None:
    foreign = car_of(other_store, "粤B12346")
    imported = checked(text_of(ROW.replace("粤B12345", "粤B1234")))
    assert fixes(desk, imported)[0].proposal is None

    car_of(store, "粤B12347")
    assert fixes(desk, imported)[0].proposal.text == "粤B12347"
    foreign.home_store = store
    foreign.save()
    assert fixes(desk, imported)[0].proposal is None


def test_what_does_not_mend_the_row_is_said_and_kept(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(NO_DAY))

    for text, why in (
        ("2026-13-40", "这样改还是不行"),
        ("2999-01-01", "这样改还是不行"),
        ("1989-12-31", "这样改还是不行"),
        ("不详", "这里本来就是这个内容"),
        ("", "请填写要改成的内容"),
    ):
        page = take(desk, imported, 2, text)
        [fix] = page.context["fixes"]
        assert (page.status_code, fix.text, fix.error[: len(why)]) == (422, text, why)
    imported.refresh_from_db()
    assert (imported.corrected_cells, imported.untried) == ({}, False)
    assert take(desk, imported, 2, "1990-01-01").status_code == 302


def test_a_day_that_cannot_be_mends_no_row_whose_amount_is_wrong_too(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(ROW.replace("2026-05-02", "2999-01-01").replace("500.00", "待定")))
    assert imported.report["rejected"] == [{"row": 2, "reason": "bad_date"}]

    assert take(desk, imported, 2, "2999-01-02").status_code == 422
    assert take(desk, imported, 2, "2026-05-02").status_code == 302
    assert go(desk, imported).report["rejected"] == [{"row": 2, "reason": "bad_amount"}]


def test_with_a_script_only_the_row_and_the_buttons_come_back(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(MISREAD))

    wrong = take(desk, imported, 2, "粤", headers={"HX-Request": "true"})
    right = take(desk, imported, 2, "粤B12340", headers={"HX-Request": "true"})

    assert (wrong.status_code, right.status_code) == (422, 200)
    for answer in (wrong, right):
        body = answer.content.decode()
        assert body.strip().startswith('<tr id="fix-2"')
        assert "<h1" not in body
        assert 'id="go"' in body
    assert "重新试运行" in right.content.decode()


def test_all_proposals_are_taken_at_once_and_what_was_mended_by_hand_stays(
    desk: Client, checked: Callable[..., Import]
) -> None:
    rows = [MISREAD.replace("WX1", f"WX{number}") for number in range(60)]
    imported = checked(text_of(*rows, NO_DAY))
    take(desk, imported, 3, "粤B54321")
    page = desk.get(address("import_preview", imported))
    assert (page.context["proposed"], page.context["is_one_page"]) == (19, False)
    assert '<div id="take-all" class="ft">' in page.content.decode()

    answer = desk.post(address("import_correct", imported), {"do": "all", "show": "rejected"})

    [message] = get_messages(answer.wsgi_request)
    assert str(message) == ngettext(
        "%(rows)s row corrected as proposed.", "%(rows)s rows corrected as proposed.", 59
    ) % {"rows": 59}

    imported.refresh_from_db()
    assert len(imported.corrected_cells) == 60
    assert imported.corrected_cells[3] == {1: "粤B54321"}
    assert imported.corrected_cells[61] == {1: "粤B12340"}
    assert go(desk, imported).report["rejected"] == [{"row": 62, "reason": "bad_date"}]


def test_only_the_rows_of_the_page_are_searched_for_proposals(
    desk: Client, checked: Callable[..., Import], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = checked(text_of(*(MISREAD.replace("WX1", f"WX{number}") for number in range(50))))
    asked: list[int] = []

    def counted(wrongs: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(len(wrongs))
        return proposals(wrongs, *args, **kwargs)

    monkeypatch.setattr("customers.views.imports.mending.proposals", counted)
    page = desk.get(address("import_preview", imported), {"page": 3})
    assert (len(page.context["fixes"]), page.context["proposed"]) == (10, 10)
    taken = take(desk, imported, 45, "粤B54321", page="3", headers={"HX-Request": "true"})

    assert max(asked) == 10
    assert taken.context["proposed"] == 9


def test_no_proposal_at_all_is_said(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(NO_DAY))

    answer = desk.post(address("import_correct", imported), {"do": "all", "show": "rejected"})

    [message] = get_messages(answer.wsgi_request)
    assert str(message) == gettext("There is no proposal for these rows.")
    imported.refresh_from_db()
    assert (imported.corrected_cells, imported.untried) == ({}, False)


def test_a_row_gets_its_own_cells_back(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(MISREAD))
    back = gettext("Back to the file's value")
    assert back in take(desk, imported, 2, "粤B12340", headers={"HX-Request": "true"}).content.decode()
    go(desk, imported)
    assert back in desk.get(address("import_preview", imported), {"show": "corrected"}).content.decode()

    desk.post(address("import_correct", imported), {"do": "restore", "show": "corrected", "row": 2})

    imported.refresh_from_db()
    assert (imported.corrected_cells, imported.untried) == ({}, True)
    assert [entry["row"] for entry in go(desk, imported).report["rejected"]] == [2]


def test_a_second_matter_of_a_row_comes_up_when_the_first_is_mended(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(MISREAD.replace("500.00", "待定")))
    take(desk, imported, 2, "粤B12340")
    go(desk, imported)
    assert imported.report["rejected"] == [{"row": 2, "reason": "bad_amount"}]
    [values] = load_workbook(io.BytesIO(rejected_workbook(imported))).active.iter_rows(
        min_row=2, values_only=True
    )
    assert values[1] == "粤B12340"

    take(desk, imported, 2, "500")
    assert go(desk, imported).report["rejected"] == []
    assert imported.corrected_cells == {2: {1: "粤B12340", 7: "500"}}


def test_a_warned_cell_can_be_corrected_too(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW.replace("41260", "4126000")))
    [fix] = fixes(desk, imported, show="odometer_implausible")
    assert (fix.value, fix.text) == ("4126000", "4126000")

    assert take(desk, imported, 2, "4126001", "odometer_implausible").status_code == 422
    take(desk, imported, 2, "41260", "odometer_implausible")
    go(desk, imported)

    assert imported.report["warnings"].get("odometer_implausible", []) == []
    go(desk, imported)
    assert Visit.objects.get().odometer_km == 41260


def test_another_tab_that_writes_gets_a_dry_run_and_none_writes_what_nobody_saw(
    desk: Client, checked: Callable[..., Import], manager: User
) -> None:
    imported = checked(text_of(MISREAD, ROW.replace("WX1", "WX2")))
    stale = Import.objects.get(pk=imported.pk)
    take(desk, imported, 2, "粤B12340")

    with pytest.raises(imports.ImportRefused):
        imports.start_commit(imported=stale, by=manager)
    answer = desk.post(address("import_preview", imported), {"do": "write"})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        gettext("Cells were corrected meanwhile: first see what comes of it.")
    ]
    run_all()

    assert Visit.objects.count() == 0
    imports.start_commit(imported=stale, by=manager)
    run_all()
    assert Visit.objects.count() == 2


def test_a_dry_run_asked_for_after_another_tabs_writes_nothing(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(MISREAD))
    take(desk, imported, 2, "粤B12340")
    assert 'name="do" value="try"' in desk.get(address("import_preview", imported)).content.decode()
    go(desk, imported)

    late = desk.post(address("import_preview", imported), {"do": "try"})

    assert late.headers["Location"] == address("import_preview", imported)
    run_all()
    imported.refresh_from_db()
    assert (imported.status, Visit.objects.count()) == ("ready", 0)


def test_what_is_no_longer_ready_is_not_corrected(
    desk: Client, written: Callable[..., Import], manager: User
) -> None:
    imported = written(text_of(MISREAD, ROW))

    assert take(desk, imported, 2, "粤B12340").headers["Location"] == address("import_result", imported)
    with pytest.raises(imports.ImportRefused):
        imports.correct_cells(imported=imported, cells={2: {1: "粤B12340"}}, by=manager)


def test_a_row_the_page_no_longer_shows_is_left_alone(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(MISREAD))

    for row in ("3", "0", "", "x", "9" * 12):
        assert take(desk, imported, row, "粤B12340").status_code == 302  # type: ignore[arg-type]  # as a form sends it
    imported.refresh_from_db()
    assert imported.corrected_cells == {}


def test_cancelling_forgets_what_was_typed(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(MISREAD))
    take(desk, imported, 2, "粤B12340")

    desk.post(address("import_cancel", imported))

    imported.refresh_from_db()
    assert imported.corrected_cells == {}


def test_what_is_typed_is_sealed_and_who_typed_is_recorded(
    desk: Client, checked: Callable[..., Import], manager: User
) -> None:
    imported = checked(text_of(MISREAD))
    take(desk, imported, 2, "粤B12340")

    with connection.cursor() as cursor:
        cursor.execute("SELECT corrections FROM customers_import WHERE id = %s", [imported.pk])
        assert "粤B12340".encode() not in bytes(cursor.fetchone()[0])
    entry = AuditEntry.objects.get(action="import.correct")
    assert (entry.user, entry.detail) == (manager, {"rows": 1})


def test_by_hand_only_so_many_rows(desk: Client, checked: Callable[..., Import], manager: User) -> None:
    imported = checked(text_of(MISREAD))
    rows = {row: {1: "粤B12340"} for row in range(2, 2002)}

    imports.correct_cells(imported=imported, cells=rows, by=manager)
    with pytest.raises(imports.TooManyCorrections):
        imports.correct_cells(imported=imported, cells={2002: {1: "粤B12340"}}, by=manager)
    imported.refresh_from_db()
    assert len(json.loads(imported.corrections)) == 2000


def test_a_number_to_call_is_never_filled_in(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW.replace("13807551234", "138075512340")))

    [fix] = fixes(desk, imported, show="phone_invalid")

    assert (fix.value, fix.text, fix.label) == ("**** 2340", "", "电话")
    take(desk, imported, 2, "13807551234", "phone_invalid")
    assert "13807551234" not in desk.get(address("import_preview", imported)).content.decode()
    assert go(desk, imported).report["warnings"] == {}


def test_queries_do_not_grow_with_the_rows(desk: Client, checked: Callable[..., Import]) -> None:
    found = []
    for count in (2, 20):
        rows = [
            ROW.replace("WX1", f"WX{number}")
            .replace("粤B12345", "粤B1")
            .replace("1234,", f"{1000 + number},")
            for number in range(count)
        ]
        imported = checked(text_of(*rows))
        desk.get(address("import_preview", imported))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(fixes(desk, imported)) == count
        found.append(len(queries))
    assert found[0] == found[1]


def test_a_line_of_an_order_is_mended_where_it_is_wrong(desk: Client, checked: Callable[..., Import]) -> None:
    header = "工单号,车牌号,客户名称,开单日期,业务类型,明细类型,名称,金额"
    order = "WX1,粤B12345,李海燕,2026-05-02,保养"
    imported = checked(text_of(f"{order},工时,更换机油,待定", f"{order},配件,机滤,80", header=header))
    assert [entry["row"] for entry in imported.report["rejected"]] == [2, 3]
    first, second = fixes(desk, imported)
    assert ((first.label, first.value), (second.label, second.value)) == (
        ("明细金额", "待定"),
        ("", ""),
    )
    assert (first.text, second.text, second.proposal) == ("待定", None, None)

    assert take(desk, imported, 3, "80").status_code == 422
    take(desk, imported, 2, "120")
    go(desk, go(desk, imported))

    assert Visit.objects.get().paid_fen == 200_00


LINES = "工单号,车牌号,开单日期,客户名称,业务类型,明细类型,名称,金额"
WELL, MERGED = "W1,粤B12345,2026-05-02,李海燕,保养", ",,,,"


@pytest.mark.parametrize(
    ("bad", "paid", "other", "other_paid"),
    [
        (WELL, "5OO元整", WELL, "¥80"),
        (WELL, "", WELL, "80"),
        (WELL.replace("2026-05-02", "不详"), "50", WELL.replace("2026-05-02", "2026/5/2"), "80"),
        (WELL.replace("2026-05-02", "2062-05-02"), "50", WELL.replace("2026-05-02", "46144"), "80"),
        (WELL.replace("粤B12345", "粤B1234O"), "50", WELL, "80"),
        (WELL.replace("粤B12345", "粤B1234O"), "50", MERGED, "80"),
        (WELL.replace("2026-05-02", "不详"), "50", MERGED, "80"),
        (WELL, "待定,150", MERGED, "80,"),
        (WELL, "50,", MERGED, "80,"),
    ],
)
def test_a_line_that_is_well_itself_is_not_to_be_mended(
    desk: Client, checked: Callable[..., Import], bad: str, paid: str, other: str, other_paid: str
) -> None:
    header = f"{LINES},结算金额" if "," in paid else LINES
    rows = f"{bad},工时,机油,{paid}", f"{other},配件,机滤,{other_paid}"
    imported = checked(text_of(*rows, header=header))

    found = fixes(desk, imported)

    assert [(fix.row, fix.text is not None) for fix in found] == [(2, True), (3, False)]
    assert found[1].proposal is None
    assert "在下载的表里改" in desk.get(address("import_preview", imported)).content.decode()


def test_any_line_of_an_order_without_an_amount_can_be_given_one(
    desk: Client, checked: Callable[..., Import]
) -> None:
    rows = f"{WELL},工时,机油,50,", f"{WELL},配件,机滤,,"
    imported = checked(text_of(*rows, header=f"{LINES},结算金额"))
    assert [fix.text for fix in fixes(desk, imported)] == ["", ""]

    take(desk, imported, 3, "130")

    assert go(desk, imported).report["rejected"] == []
