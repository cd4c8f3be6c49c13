"""The columns page and the dry run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from customers.dms.headers import Mapping
from customers.dms.labels import MISSING
from customers.models import Customer, Import, KindWord, Visit
from jobs.engine import run_all
from staff.models import Store, User
from tests.customers.factories import VisitFactory
from tests.customers.import_pages.conftest import HEADER, ROW, address, text_of

ODD = HEADER.replace("行驶里程", "码表")
STRANGE = ROW.replace("保养", "钣喷套餐甲")


def choices(page: Any, **changes: str) -> dict[str, str]:
    """What the form would send, with changes."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | changes


def test_every_column_with_its_first_values_and_verdict(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW, ROW.replace("WX1", "WX2"), header=ODD))

    page = desk.get(address("import_mapping", imported))

    rows = {row["column"].header: row for row in page.context["rows"]}
    assert [*rows] == ODD.split(",")
    assert rows["工单号"]["values"] == ["WX1", "WX2"]
    assert (rows["工单号"]["column"].verdict, rows["码表"]["column"].verdict) == ("known", "unknown")
    assert [header for header, row in rows.items() if row["is_open"]] == ["码表"]
    assert (page.context["columns"], page.context["used"]) == (8, 7)


def test_numbers_of_people_are_masked(desk: Client, checked: Callable[..., Import]) -> None:
    row = ROW.replace("李海燕", "李海燕 13911112222")
    body = desk.get(address("import_mapping", checked(text_of(row)))).content.decode()

    assert "138 **** 1234" in body
    assert "139 **** 2222" in body
    assert "13807551234" not in body
    assert "13911112222" not in body


def test_a_correction_is_taken_and_remembered(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW, header=ODD))
    url = address("import_mapping", imported)

    answer = desk.post(url, choices(desk.get(url), column_6="odometer"))
    assert answer.headers["Location"] == address("import_progress", imported) + "?decided=1"
    run_all()
    assert desk.get(answer.headers["Location"]).headers["Location"] == address("import_preview", imported)
    desk.post(address("import_preview", imported))
    run_all()
    assert Visit.objects.get(order_no="WX1").odometer_km == 41260

    following = checked(text_of(ROW.replace("WX1", "WX9"), header=ODD))
    rows = {
        row["column"].header: row["column"]
        for row in desk.get(address("import_mapping", following)).context["rows"]
    }
    assert (rows["码表"].field, rows["码表"].verdict) == ("odometer", "chosen")


def wide(count: int) -> bytes:
    """ROW with so many columns more that nobody knows."""
    names, values = (",".join(f"{what}{place}" for place in range(count)) for what in ("自定义", "值"))
    return text_of(f"{ROW},{values}", header=f"{HEADER},{names}")


def test_a_wide_file_costs_no_more_queries_and_no_template_for_each_option(
    desk: Client, checked: Callable[..., Import]
) -> None:
    found = []
    for count in (1, 201):
        url = address("import_mapping", checked(wide(count)))
        desk.get(url)
        with CaptureQueriesContext(connection) as queries:
            page = desk.get(url)
        found.append((len(queries), len(page.templates), len(page.content)))
        assert page.content.decode().count(' name="column_') == 8 + count

    (few, few_parts, small), (many, many_parts, large) = found
    assert many == few
    assert many_parts - few_parts == 200  # the pill of each verdict
    assert (large - small) / 200 < 3200


def test_the_last_of_many_columns_can_be_chosen(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(wide(200))
    url = address("import_mapping", imported)

    desk.post(url, choices(desk.get(url), column_207="remark"))
    run_all()
    desk.post(address("import_preview", imported))
    run_all()

    assert Visit.objects.get(order_no="WX1").customer_words == "值199"
    assert (
        '<option value="remark" selected>'
        in desk.get(address("import_mapping", checked(wide(200)))).content.decode()
    )


def test_a_letter_in_a_header_is_cut_and_kept_for_who_points_at_it(
    desk: Client, checked: Callable[..., Import]
) -> None:
    letter = "请各店按此填写" * 40
    imported = checked(text_of(f"{ROW},1", header=f"{HEADER},{letter}"))

    page = desk.get(address("import_mapping", imported)).content.decode()

    assert f'<b title="{letter}">{letter[:60]}…</b>' in page
    assert f'aria-label="{letter[:60]}…"' in page
    assert page.count(letter) == 1


def test_two_columns_for_one_field_are_refused(desk: Client, checked: Callable[..., Import]) -> None:
    url = address("import_mapping", checked(text_of(ROW, header=ODD)))

    page = desk.post(url, choices(desk.get(url), column_6="paid"))

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["column_7"]
    assert page.context["form"]["column_6"].value() == "paid"


def test_a_column_that_is_needed_cannot_be_dropped(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW))
    url = address("import_mapping", imported)

    page = desk.post(url, choices(desk.get(url), column_7=""))

    assert page.status_code == 422
    assert page.context["form"].errors == {"column_7": [MISSING["paid"]]}
    assert (page.context["columns"], page.context["used"]) == (8, 7)
    [select] = re.findall(r'<select [^>]*name="column_7"[^>]*>', page.content.decode())
    assert 'aria-invalid="true"' in select
    assert 'aria-describedby="id_column_7_error"' in select
    assert '<div class="al ok">' not in page.content.decode()
    imported.refresh_from_db()
    assert (imported.status, "paid" in Mapping.from_dict(imported.mapping).fields) == ("ready", True)


def test_what_another_column_gives_instead_is_not_missing(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(f"{ROW},480", header=f"{HEADER},钱数"))
    url = address("import_mapping", imported)

    answer = desk.post(url, choices(desk.get(url), column_7="", column_8="paid"))

    assert answer.status_code == 302
    run_all()
    imported.refresh_from_db()
    assert imported.report["paid_total"] == "480.00"


def test_a_file_without_a_needed_column_waits_at_the_columns(
    desk: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(ROW, header=HEADER.replace("实收金额", "钱数")))
    url = address("import_mapping", imported)

    assert imported.status == "mapped"
    assert desk.get(address("import_progress", imported)).headers["Location"] == url
    assert desk.get(address("import_preview", imported)).headers["Location"] == url

    page = desk.post(url, choices(desk.get(url)))
    assert page.status_code == 422
    assert page.context["form"].errors == {
        "__all__": [MISSING["paid"], gettext("Nothing has been saved yet.")]
    }

    desk.post(url, choices(desk.get(url), column_7="paid"))
    run_all()
    imported.refresh_from_db()
    assert (imported.status, imported.counts["created"]["visits"]) == ("ready", 1)


def test_an_unknown_word_is_asked_for_once(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(STRANGE))
    url = address("import_mapping", imported)

    assert desk.get(address("import_progress", imported)).headers["Location"] == url
    page = desk.get(url)
    assert [(word, rows) for word, _select, rows in page.context["form"].kind_rows()] == [("钣喷套餐甲", 1)]
    assert 'name="kind_0"' in page.content.decode()
    desk.post(url, choices(page, kind_0="accident"))
    run_all()

    assert KindWord.objects.get().kind == "accident"
    imported.refresh_from_db()
    assert imported.report["visits_by_kind"] == {"accident": 1}
    assert checked(text_of(STRANGE.replace("WX1", "WX2"))).report["unknown_kinds"] == {}


def test_policies_that_are_not_usual_are_kept(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW))
    url = address("import_mapping", imported)

    desk.post(url, choices(desk.get(url), policy_odometer="keep", policy_visit_kind="overwrite"))

    imported.refresh_from_db()
    assert imported.policy == {"odometer": "keep"}


def test_whose_amount_counts_is_asked_of_the_column_that_gives_it(
    desk: Client, checked: Callable[..., Import]
) -> None:
    header = "工单号,车牌号,客户名称,开单日期,明细类型,名称,金额"
    imported = checked(text_of("WX1,粤B12345,李海燕,2026-05-02,工时,机油,50", header=header))
    url = address("import_mapping", imported)
    page = desk.get(url)
    asked = {row["column"].header: row["policy"] and row["policy"].name for row in page.context["rows"]}
    assert (asked["金额"], asked["工单号"]) == ("policy_paid", None)

    desk.post(url, choices(page, policy_paid="overwrite"))
    run_all()

    imported.refresh_from_db()
    assert imported.policy == {"paid": "overwrite"}
    assert desk.get(url).context["form"]["policy_paid"].value() == "overwrite"


def test_the_plates_of_a_file_of_cars_are_taken_where_it_is_chosen(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    header, vins = "客户名称,联系电话,车牌号,VIN", ("LSGUD8C71HA126648", "LSGGM8W25KA127094")
    rows = [f"车主,1380000000{at},粤B1000{at},{vin}" for at, vin in enumerate(vins)]
    written(text_of(*rows, header=header))
    imported = checked(
        text_of(
            rows[0].replace("粤B10000", "粤BD12345"), rows[1].replace("粤B10001", "粤B10000"), header=header
        )
    )
    url = address("import_mapping", imported)
    assert english.get(url).context["form"]["policy_plate"].value() == "fill"
    assert english.get(address("import_preview", imported)).context["changed_cards"] == []

    english.post(url, choices(english.get(url), policy_plate="overwrite"))
    run_all()

    imported.refresh_from_db()
    assert (imported.policy, imported.report["warnings"]) == ({"plate": "overwrite"}, {})
    page = english.get(address("import_preview", imported))
    assert [[column[1:] for column in card.columns] for card in page.context["changed_cards"]] == [
        [("粤B10000", "粤BD12345")],
        [("粤B10001", "粤B10000")],
    ]


def test_a_plate_that_is_another_cars_is_told(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    header, vins = "客户名称,联系电话,车牌号,VIN", ("LSGUD8C71HA126648", "LSGGM8W25KA127094")
    rows = [f"车主,1380000000{at},粤B1000{at},{vin}" for at, vin in enumerate(vins)]
    written(text_of(*rows, header=header))
    imported = checked(text_of(rows[0].replace("粤B10000", "粤B10001"), header=header))
    url = address("import_mapping", imported)
    english.post(url, choices(english.get(url), policy_plate="overwrite"))
    run_all()

    page = english.get(address("import_preview", imported), {"show": "plate_taken"})

    [problem] = page.context["problems"]
    assert (problem.row, "粤B10001" in problem.cells) == (2, True)
    assert "Another car has this plate; this car keeps the plate it has" in page.content.decode()


def test_order_of_days_can_be_turned(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW.replace("2026-05-02", "03-04-2026")))
    url = address("import_mapping", imported)

    page = desk.get(url)
    assert page.context["day_order_is_guess"] is True
    assert re.findall(r'<input type="radio" name="day_order" value="(\w+)"', page.content.decode()) == [
        "dmy",
        "mdy",
    ]
    assert desk.get(address("import_progress", imported)).headers["Location"] == url
    desk.post(url, choices(page, day_order="mdy"))
    run_all()

    imported.refresh_from_db()
    assert imported.report["first_day"] == 20260304


def test_dry_run_shows_new_and_changed_and_writes_nothing(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written()
    imported = checked(
        text_of(ROW.replace("41260", "41300"), ROW.replace("WX1", "WX2"), "WX3,,,,2026-05-02,保养,1,5")
    )

    page = desk.get(address("import_preview", imported))

    context = page.context
    assert (context["new_visits"], context["changed_visits"], context["rejected"]) == (1, 1, 1)
    assert [(visit["row"], visit["order_no"]) for visit in context["new_samples"]] == [(3, "WX2")]
    [change] = context["changes"]
    shown = [(column["old"], column["new"]) for column in change["columns"]]
    assert change["order_no"] == "WX1"
    assert [(old[:6], new[:6]) for old, new in shown] == [("41,260", "41,300")]
    [fix] = context["fixes"]
    assert (fix.row, fix.order_no) == (4, "WX3")
    assert Visit.objects.count() == 1


def test_what_a_reversal_changes_is_shown_beside_what_orders_change(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(ROW, ROW.replace("WX1", "WX2")))
    back = ROW.replace("WX1", "WX2").replace("500.00", "-120.50")
    imported = checked(text_of(ROW.replace("41260", "41300"), back))

    context = desk.get(address("import_preview", imported)).context

    changed = [(change["row"], change["order_no"]) for change in context["changes"]]
    assert (context["changed_visits"], changed) == (2, [(2, "WX1"), (3, "WX2")])


def test_dry_run_shows_what_changes_on_cards(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    """Also where no visit changes: readings aside, old and new value of each column of car and customer."""
    header = f"{HEADER},车型,性别,地址"
    written(text_of(f"{ROW},,,", header=header))
    sold = ROW.replace("WX1", "WX2").replace("李海燕,13807551234", "陈强,13900002222")
    imported = checked(text_of(f"{ROW},新君越,女,深圳市福田区1号", f"{sold},,,", header=header))

    context = desk.get(address("import_preview", imported)).context

    cards = {card.name: [column[1:] for column in card.columns] for card in context["changed_cards"]}
    assert cards["粤B12345"] == [("李海燕", "新客户"), ("—", "新君越")]
    assert sorted(cards["李海燕"]) == [("—", "•••"), ("—", "女")]
    assert context["changed_counts"] == [("车辆", 1), ("客户", 1), ("地址", 1), ("车主关系", 1)]
    assert Customer.objects.get().gender == ""


def test_a_car_without_a_plate_is_shown_by_its_vin_and_not_on_a_plate(
    desk: Client, checked: Callable[..., Import]
) -> None:
    header = HEADER.replace("车牌号", "车牌号,VIN")
    bare = ROW.replace("粤B12345", ",LSGUD8C71HA126648").replace("WX1", "WX2")
    imported = checked(text_of(ROW.replace("粤B12345", "粤B12345,"), bare, header=header))

    page = desk.get(address("import_preview", imported)).content.decode()

    assert re.findall(r'<span class="plate">([^<]+)</span>', page) == ["粤B·12345"]
    assert page.count('<span class="mono">LSGUD8C71HA126648</span>') == 1


def test_a_file_of_which_nothing_can_be_written_says_so(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written()
    nothing, here = "这个文件里没有可以写入的行。", "文件里能写入的行都已经在系统里"
    # The same number at another amount, and one order that is as it was.
    taken = ROW.replace("500.00", "501.00")

    refused = checked(text_of(taken))
    page = desk.get(address("import_preview", refused)).content.decode()
    assert (nothing in page, here in page) == (True, False)
    assert "写入 0 行" not in page
    assert "下载问题行" in page

    mixed = checked(text_of(ROW, taken))
    page = desk.get(address("import_preview", mixed)).content.decode()
    assert (nothing in page, here in page) == (False, True)
    assert re.findall(r'<button class="([^"]+)" name="do" value="write">(.+?)</button>', page) == [
        ("btn", gettext("Write anyway"))
    ]


STATES = f"{HEADER},单据状态,VIN"


WAITS = "Not among our visits: should an older export bring it, it counts as taken back"


def test_skipped_rows_are_told_by_their_cells_and_their_own_word(
    english: Client, checked: Callable[..., Import]
) -> None:
    voided, open_ = ROW.replace("WX1", "WX2"), ROW.replace("WX1", "WX3").replace("粤B12345", "")
    vin = "LSGUD8C71HA126648"
    imported = checked(text_of(f"{ROW},已结算,", f"{voided},已作废,", f"{open_},维修中,{vin}", header=STATES))

    page = english.get(address("import_preview", imported), {"show": "skipped"})

    assert page.context["problem_heads"] == [
        *("Order number", "Car", "Visit date", "Amount paid", "Order status")
    ]
    assert [(row.row, row.cells, row.text) for row in page.context["problems"]] == [
        (3, ["WX2", "粤B12345", "2026-05-02", "500.00", "已作废"], f"Voided order · {WAITS}"),
        (4, ["WX3", vin, "2026-05-02", "500.00", "维修中"], "Order not yet settled"),
    ]


def test_reversals_say_what_they_take_back_and_how_far(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(*(ROW.replace("WX1", number) for number in ("WX1", "WX2"))))
    back = ROW.replace("2026-05-02", "2026-05-09")
    rows = (
        ROW.replace("WX1", "WX3"),
        back.replace("WX1", "WX3").replace("500.00", "-500.00"),
        back.replace("500.00", "-120.50"),
        back.replace("WX1", "WX2").replace("500.00", "-500.00"),
        back.replace("WX1", "WX9").replace("500.00", "-1.00"),
    )
    imported = checked(text_of(*rows))

    page = english.get(address("import_preview", imported), {"show": "reversals"})

    visits = {visit.order_no: visit for visit in Visit.objects.all()}
    assert [(row.row, row.text, row.visit) for row in page.context["problems"]] == [
        (3, "Reversed in full: row 2", None),
        (4, "Partly refunded", visits["WX1"]),
        (5, "Reversed in full", visits["WX2"]),
        (6, "Its order is neither in this file nor among our visits: it waits until that comes", None),
    ]
    assert [row.cells for row in page.context["problems"]][1] == [
        *("WX1", "粤B12345", "2026-05-09", "-120.50")
    ]
    link = f'<a href="{reverse("customers:visit", args=[visits["WX1"].pk])}">WX1</a>'
    assert link in page.content.decode()


def test_a_reversals_visit_of_another_store_is_not_shown(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import], other_store: Store
) -> None:
    written()
    imported = checked(text_of(ROW.replace("2026-05-02", "2026-05-09").replace("500.00", "-120.00")))
    foreign = VisitFactory.create(store=other_store, order_no="JIA-1")
    kept = imported.remembered_samples
    [[row, _visit, is_full]] = kept["reversed"]
    imported.samples = json.dumps({**kept, "reversed": [[row, foreign.pk, is_full]]})
    imported.save()

    page = english.get(address("import_preview", imported), {"show": "reversals"})

    assert [(row.text, row.visit) for row in page.context["problems"]] == [("Partly refunded", None)]
    assert "JIA-1" not in page.content.decode()


def test_an_order_void_now_names_the_visit_it_was(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    written(text_of(f"{ROW},已结算,", header=STATES))
    imported = checked(text_of(f"{ROW},已作废,", f"{ROW.replace('WX1', 'WX2')},已作废,", header=STATES))

    page = english.get(address("import_preview", imported), {"show": "skipped"})

    assert [(row.row, row.text, row.visit) for row in page.context["problems"]] == [
        (2, "Voided order · Reversed in full", Visit.objects.get()),
        (3, f"Voided order · {WAITS}", None),
    ]
    assert imported.counts["changed"] == {"visits": 1}
    assert "Take the voided orders back" in page.content.decode()


def test_void_orders_that_are_not_here_can_be_noted(
    english: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    content = text_of(f"{ROW},已作废,", header=STATES)
    page = english.get(address("import_preview", checked(content)))
    assert "Note the voided orders" in page.content.decode()
    assert "There is no row in this file that can be written." not in page.content.decode()

    imported = written(content, "again.csv")
    result = english.get(address("import_result", imported), {"show": "skipped"})

    assert imported.counts["created"] == {"pending_reversals": 1}
    assert "Voided orders noted" in result.content.decode()
    once_more = english.get(address("import_preview", checked(content, "more.csv")), {"show": "skipped"})
    assert 'value="write"' not in once_more.content.decode()
    told = f"Voided order · {WAITS}"
    for shown in (result, once_more):
        assert [(row.row, row.text, row.visit) for row in shown.context["problems"]] == [(2, told, None)]


def test_a_void_order_told_in_another_row_too_does_not_wait(
    english: Client, checked: Callable[..., Import]
) -> None:
    imported = checked(text_of(f"{ROW},已作废,", f"{ROW},已结算,", header=STATES))

    page = english.get(address("import_preview", imported), {"show": "skipped"})

    assert [(row.row, row.text) for row in page.context["problems"]] == [(2, "Voided order")]


def test_of_many_skipped_rows_the_first_are_kept_with_their_cells(
    english: Client, checked: Callable[..., Import], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.dms.trial.TOLD", 1)
    rows = [f"{ROW.replace('WX1', number)},已作废," for number in ("WX1", "WX2")]
    imported = checked(text_of(*rows, header=STATES))

    page = english.get(address("import_preview", imported), {"show": "skipped"})

    assert [row.cells[:1] for row in page.context["problems"]] == [["WX1"], []]
    told = "Before a file is written, only the first rows of each kind are kept with their cells."
    assert told in page.content.decode()


@pytest.mark.parametrize(
    "name", ["01_工单明细.csv", "05_维修工单查询.xls", "08_客户资料.xlsx", "09_工单明细行.xlsx"]
)
def test_samples_can_be_looked_at(desk: Client, sample: Callable[[str], Import], name: str) -> None:
    imported = sample(name)

    assert desk.get(address("import_mapping", imported)).status_code == 200
    page = desk.get(address("import_preview", imported))

    assert page.status_code == 200
    assert page.context["rejected"] == len(imported.report["rejected"])
    for chip in page.context["problem_chips"]:
        assert desk.get(chip["url"]).status_code == 200


def test_writing_twice_is_one_write(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked()
    url = address("import_preview", imported)

    first, second = desk.post(url), desk.post(url)
    run_all()

    assert first.headers["Location"] == second.headers["Location"] == address("import_progress", imported)
    assert desk.post(url).headers["Location"] == address("import_result", imported)
    assert Visit.objects.count() == 1


MOVED_ON = "This import had moved on meanwhile. Here is how it stands."


def told(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize("name", ["import_mapping", "import_preview"])
def test_a_button_pressed_too_late_says_so_and_a_look_does_not(
    desk: Client, written: Callable[..., Import], name: str
) -> None:
    imported = written()
    url = address(name, imported)

    look, press = desk.get(url), desk.post(url)

    assert look.headers["Location"] == press.headers["Location"] == address("import_result", imported)
    assert (told(look), told(press)) == ([], [gettext(MOVED_ON)])


@pytest.mark.parametrize("role", ["advisor", "agent", "technician"])
@pytest.mark.parametrize("name", ["import_mapping", "import_preview", "import_progress", "import_result"])
def test_not_for_other_roles(
    client: Client, checked: Callable[..., Import], request: pytest.FixtureRequest, role: str, name: str
) -> None:
    imported = checked()
    client.force_login(request.getfixturevalue(role))

    assert client.get(address(name, imported)).status_code == 403


@pytest.mark.parametrize("name", ["import_mapping", "import_preview", "import_progress", "import_result"])
def test_not_another_stores(
    client: Client, checked: Callable[..., Import], stranger: User, name: str
) -> None:
    imported = checked()
    client.force_login(stranger)

    assert client.get(address(name, imported)).status_code == 404
