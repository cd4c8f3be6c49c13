"""What stands in the file of a list: its filters, its order, its language, its length."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Visit
from segmentation.models import VehicleSegment
from staff.models import AuditEntry, Role
from tests.campaigns.factories import SegmentFactory, car
from tests.customers.factories import (
    ComplaintFactory,
    CustomerFactory,
    VehicleFactory,
    VisitFactory,
    add_phone,
)
from tests.exports.reading import LISTS, cells, content, posted, table
from tests.staff.factories import MembershipFactory, StoreFactory, UserFactory


def grown(store, count):
    for _ in range(count):
        VisitFactory(vehicle=car(store, c3="development"))
        ComplaintFactory(vehicle=VehicleFactory(owner__home_store=store))


def test_a_file_of_several_stores_stands_in_each_ones_trail(store, other_store):
    boss = UserFactory()
    for place in (store, other_store):
        MembershipFactory(user=boss, store=place, role=Role.MANAGER)
        VisitFactory(vehicle__owner__home_store=place)
    VisitFactory()  # a third store's, which could leak
    client = Client()
    client.force_login(boss)
    client.post(reverse("staff:switch_store"), {"store": "all"})
    response = client.post(reverse("customers:visits_export"), {"format": "csv"})

    assert len(cells(content(response), "csv")) == 3
    entries = AuditEntry.objects.filter(action="export").order_by("store__code")
    assert [(entry.store, entry.detail["rows"]) for entry in entries] == [(store, 2), (other_store, 2)]


def test_the_filters_of_the_page_are_those_of_the_file(manager, store):
    today = timezone.localdate()
    seen = VisitFactory(vehicle__owner__home_store=store, visited_on=today, kind=Visit.Kind.REPAIR)
    VisitFactory(vehicle__owner__home_store=store, visited_on=today)
    VisitFactory(
        vehicle__owner__home_store=store, visited_on=today - timedelta(days=31), kind=Visit.Kind.REPAIR
    )

    rows = table(posted(manager, reverse("customers:visits_export"), kind="repair", period="month"))

    assert [row["Order number"] for row in rows] == [seen.order_no]


def test_the_address_on_the_page_carries_the_filters_but_not_the_place_in_the_list(manager, store):
    VisitFactory(vehicle__owner__home_store=store)
    client = Client()
    client.force_login(manager)
    page = client.get(reverse("customers:visits"), {"kind": "maintenance", "after": "2027-01-01_99"})

    assert f'action="{reverse("customers:visits_export")}?kind=maintenance"' in page.content.decode()


def test_complaints_and_cars_follow_their_filters(manager, store):
    vehicle = VehicleFactory(owner__home_store=store)
    ComplaintFactory(vehicle=vehicle, text="开着的")
    ComplaintFactory(vehicle=vehicle, text="关了的", closed_on=date(2026, 5, 3))
    VehicleFactory(owner__home_store=store, model="GL8 陆上公务舱")
    url = reverse("customers:complaints_export")

    assert [row["Complaint"] for row in table(posted(manager, url))] == ["开着的"]
    assert [row["Complaint"] for row in table(posted(manager, url, state="closed"))] == ["关了的"]
    cars = table(posted(manager, reverse("customers:list_export"), model="GL8"))
    assert [row["Model"] for row in cars] == ["GL8 陆上公务舱"]


def test_values_are_typed_and_exact(manager, store):
    VisitFactory(vehicle__owner__home_store=store, paid_fen=-128_650, odometer_km=41_260, order_no="=WX1")

    head, row = cells(content(posted(manager, reverse("customers:visits_export"), "xlsx")), "xlsx")
    found = dict(zip(head, row, strict=True))

    assert found["Paid (yuan)"] == -1286.5
    assert found["Odometer (km)"] == 41_260
    assert found["Date"].date() == date(2026, 5, 1)
    assert found["Order number"] == "'=WX1"


def test_headings_are_in_the_readers_language(manager, store):
    VisitFactory(vehicle__owner__home_store=store)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(manager)
    response = client.post(reverse("customers:visits_export"), {"format": "xlsx"})

    assert cells(content(response), "xlsx")[0][:3] == ["Date", "Plate", "Owner that day"]
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert "attachment" in response.headers["Content-Disposition"]


def test_the_file_is_named_for_store_list_and_day(manager, store):
    store.name = '广/邦"店'
    store.save()
    response = posted(manager, reverse("customers:visits_export"), "gb18030")

    name = response.filename
    assert name == f"广_邦_店-Visits-{timezone.localdate():%Y-%m-%d}.csv"
    assert response.headers["Content-Type"] == "text/csv; charset=gb18030"
    assert content(response).decode("gb18030")


@pytest.mark.parametrize(("rows", "status"), [(2, 200), (3, 302)])
def test_a_list_longer_than_a_file_is_sent_back_with_the_reason(manager, store, settings, rows, status):
    settings.EXPORT_MAX_ROWS = 2
    VisitFactory.create_batch(rows, vehicle__owner__home_store=store)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(manager)
    response = client.post(reverse("customers:visits_export") + "?kind=maintenance", {"format": "csv"})

    assert response.status_code == status
    assert AuditEntry.objects.filter(action="export").count() == (status == 200)
    if status == 302:
        assert response.headers["Location"] == reverse("customers:visits") + "?kind=maintenance"
        assert "more than 2 rows" in client.get(response.headers["Location"]).content.decode()


def test_an_unknown_format_is_the_workbook(manager, store):
    assert cells(content(posted(manager, reverse("customers:visits_export"), "exe")), "xlsx")


@pytest.mark.parametrize("name", ["customers", "visits", "complaints", "segments", "people", "audit"])
@pytest.mark.parametrize("count", [2, 9])
def test_queries_do_not_grow_with_the_rows(
    store, manager, admin_user, django_assert_max_num_queries, name, count
):
    grown(store, count)
    MembershipFactory.create_batch(count, store=store)
    for entry in range(count):
        AuditEntry.objects.create(store=store, user=manager, action="customer.edit", detail={"n": entry})
    kwargs = {"family": "c3", "key": "development"} if name == "segments" else {}
    url = reverse(f"{LISTS[name][0]}_export", kwargs=kwargs)
    client = Client()
    client.force_login(admin_user if name in ("people", "audit") else manager)
    # Session, user, roles, stores, count, rows, what each portion needs besides, the audit line with its transaction.
    with django_assert_max_num_queries(14):
        response = client.post(url, {"format": "csv"})

    assert len(cells(content(response), "csv")) > count


def test_rows_come_in_portions(store, manager, monkeypatch):
    """Memory holds a portion, whatever the length of the list; the order is kept across them."""
    monkeypatch.setattr("staff.exports.columns.PORTION", 2)
    for number in range(5):
        SegmentFactory(vehicle=VehicleFactory(owner__home_store=store, plate=f"粤B0000{number}"))
    add_phone(CustomerFactory(home_store=StoreFactory()), "13900001234")
    rows = table(posted(manager, reverse("customers:list_export")))

    assert [row["Plate"] for row in rows] == [f"粤B0000{number}" for number in (4, 3, 2, 1, 0)]
    assert {row["Group"] for row in rows} == {"Profitable-loyal"}
    assert VehicleSegment.objects.count() == 5
