"""Each list as a file: whose rows, what is masked, who may, and what the audit trail says."""

from copy import deepcopy
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callcenter.models import Booking, Call
from customers.models import Complaint, Vehicle
from customers.resources import CarResource
from segmentation.models import VehicleSegment
from staff.models import AuditEntry, Role
from tests.customers.factories import (
    VehicleFactory,
)
from tests.exports.reading import FORMATS, LISTS, cells, content, posted, table
from tests.staff.factories import MembershipFactory
from tests.world import FOREIGN_TRACES, OBJECTS, Shop


def address(name, shop):
    page, filled, _roles = LISTS[name]
    return reverse(f"{page}_export", kwargs=OBJECTS[filled](shop) if filled != "-" else {})


def regroup(shop):
    """Back into the group of the address, which the calculation after an import may have taken away."""
    VehicleSegment.objects.filter(vehicle=shop.vehicle).update(c3="profitable_loyal")


def book(shop):
    """A booking of today, and calls that can be made."""
    today = timezone.localdate()
    regroup(shop)
    # Whichever of the two cars the agent has called, the other may be called: neither has an open complaint.
    Complaint.objects.filter(pk=shop.complaint.pk).update(vehicle=VehicleFactory(owner=shop.customer))
    return Booking.objects.create(
        store=shop.store,
        vehicle=shop.vehicle,
        customer=shop.customer,
        day=today,
        hour="09:00",
        seat=1,
        made_on=today,
        kept_until=Booking.last_day_kept(today),
        made_by=shop.people["agent"],
    )


@pytest.fixture(scope="module")
def shops(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        shops = {side: Shop(side) for side in ("own", "foreign")}
        for shop in shops.values():
            book(shop)
    return shops


@pytest.fixture
def shop(shops, db):
    cache.clear()
    return deepcopy(shops["own"])


@pytest.fixture
def sister(shops, db):
    return deepcopy(shops["foreign"])


@pytest.mark.parametrize("name", LISTS)
def test_every_list_holds_its_own_stores_rows_and_no_others(shop, sister, name):
    regroup(shop)
    for role in sorted(LISTS[name][2]):
        for form in FORMATS:
            response = posted(shop.people[role], address(name, shop), form)
            rows = cells(content(response), form)
            text = f"{rows} {response.headers}"

            assert [trace for trace in (*FOREIGN_TRACES, sister.store.name) if trace in text] == []
            assert len(rows) > 1, "the own store has a row in every list"
            assert all(len(row) == len(rows[0]) for row in rows)


@pytest.mark.parametrize("name", LISTS)
def test_the_sister_store_would_be_seen(shop, sister, name):
    """Negative control: in its own files the sister store's rows do show."""
    role = sorted(LISTS[name][2])[0]
    text = str(cells(content(posted(sister.people[role], address(name, sister), "csv")), "csv"))

    assert any(trace in text for trace in (*FOREIGN_TRACES, sister.store.name))


@pytest.mark.parametrize("name", LISTS)
def test_only_who_answers_for_the_store_takes_a_list_along(shop, name):
    for role in [role.value for role in Role]:
        status = posted(shop.people[role], address(name, shop)).status_code
        assert (role, status) == (role, 200 if role in LISTS[name][2] else 403)


@pytest.mark.parametrize("name", LISTS)
def test_the_menu_stands_on_the_page_for_who_may_export(shop, name):
    page, filled, roles = LISTS[name]
    url = reverse(page, kwargs=OBJECTS[filled](shop) if filled != "-" else {})
    for role in Role:
        client = Client()
        client.force_login(shop.people[role.value])
        response = client.get(url)
        if response.status_code == 200:
            shown = f'action="{address(name, shop)}?' in response.content.decode().replace(
                'export/"', 'export/?"'
            )
            assert (role.value, shown) == (role.value, role.value in roles)


@pytest.mark.parametrize("name", LISTS)
def test_every_export_is_audited(shop, name):
    role = sorted(LISTS[name][2])[0]
    response = posted(shop.people[role], address(name, shop), "gb18030")
    rows = len(cells(content(response), "gb18030")) - 1

    entry = AuditEntry.objects.get(action="export")
    assert (entry.user, entry.store) == (shop.people[role], shop.store)
    assert entry.detail == {"list": name, "format": "gb18030", "rows": rows}


def test_an_imports_file_is_known_by_its_size_and_sum(shop):
    imported = shop.imported
    rows = table(posted(shop.people["manager"], address("imports", shop)))
    row = next(row for row in rows if row["Import"] == str(imported.pk))

    assert (row["Size (bytes)"], row["SHA-256"]) == (str(imported.size), imported.sha256)
    assert (imported.size > 0, len(imported.sha256)) == (True, 64)


def in_chinese(user, url):
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    client.force_login(user)
    return client.post(url, {"format": "csv"})


def test_files_are_called_and_punctuated_as_the_chinese_pages_are(shop, settings):
    visits = in_chinese(shop.people["manager"], address("visits", shop))
    assert f"-到店记录-{timezone.localdate():%Y-%m-%d}.csv" in unquote(visits.headers["Content-Disposition"])

    people = table(in_chinese(shop.people["admin"], address("people", shop)))
    assert {row["角色"] for row in people if row["用户名"] == shop.people["agent"].username} == {
        f"{shop.store.name}：客服专员"
    }

    settings.EXPORT_ALONE_ROWS = 0
    assert "到店记录" in in_chinese(shop.people["manager"], address("visits", shop)).content.decode()


def test_a_campaigns_file_leaves_out_stores_where_the_role_may_not_export(shop, sister):
    """The page shows all stores of the campaign its reader works in."""
    boss = shop.people["manager"]
    MembershipFactory(user=boss, store=sister.store, role=Role.ADVISOR)
    shop.campaign.stores.add(sister.store)
    shop.campaign.targets.create(
        vehicle=sister.vehicle,
        customer=sister.customer,
        store=sister.store,
        c3="development",
        care_status="new",
    )

    client = Client()
    client.force_login(boss)
    client.post(reverse("staff:switch_store"), {"store": shop.store.code})
    text = str(cells(content(client.post(address("targets", shop), {"format": "csv"})), "csv"))

    assert [trace for trace in FOREIGN_TRACES if trace in text] == []
    assert list(AuditEntry.objects.filter(action="export").values_list("store", flat=True)) == [shop.store.pk]


def test_done_calls_and_another_day(shop):
    calls = address("calls", shop)
    manager = shop.people["manager"]
    # The car the agent has just called, and the one still to be called.
    assert len(table(posted(manager, calls, state="done"))) == 1
    assert [row["Plate"] for row in table(posted(manager, calls))] == [
        Call.objects.get(pk=shop.call.pk).vehicle.plate
    ]
    assert table(posted(manager, address("bookings", shop), day="2020-01-01")) == []


def test_phones_are_masked_for_everybody_and_the_vin_for_technicians(shop):
    cars = Vehicle.objects.filter(pk=shop.vehicle.pk)
    for role in Role:
        person = shop.people[role.value]
        resource = CarResource(user=person, role=role, today=timezone.localdate())
        row = dict(zip(resource.get_export_headers(), next(resource.rows(cars)), strict=True))

        assert "138 **** 1111" in row.values()
        assert (shop.vehicle.vin in row.values()) == (role != Role.TECHNICIAN)
    for name in LISTS:
        role = sorted(LISTS[name][2])[0]
        assert "13800001111" not in str(cells(content(posted(shop.people[role], address(name, shop))), "csv"))
