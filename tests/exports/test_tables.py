"""Small tables on the admin site: out and in again unchanged, guarded, confirmed, audited, for superusers only."""

import io
import re
import zipfile
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from callcenter.models import SlotPlan
from staff.models import AuditEntry, Membership, Role, Store, User
from staff.services import LockedOut, keep_a_superuser
from staff.tables import TABLE_FORMATS, CsvTable, NotATable, XlsxTable
from tests.campaigns.factories import rules
from tests.exports.reading import FORMATS, cells
from tests.staff.factories import MembershipFactory, StoreFactory, UserFactory

TABLES = ["staff_store", "staff_user", "staff_membership", "callcenter_slotplan"]


@pytest.fixture
def boss(db):
    cache.clear()
    return UserFactory(username="boss", is_superuser=True, is_staff=True)


@pytest.fixture
def browser(boss):
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(boss)
    return client


@pytest.fixture
def group(db):
    first, second = StoreFactory(code="GB", name="=1+1 店", address="-2 楼"), StoreFactory(code="NS")
    MembershipFactory(user__username="liu", user__full_name="@刘", store=first, role=Role.AGENT)
    MembershipFactory(user__username="chen", store=second, role=Role.MANAGER)
    SlotPlan.objects.create(store=first, hours=["09:00", "14:30"], capacity=3)
    return first, second


def exported(browser, name, form, resource=""):
    fields = {f"{resource}_{field}": "on" for field in FIELDS[name]}
    data = {"format": str(FORMATS.index(form)), "resource": "0", **fields}
    response = browser.post(reverse(f"admin:{name}_export"), data)
    assert response.headers.get("Content-Disposition", "").startswith("attachment"), response.content[:2000]
    return response.content


FIELDS = {
    "staff_store": ("code", "name", "address", "is_active"),
    "staff_user": ("username", "full_name", "email", "is_active"),
    "staff_membership": ("user", "store", "role"),
    "callcenter_slotplan": ("store", "hours", "capacity"),
    "segmentation_ruleset": ("store", "version", "cells"),
}
RESOURCES = {
    "staff_store": "storetable",
    "staff_user": "usertable",
    "staff_membership": "membershiptable",
    "callcenter_slotplan": "slotplantable",
    "segmentation_ruleset": "rulesettable",
}


def imported(browser, name, body, form):
    """The page that shows what would change, and the answer to its confirmation."""
    file = SimpleUploadedFile("table", body)
    data = {"import_file": file, "format": str(FORMATS.index(form)), "resource": "0"}
    shown = browser.post(reverse(f"admin:{name}_import"), data)
    confirm = shown.context.get("confirm_form")
    if confirm is None:
        return shown, None
    return shown, browser.post(reverse(f"admin:{name}_process_import"), confirm.initial)


def everything():
    return [list(model.objects.order_by("pk").values_list()) for model in (Store, User, Membership, SlotPlan)]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", TABLES)
def test_what_went_out_comes_in_unchanged(browser, group, name, form):
    body = exported(browser, name, form, RESOURCES[name])
    before = everything()
    _shown, done = imported(browser, name, body, form)

    assert done.status_code == 302
    # Signing in changed the superuser before the export; importing changes nobody.
    assert everything() == before
    entry = AuditEntry.objects.get(action="table.import")
    assert (entry.detail["added"], entry.detail["updated"], entry.detail["which"]) == (0, 0, [])
    assert entry.detail["unchanged"] == len(cells(body, form)) - 1 > 0
    assert AuditEntry.objects.get(action="export").detail["rows"] == entry.detail["unchanged"]


@pytest.mark.parametrize("form", FORMATS)
def test_formulas_are_guarded(browser, group, form):
    rows = cells(exported(browser, "staff_store", form, "storetable"), form)

    assert ["GB", "'=1+1 店", "'-2 楼", "1"] in rows


def test_nothing_is_written_before_the_confirmation(browser, group):
    body = "code,name,address,is_active\nGB,广邦店,,1\nZZ,新店,,1\n".encode()
    data = {"import_file": SimpleUploadedFile("x", body), "format": "1", "resource": "0"}
    browser.post(reverse("admin:staff_store_import"), data)

    assert not Store.objects.filter(code="ZZ").exists()
    assert not AuditEntry.objects.filter(action="table.import").exists()

    imported(browser, "staff_store", body, "csv")

    assert Store.objects.get(code="GB").name == "广邦店"
    assert Store.objects.get(code="ZZ").name == "新店"
    assert AuditEntry.objects.get(action="table.import").detail == {
        "list": "staff.store",
        "added": 1,
        "updated": 1,
        "unchanged": 0,
        "which": ["GB", "ZZ"],
    }


def test_the_audit_names_what_was_written_up_to_twenty(browser, group):
    imported(browser, "staff_membership", b"user,store,role\nliu,GB,agent\nliu,NS,agent\n", "csv")
    imported(
        browser, "staff_store", "".join(["code,name\n", *(f"S{n},店\n" for n in range(25))]).encode(), "csv"
    )

    roles, stores = AuditEntry.objects.filter(action="table.import").order_by("pk")
    assert roles.detail["which"] == ["liu · NS"]
    assert stores.detail["which"] == [f"S{n}" for n in range(20)]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("staff_store", "code,name,address,is_active\nGB,好,,1\nbad code!,店,,1\n"),
        ("staff_membership", "user,store,role\nliu,GB,king\n"),
        ("staff_membership", "user,store,role\nnobody,GB,agent\n"),
        ("callcenter_slotplan", "store,hours,capacity\nGB,09:00 25:00,3\n"),
        ("callcenter_slotplan", "store,hours,capacity\nGB,09:00,0\n"),
    ],
)
def test_a_row_that_does_not_fit_stops_the_whole_file(browser, group, name, body):
    before = everything()
    _shown, done = imported(browser, name, body.encode(), "csv")

    assert done is None
    assert everything() == before


@pytest.mark.parametrize(
    ("word", "active"),
    [
        ("是", True),
        (" YES ", True),
        ("True", True),
        ("１", True),
        ("否", False),
        ("no", False),
        ("FALSE", False),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_yes_and_no_are_read_in_both_languages(browser, group, word, active, before):
    Store.objects.filter(code="GB").update(is_active=before)
    imported(browser, "staff_store", f"code,is_active\nGB,{word}\n".encode(), "csv")

    assert Store.objects.get(code="GB").is_active is active


def test_a_blank_yes_or_no_keeps_what_is_there(browser, group):
    Store.objects.filter(code="GB").update(is_active=False)
    imported(browser, "staff_store", "code,name,is_active\nGB,广邦店, \nZZ,新店,\n".encode(), "csv")

    stores = Store.objects.filter(code__in=["GB", "ZZ"]).values_list("code", "name", "is_active")
    assert list(stores) == [("GB", "广邦店", False), ("ZZ", "新店", True)]


@pytest.mark.parametrize("name", ["staff_store", "staff_user"])
def test_what_is_neither_yes_nor_no_is_refused(browser, group, name):
    key = {"staff_store": "code,is_active\nGB,1\nNS,maybe\n", "staff_user": "username,is_active\nliu,maybe\n"}
    before = everything()
    shown, done = imported(browser, name, key[name].encode(), "csv")

    assert done is None
    assert "“maybe” is neither yes nor no." in shown.content.decode()
    assert everything() == before


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("staff_store", "code,name\nGB,一店\n\nNS,二店\nGB,三店\n", "“GB” stands in row 2 already."),
        ("staff_user", "username,full_name\nliu,刘\nliu,刘一\n", "“liu” stands in row 2 already."),
        (
            "staff_membership",
            "user,store,role\nliu,GB,agent\nliu,NS,agent\nliu,GB,manager\n",
            "“liu · GB” stands",
        ),
        ("callcenter_slotplan", "store,hours,capacity\nNS,09:00,3\nNS,10:00,3\n", "“NS” stands in row 2"),
    ],
)
def test_one_key_twice_is_refused(browser, group, name, body, told):
    before = everything()
    shown, done = imported(browser, name, body.encode(), "csv")

    assert done is None
    assert told in shown.content.decode()
    assert [row.number for row in shown.context["result"].invalid_rows] == [body.count("\n")]
    assert everything() == before


def test_nobody_deactivates_their_own_account(browser, group, boss):
    UserFactory(is_superuser=True)
    shown, done = imported(browser, "staff_user", b"username,is_active\nliu,0\nboss,0\n", "csv")

    assert done is None
    assert "This is your own account: somebody else must deactivate it." in shown.content.decode()
    assert User.objects.get(username="liu").is_active
    page = browser.get(reverse("admin:staff_user_change", args=[boss.pk])).context["adminform"]
    assert page.readonly_fields == ("is_active",)


def test_the_last_superuser_stays(browser, group, boss):
    """Whoever was deactivated a moment ago, in the middle of a request, does not take the last one along."""
    UserFactory(username="second", is_superuser=True)
    gone = UserFactory(is_superuser=True, is_active=False)

    keep_a_superuser(leaving=User.objects.get(username="second"), by=gone)
    User.objects.filter(pk=boss.pk).update(is_active=False)
    with pytest.raises(LockedOut) as refused:
        keep_a_superuser(leaving=User.objects.get(username="second"), by=gone)
    assert refused.value.kind == "last"


def test_what_no_longer_fits_at_the_confirmation_writes_nothing(browser, group):
    body = "code,name,is_active\nGB,新名,1\nNS,新名,1\n".encode()
    data = {"import_file": SimpleUploadedFile("x", body), "format": "1", "resource": "0"}
    confirm = browser.post(reverse("admin:staff_store_import"), data).context["confirm_form"]
    name = cache.get(f"django-import-export-{confirm.initial['import_file_name']}")
    cache.set(f"django-import-export-{confirm.initial['import_file_name']}", name.replace(b"NS,", b"N S,"))
    before = everything()

    answer = browser.post(reverse("admin:staff_store_process_import"), confirm.initial)

    assert answer.headers["Location"] == reverse("admin:staff_store_import")
    assert everything() == before
    assert not AuditEntry.objects.filter(action="table.import").exists()


def test_a_new_account_has_no_password_and_no_rights(browser, group):
    body = "username,full_name,email,is_active,is_superuser,is_staff,password\nnew,新人,,1,1,1,secret\n"
    imported(browser, "staff_user", body.encode("gb18030"), "csv")

    person = User.objects.get(username="new")
    assert (person.full_name, person.is_superuser, person.is_staff) == ("新人", False, False)
    assert (person.has_usable_password(), person.must_change_password) == (False, True)


def test_only_superusers_get_there(admin_user, manager):
    for person in (admin_user, manager):
        person.is_staff = True
        person.save()
        client = Client()
        client.force_login(person)
        for name in TABLES:
            for page in ("changelist", "export", "import"):
                assert client.get(reverse(f"admin:{name}_{page}")).status_code == 403
            assert client.post(reverse(f"admin:{name}_process_import"), {}).status_code == 403


@pytest.mark.parametrize("name", [*TABLES, "segmentation_ruleset"])
def test_the_page_that_asks_for_columns_holds_no_script(browser, group, name):
    page = browser.get(reverse(f"admin:{name}_export")).content.decode()

    assert re.findall(r"""\son\w+=|<script(?![^>]*src=)""", page) == []
    assert "admin_tables.js" in page
    assert page.count("resource-id") == len(
        browser.get(reverse(f"admin:{name}_export")).context["fields_list"][0][1]
    )


def test_columns_are_called_as_on_other_pages_and_one_is_needed(browser, group):
    page = browser.get(reverse("admin:staff_user_export")).content.decode()
    assert re.findall(r">([^<]+)</label>", page) == [
        *("username", "name (full_name)", "e-mail (email)", "active (is_active)", "Format:")
    ]

    page = browser.post(reverse("admin:staff_user_export"), {"format": "0", "resource": "0"})
    assert "Choose at least one column." in page.content.decode()


def test_rules_go_out_and_never_in(browser):
    rules()
    assert len(cells(exported(browser, "segmentation_ruleset", "csv", "rulesettable"), "csv")) == 2
    assert browser.get("/admin/segmentation/ruleset/import/").status_code in (302, 404)
    assert browser.get(reverse("admin:segmentation_ruleset_add")).status_code == 403


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (21 * 1024 * 1024))
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", None, b"a" * (1024 * 1024 + 1)])
def test_what_is_no_table_is_refused(content):
    with pytest.raises(NotATable):
        XlsxTable().create_dataset(content)


def test_bombs_long_tables_and_binary_are_refused():
    with pytest.raises(NotATable):
        XlsxTable().create_dataset(bomb())
    with pytest.raises(NotATable):
        CsvTable().create_dataset(b"a\n" + b"1\n" * 5001)
    with pytest.raises(NotATable):
        CsvTable().create_dataset(b"\xff\xff\xff")
    assert len(CsvTable().create_dataset(b"a\n" + b"1\n" * 5000)) == 5000


def problems(shown):
    """In the page's language, which is not the test's."""
    with translation.override("en"):
        return shown.context["result"].problems()


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("staff_store", "kode,name\nGB,一店\n", ["The first row lacks these columns: code"]),
        ("staff_membership", "users,role\nliu,agent\n", ["The first row lacks these columns: user, store"]),
        (
            "staff_membership",
            "user,store,role\nliu,GB,agent\n\n,,\nnobody,XX,agent\nchen,NS,king\n",
            [
                "Row 5, user: There is no user “nobody”.",
                "Row 5, store: There is no store “XX”.",
                "Row 6, role: Value 'king' is not a valid choice.",
            ],
        ),
        (
            "callcenter_slotplan",
            "\nstore,capacity\nGB,three\nNS,2.5\n",
            [
                "Row 3, cars at a time (capacity): “three” is not a whole number.",
                "Row 4, cars at a time (capacity): “2.5” is not a whole number.",
            ],
        ),
        (
            "staff_store",
            "code,is_active\nGB,maybe\n",
            [
                "Row 2, active (is_active): “maybe” is neither yes nor no. "
                "Write yes or no, true or false, 1 or 0, 是 or 否."
            ],
        ),
        ("staff_store", "code,name\nGB,一店\nGB,二店\n", ["Row 3: “GB” stands in row 2 already."]),
    ],
)
def test_what_does_not_fit_is_told_with_its_row_and_column(browser, group, name, body, told):
    shown, _done = imported(browser, name, body.encode(), "csv")

    assert problems(shown) == told
    page = unescape(shown.content.decode())
    assert [text for text in told if text not in page] == []
    assert "Traceback" not in page


def test_an_unexpected_error_shows_nothing_of_the_server(browser, group, monkeypatch, caplog):
    def fail(*_args, **_kwargs):
        raise OSError("/srv/dealer_crm/var is full")

    monkeypatch.setattr(Store, "save", fail)
    shown, done = imported(browser, "staff_store", "code,name\nGB,一店\n".encode(), "csv")

    page = shown.content.decode()
    assert done is None
    assert problems(shown) == ["Row 2: This cannot be written."]
    assert ("/srv" in page, "OSError" in page, "/srv/dealer_crm/var is full" in caplog.text) == (
        False,
        False,
        True,
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"code,name\n", "This file has no row below the headings."),
        (b"\xff\xff", "cannot be read in the chosen"),
    ],
)
def test_a_file_without_rows_still_shows_which_columns_are_wanted(browser, group, content, told):
    data = {"import_file": SimpleUploadedFile("x", content), "format": "1", "resource": "0"}
    for answer in (
        browser.get(reverse("admin:staff_store_import")),
        browser.post(reverse("admin:staff_store_import"), data),
    ):
        page = answer.content.decode()
        headings = ["code", "name", "address", "active (is_active)"]
        assert [heading for heading in headings if f"<li>{heading}</li>" not in page] == []
    assert told in page


def test_an_unreadable_file_is_told_in_plain_words(browser, group):
    data = {"import_file": SimpleUploadedFile("x", b"%PDF-1.7"), "format": "0", "resource": "0"}
    page = browser.post(reverse("admin:staff_store_import"), data).content.decode()

    assert "cannot be read in the chosen format" in page
    assert len(TABLE_FORMATS) == len(FORMATS)


def test_a_confirmation_that_came_too_late_says_so(browser, group):
    data = {"import_file_name": "gone", "original_file_name": "x", "format": "1", "resource": "0"}
    answer = browser.post(reverse("admin:staff_store_process_import"), data)

    assert answer.headers["Location"] == reverse("admin:staff_store_import")
