"""The administrator: an export of the DMS from the file to the report, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers.models import Customer, Import, Vehicle, Visit
from jobs.engine import run_all
from staff.models import Role
from tests.e2e.browser import Watch
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import say, say_many

SAMPLES = Path(__file__).parents[1] / "customers" / "dms" / "samples"
ORDERS = SAMPLES / "01_工单明细.csv"


def key_of(sample: Path) -> dict[str, Any]:
    return json.loads(sample.with_name(sample.name + ".key.json").read_text())


def upload(page: Page, file: Path) -> None:
    page.goto(reverse("customers:imports"))
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name=say("Upload and check")).click()


def wait_for_worker(page: Page, step: str) -> None:
    """The page shows that the work waits; once it is done, the page goes on by itself."""
    page.wait_for_url("**/progress/**")
    expect(page.get_by_role("status").filter(has_text=say("Waiting for a free worker"))).to_be_visible()
    run_all()
    page.wait_for_url(f"**/customers/imports/*/{step}")


def counts() -> tuple[int, int, int]:
    return Visit.objects.count(), Vehicle.objects.count(), Customer.objects.count()


def test_an_export_is_checked_written_reported_repeated_and_taken_back(
    page: Page, dealer: Dealer, sign_in: SignIn, tmp_path: Path
) -> None:
    key, before = key_of(ORDERS), counts()
    sign_in(dealer.people[Role.ADMIN])

    upload(page, ORDERS)
    wait_for_worker(page, "columns/")  # one word for the kind of visit is unknown
    expect(page.locator("#mapping select[name=column_1]")).to_have_value("plate")
    odometer = page.locator("#mapping tr").filter(has=page.locator("[name=policy_odometer]"))
    column = odometer.locator("[name^=column_]")
    column.select_option("")  # who wins is asked only of what is imported
    expect(page.locator("[name=policy_odometer]")).to_be_hidden()
    column.select_option("odometer")
    expect(page.locator("[name=policy_odometer]")).to_be_visible()
    expect(page.locator("#kinds tbody tr")).to_have_count(1)
    page.locator("[name=kind_0]").select_option(Visit.Kind.OTHER)  # remembered: not asked again below
    page.get_by_role("button", name=say("Dry run")).first.click()
    wait_for_worker(page, "preview/")
    figures = page.locator(".kpi .v")
    expect(figures.first).to_have_text(str(key["visits"]))
    expect(figures.last).to_have_text(str(len(key["rejected"])))
    assert counts() == before

    write = say_many("Write %(rows)s row", "Write %(rows)s rows", 114, rows=key["accepted_rows"])
    page.get_by_role("button", name=write).click()
    wait_for_worker(page, "")
    imported = Import.objects.get()
    assert counts() == (before[0] + key["visits"], before[1] + key["vehicles"], before[2] + key["customers"])
    told = say_many("%(rows)s row written", "%(rows)s rows written", 114, rows=key["accepted_rows"])
    expect(page.locator("main")).to_contain_text(told)
    rejected = [str(entry["row"]) for entry in key["rejected"]]
    expect(page.locator("#problems tbody td:first-child").filter(has_text=rejected[0])).to_be_visible()
    assert _workbook_rows(page, tmp_path) == len(rejected)

    after = counts()
    upload(page, ORDERS)
    wait_for_worker(page, "preview/")
    expect(page.locator("main")).to_contain_text(say("Writing it again would change nothing."))
    expect(figures.first).to_have_text("0")
    page.get_by_role("button", name=say("Write anyway")).click()
    wait_for_worker(page, "")
    expect(page.locator("main")).to_contain_text(
        say("Every row that could be written was here already: nothing had to change.")
    )
    expect(page.locator("main b.fig")).to_have_text(say("Nothing new in this file"))
    assert counts() == after

    page.goto(reverse("customers:import_result", args=[imported.pk]))
    page.locator("[name=number]").fill(str(imported.pk))
    page.get_by_role("button", name=say("Take back import #%(number)s", number=imported.pk)).click()
    wait_for_worker(page, "")
    expect(page.locator("main")).to_contain_text(say("What the undo did"))
    assert counts() == before


def _workbook_rows(page: Page, folder: Path) -> int:
    """Rows of the workbook of rejected rows, below its header."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=say("Download them, correct them, import them")).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.suffix == ".xlsx"
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return sheet.max_row - 1


def test_wrong_cells_are_typed_anew_on_the_page_and_written(
    page: Page, dealer: Dealer, sign_in: SignIn, watch: Watch, tmp_path: Path
) -> None:
    sign_in(dealer.people[Role.ADMIN])
    watch.expected_statuses.add(422)
    file = tmp_path / "工单.csv"
    rows = ["WX1,粤B1234O,李海燕", "WX2,粤B123,王伟", "WX3,粤B54321,陈静"]
    file.write_text(
        "\n".join(
            ["工单号,车牌号,客户名称,开单日期,实收金额", *(f"{row},2026-05-02,100" for row in rows), ""]
        )
    )
    upload(page, file)
    wait_for_worker(page, "preview/")
    rejected = page.locator(".kpi .v").last
    expect(rejected).to_have_text("2")

    first = page.locator(".cellfix").first
    expect(first).to_have_value("粤B12340")
    first.press("Enter")
    expect(page.locator("#fix-2 [name=text]")).to_have_count(0)
    expect(page.locator("#fix-3 [name=text]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#fix-3 .err")).to_be_visible()
    page.locator("#fix-3 [name=text]").fill("粤B12399")
    page.keyboard.press("Enter")
    expect(page.locator("#fix-3 [name=text]")).to_have_count(0)
    expect(page.locator("#problem-chips")).to_contain_text(
        f"{say('Corrected here', context='rows of an import')} 2"
    )
    again = page.get_by_role("button", name=say("Dry run again"))
    expect(again).to_be_focused()
    page.locator("#fix-3").get_by_role("button", name=say("Back to the file's value")).click()
    expect(page.locator("#fix-3 [name=text]")).to_be_focused()
    page.locator("#fix-3 [name=text]").fill("粤B12399")
    page.keyboard.press("Enter")
    expect(page.locator("#fix-3 [name=text]")).to_have_count(0)

    again.click()
    wait_for_worker(page, "preview/")
    expect(rejected).to_have_text("0")
    write = say_many("Write %(rows)s row", "Write %(rows)s rows", 3, rows=3)
    page.get_by_role("button", name=write).click()
    wait_for_worker(page, "")
    plates = Visit.objects.filter(order_no__in=["WX1", "WX2"]).values_list("vehicle__plate", flat=True)
    assert sorted(plates) == ["粤B12340", "粤B12399"]


def test_amounts_that_differ_are_seen_side_by_side_and_taken_after_another_dry_run(
    page: Page, dealer: Dealer, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(dealer.people[Role.ADMIN])
    file = tmp_path / "工单.csv"

    def dry_run(amount: str) -> None:
        header, row = "工单号,车牌号,客户名称,开单日期,实收金额", f"WX1,粤B12345,李海燕,2026-05-02,{amount}"
        file.write_text(f"{header}\n{row}\n")
        upload(page, file)
        wait_for_worker(page, "preview/")

    def write() -> None:
        page.get_by_role(
            "button", name=say_many("Write %(rows)s row", "Write %(rows)s rows", 1, rows=1)
        ).click()
        wait_for_worker(page, "")

    dry_run("500")
    write()
    dry_run("501")
    fix = page.locator("#fix-2")
    expect(fix).to_contain_text("¥501")
    expect(fix.locator(".cellwarn")).to_have_text(["¥501", "¥500"])
    page.get_by_role("button", name=say("Take the amounts of the file")).click()
    wait_for_worker(page, "preview/")
    expect(page.get_by_role("button", name=say("Keep our amounts"))).to_be_visible()
    assert Visit.objects.get(order_no="WX1").paid_fen == 500_00
    write()

    assert Visit.objects.get(order_no="WX1").paid_fen == 501_00
    page.goto(reverse("customers:imports"))
    page.locator("#id_state").select_option(Import.Status.REFUSED)
    expect(page.locator("#history")).to_contain_text(say("No imports fit these filters"))
    page.locator("#id_state").select_option(Import.Status.DONE)
    expect(page.locator("#history tbody tr")).to_have_count(2)


def test_a_pdf_that_is_named_xls_is_refused_and_the_page_says_why(
    page: Page, dealer: Dealer, sign_in: SignIn, watch: Watch
) -> None:
    sign_in(dealer.people[Role.ADMIN])
    watch.expected_statuses.add(422)
    before = counts()

    upload(page, SAMPLES / "15c_其实是PDF.xls")
    run_all()

    told = say("This is not a table: a PDF, a picture or another kind of file under a table's name.")
    expect(page.locator("main [role=alert], main .al, main .err").filter(has_text=told).first).to_be_visible()
    assert counts() == before


def test_an_import_is_stopped_and_nothing_of_it_is_left(page: Page, dealer: Dealer, sign_in: SignIn) -> None:
    sign_in(dealer.people[Role.ADMIN])
    before = counts()

    upload(page, ORDERS)
    page.wait_for_url("**/progress/**")
    page.get_by_role("button", name=say("Stop and write nothing")).click()
    page.get_by_role("button", name=say("Go ahead")).click()
    page.wait_for_url("**/customers/imports/*/")

    expect(page.locator("main")).to_contain_text(say("Nothing of it was written, and the file is deleted."))
    run_all()
    imported = Import.objects.get()
    assert (imported.status, bool(imported.file), counts()) == ("cancelled", False, before)


def test_a_long_list_leaves_when_a_second_person_agrees(
    page: Page, dealer: Dealer, sign_in: SignIn, tmp_path: Path, settings: Any
) -> None:
    settings.EXPORT_ALONE_ROWS = 10
    sign_in(dealer.people[Role.ADMIN])
    page.goto(reverse("customers:list"))
    page.get_by_role("button", name=say("CSV (UTF-8)")).click()
    page.get_by_label(say("What the file is for")).fill("新年贺卡")
    page.get_by_role("button", name=say("Ask for approval")).click()
    page.wait_for_url("**/staff/exports/")
    expect(page.get_by_role("button", name=say("Approve"))).to_have_count(0)

    sign_in(dealer.people[Role.MANAGER])
    page.goto(reverse("staff:export_requests"))
    expect(page.locator("tbody")).to_contain_text("新年贺卡")
    page.get_by_role("button", name=say("Approve")).click()
    expect(page.locator("tbody .st")).to_have_text(say("Approved, being made", context="export request"))
    run_all()

    sign_in(dealer.people[Role.ADMIN])
    page.goto(reverse("staff:export_requests"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name=say("Download")).click()
    path = tmp_path / "cars.csv"
    waiting.value.save_as(path)
    lines = path.read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + sum(len(cars) for cars in dealer.cars.values())
    assert all(line.endswith(dealer.people[Role.ADMIN].username) for line in lines[1:])
